using MeshTools.Clusters;

namespace MeshTools.Reports;

/// <summary>A cluster's place in the graph; angles are in radians, clockwise from the right.</summary>
internal sealed record GraphNode(ReportCluster Cluster, double Angle, bool HasGateway, ReportState GatewayState);

/// <summary>The clusters of one network, side by side.</summary>
internal sealed record GraphBand(string Network, double From, double To, int Number);

/// <summary>A line from a cluster to another: one direction, or both when they are equally good.</summary>
internal sealed record GraphEdge(int From, int To, ReportState State, bool BothWays, string Title, int Finding);

/// <summary>
/// The mesh on a circle: clusters of one network side by side, lines bent towards the middle. What is as it should be is one thin line for both directions, so that what is not
/// stands out among hundreds of links; only then do directions get a line of their own.
/// </summary>
internal sealed class MeshGraph
{
    private const double FullCircle = 2 * Math.PI;

    private MeshGraph(IReadOnlyList<GraphNode> nodes, IReadOnlyList<GraphBand> bands, IReadOnlyList<GraphEdge> edges, double nodeRadius, double ringRadius)
    {
        Nodes = nodes;
        Bands = bands;
        Edges = edges;
        NodeRadius = nodeRadius;
        RingRadius = ringRadius;
    }

    /// <summary>By number of cluster.</summary>
    internal IReadOnlyList<GraphNode> Nodes { get; }

    internal IReadOnlyList<GraphBand> Bands { get; }

    /// <summary>The good ones first, so that the others lie over them.</summary>
    internal IReadOnlyList<GraphEdge> Edges { get; }

    internal double NodeRadius { get; }

    internal double RingRadius { get; }

    /// <summary>Whether the names stand along the radius, because there are too many for lines of text.</summary>
    internal bool IsCrowded => Nodes.Count > 10;

    internal static MeshGraph Of(MeshReport report)
    {
        var clusters = report.Clusters;
        var groups = clusters.GroupBy(cluster => cluster.Network, StringComparer.Ordinal)
            .OrderBy(group => group.Key.Length == 0).ThenBy(group => group.Key, NaturalOrder.Comparer).Select(group => group.ToArray()).ToArray();
        var gap = groups.Length > 1 ? 0.6 : 0;
        var slots = clusters.Count + (groups.Length * gap);
        var step = FullCircle / Math.Max(1, slots);
        var radius = clusters.Count switch { <= 8 => 27.0, <= 14 => 22.0, <= 24 => 17.0, _ => 12.0 };
        var slot = clusters.Count <= 8 ? (2 * radius) + 46 : (2 * radius) + 20;
        var least = clusters.Count switch { <= 1 => 60.0, 2 => 130.0, 3 => 150.0, _ => 200.0 };
        var ring = Math.Max(least, slot * slots / FullCircle);

        var nodes = new GraphNode[clusters.Count];
        var bands = new List<GraphBand>();
        // Two side by side, three and more from the top.
        var at = clusters.Count == 2 ? Math.PI : -Math.PI / 2;
        if (groups.Length > 1)
            at = (-Math.PI / 2) + (step * (1 + gap) / 2);
        if (clusters.Count == 2 && groups.Length > 1)
            at = Math.PI;
        foreach (var group in groups)
        {
            var first = at;
            foreach (var cluster in group)
            {
                nodes[cluster.Number] = Place(report, cluster, at);
                at += step;
            }

            var rim = Math.Min(0.16, step * gap / 4);
            bands.Add(new GraphBand(group[0].Network, first - rim, at - step + rim, bands.Count));
            at += step * gap;
        }

        return new MeshGraph(nodes, bands, [.. Lines(report).OrderBy(edge => edge.State)], radius, ring);
    }

    private static GraphNode Place(MeshReport report, ReportCluster cluster, double angle)
    {
        ReportGateway[] gateways = [.. report.Gateways.Where(gateway => gateway.Cluster == cluster.Number && !gateway.IsRemoved)];
        return new GraphNode(cluster, angle, gateways.Length > 0, gateways.Length > 0 ? gateways.Max(gateway => gateway.State) : ReportState.Good);
    }

    private static IEnumerable<GraphEdge> Lines(MeshReport report)
    {
        var pairs = report.Pairs.ToDictionary(pair => (pair.From, pair.To));
        foreach (var pair in report.Pairs)
        {
            if (pair.State <= ReportState.Unknown && pairs.GetValueOrDefault((pair.To, pair.From))?.State == pair.State)
            {
                if (pair.From < pair.To)
                    yield return new GraphEdge(pair.From, pair.To, pair.State, BothWays: true, $"{report.NameOf(pair.From)} ↔ {report.NameOf(pair.To)}: {Word(pair.State)}", 0);
                continue;
            }

            var title = $"{ReportFindings.Arrow(report, pair.From, pair.To)}: {Word(pair.State)}{(pair.Reason.Length > 0 ? ": " + pair.Reason : "")}";
            yield return new GraphEdge(pair.From, pair.To, pair.State, BothWays: false, title, pair.State <= ReportState.Unknown ? 0 : ReportFindings.NumberOf(report, pair));
        }
    }

    internal static string Word(ReportState state) => state switch
    {
        ReportState.Good => "good",
        ReportState.Warning => "needs a look",
        ReportState.Broken => "broken",
        _ => "unknown",
    };
}
