using System.Globalization;
using System.Xml.Linq;

namespace MeshTools.Reports;

/// <summary>Draws the graph as inline SVG. Colours and what happens under the pointer are the style sheet's.</summary>
internal sealed class GraphSvg
{
    private const int MostBadges = 24;

    private readonly MeshReport _report;
    private readonly MeshGraph _graph;
    private readonly GraphGeometry _place;
    private readonly List<GraphPoint> _badges = [];

    internal GraphSvg(MeshReport report)
    {
        _report = report;
        _graph = MeshGraph.Of(report);
        _place = new GraphGeometry(_graph);
    }

    internal IReadOnlyList<GraphBand> Bands => _graph.Bands;

    /// <summary>A cluster under the pointer, or reached by the keyboard, keeps its own lines; the others fade.</summary>
    internal IEnumerable<string> Rules() => _graph.Nodes.Select(node => node.Cluster.Number).Select(number =>
        string.Create(CultureInfo.InvariantCulture, $"svg:has(.node.c{number}:hover) .edge:not(.c{number}),svg:has(.node.c{number}:focus-visible) .edge:not(.c{number}){{opacity:.07}}"));

    internal XElement Draw() => new(
        "svg",
        new XAttribute("viewBox", $"0 0 {N(_place.Width)} {N(_place.Height)}"),
        new XAttribute("width", N(_place.Width)),
        new XAttribute("height", N(_place.Height)),
        new XAttribute("class", _graph.IsCrowded ? "crowded" : "roomy"),
        new XAttribute("role", "group"),
        new XAttribute("aria-labelledby", "graph-title graph-text"),
        new XElement("title", new XAttribute("id", "graph-title"), "The mesh as a graph"),
        new XElement("desc", new XAttribute("id", "graph-text"), Description()),
        new XElement("defs", Enum.GetValues<ReportState>().Select(Arrowhead)),
        new XElement("g", new XAttribute("class", "bands"), _graph.Bands.SelectMany(Band)),
        new XElement("g", new XAttribute("class", "edges"), _graph.Edges.Select(Edge)),
        new XElement("g", new XAttribute("class", "nodes"), _graph.Nodes.Select(Node)),
        new XElement("g", new XAttribute("class", "badges"), _graph.Edges.Count(edge => edge.Finding > 0) <= MostBadges ? _graph.Edges.Where(edge => edge.Finding > 0).Select(Badge) : null));

    private string Description()
    {
        var networks = _graph.Bands.Count(band => band.Network.Length > 0);
        return $"{ReportText.Count(_graph.Nodes.Count, "cluster")}{(networks > 0 ? " on " + ReportText.Count(networks, "network") : "")}, {ReportText.Count(_report.Pairs.Count, "link")}. {_report.Verdict}.";
    }

    private static XElement Arrowhead(ReportState state) => new(
        "marker",
        new XAttribute("id", "arrow-" + Class(state)),
        new XAttribute("class", Class(state)),
        new XAttribute("viewBox", "0 0 10 10"),
        new XAttribute("refX", "8"),
        new XAttribute("refY", "5"),
        new XAttribute("markerUnits", "userSpaceOnUse"),
        new XAttribute("markerWidth", state == ReportState.Broken ? "15" : "9"),
        new XAttribute("markerHeight", state == ReportState.Broken ? "15" : "9"),
        new XAttribute("orient", "auto"),
        new XElement("path", new XAttribute("d", "M0,0 L10,5 L0,10 L2.5,5 z")));

    private IEnumerable<XElement> Band(GraphBand band)
    {
        var single = _graph.Bands.Count == 1;
        var (from, to) = (band.From - (single ? 0 : 0.02), band.To + (single ? 0 : 0.02));
        var radius = _graph.RingRadius + 8;
        var path = single && _graph.Nodes.Count > 2 ? Circle(radius) : Arc(radius, from, to);
        yield return new XElement(
            "path",
            new XAttribute("class", $"band n{N(band.Number % 6)}"),
            new XAttribute("d", path),
            new XAttribute("stroke-width", N((2 * _graph.NodeRadius) + 46)),
            new XElement("title", NetworkName(band)));

        // The name follows the outer rim, and is read from the left also in the lower half.
        var rim = _graph.RingRadius + _graph.NodeRadius + 13;
        var middle = (band.From + band.To) / 2;
        if (single && _graph.Nodes.Count > 2)
            middle = -Math.PI / 2;
        var half = single ? Math.PI / 2 : ((to - from) / 2) + (_graph.NodeRadius / rim) + 0.12;
        var below = Math.Sin(middle) > 0.05;
        var text = ReportText.Shorten(NetworkName(band), Math.Max(3, (int)(2 * half * rim / 7.6)));
        var id = $"rim-{N(band.Number)}";
        yield return new XElement(
            "path",
            new XAttribute("id", id),
            new XAttribute("class", "rim"),
            new XAttribute("d", below ? Arc(rim + 8, middle + half, middle - half) : Arc(rim, middle - half, middle + half)));
        yield return new XElement(
            "text",
            new XAttribute("class", $"network n{N(band.Number % 6)}"),
            new XElement("textPath", new XAttribute("href", "#" + id), new XAttribute("startOffset", "50%"), new XAttribute("text-anchor", "middle"), text));
    }

    internal static string NetworkName(GraphBand band) => band.Network.Length > 0 ? band.Network : "network unknown";

    private XElement Edge(GraphEdge edge)
    {
        var curve = _place.CurveOf(edge);
        var path = $"M{P(curve.Start)} Q{P(curve.Bend)} {P(curve.End)}";
        var line = new XElement("path", new XAttribute("class", "line"), new XAttribute("d", path), edge.BothWays ? null : new XAttribute("marker-end", $"url(#arrow-{Class(edge.State)})"));
        return new XElement(
            "g",
            new XAttribute("class", string.Create(CultureInfo.InvariantCulture, $"edge {Class(edge.State)} c{edge.From} c{edge.To}")),
            new XAttribute("role", "img"),
            new XAttribute("aria-label", edge.Title),
            new XElement("title", edge.Title),
            edge.State == ReportState.Broken ? new XElement("path", new XAttribute("class", "halo"), new XAttribute("d", path)) : null,
            line,
            new XElement("path", new XAttribute("class", "reach"), new XAttribute("d", path)));
    }

    private XElement Node(GraphNode node)
    {
        var at = _place.Of(node);
        var (name, anchor, degrees) = _place.NamePlace(node);
        var turn = degrees == 0 ? null : new XAttribute("transform", $"rotate({N(degrees)} {P(name)})");
        var detail = _graph.IsCrowded ? "" : GraphGeometry.DetailOf(node);
        var cluster = node.Cluster;
        return new XElement(
            "a",
            new XAttribute("class", string.Create(CultureInfo.InvariantCulture, $"node {Class(cluster.State)} c{cluster.Number}")),
            new XAttribute("href", "#clusters"),
            new XElement("title", string.Join("\n", new[] { cluster.Name, cluster.Network.Length > 0 ? "network " + cluster.Network : "", cluster.Platform, cluster.KubernetesVersion, cluster.Revision, MeshGraph.Word(cluster.State) }.Where(text => text.Length > 0))),
            new XElement("circle", new XAttribute("cx", N(at.X)), new XAttribute("cy", N(at.Y)), new XAttribute("r", N(_graph.NodeRadius))),
            new XElement("text", new XAttribute("class", "platform"), new XAttribute("x", N(at.X)), new XAttribute("y", N(at.Y)), Sign(cluster)),
            node.HasGateway ? Gateway(node) : null,
            new XElement("text", new XAttribute("class", "name"), new XAttribute("x", N(name.X)), new XAttribute("y", N(name.Y)), new XAttribute("text-anchor", anchor), turn, GraphGeometry.NameOf(node)),
            detail.Length > 0 ? new XElement("text", new XAttribute("class", "detail"), new XAttribute("x", N(name.X)), new XAttribute("y", N(name.Y + 16)), new XAttribute("text-anchor", anchor), detail) : null);
    }

    private XElement Gateway(GraphNode node)
    {
        var at = _place.GatewayOf(node);
        var size = Math.Clamp(_graph.NodeRadius / 2.6, 5, 9);
        return new XElement(
            "path",
            new XAttribute("class", "gateway " + Class(node.GatewayState)),
            new XAttribute("d", $"M{N(at.X)},{N(at.Y - size)} L{N(at.X + size)},{N(at.Y)} L{N(at.X)},{N(at.Y + size)} L{N(at.X - size)},{N(at.Y)} z"),
            new XElement("title", "east-west gateway: " + MeshGraph.Word(node.GatewayState)));
    }

    private XElement Badge(GraphEdge edge)
    {
        // Where there is most room to the badges that are there.
        var curve = _place.CurveOf(edge);
        var at = new[] { .5, .4, .6, .3, .7, .22, .78 }.Select(curve.At).MaxBy(point => _badges.Count == 0 ? 0 : Math.Min(56, _badges.Min(point.DistanceTo)))!;
        _badges.Add(at);
        var number = N(edge.Finding);
        return new XElement(
            "a",
            new XAttribute("class", "badge " + Class(edge.State)),
            new XAttribute("href", "#finding-" + number),
            new XAttribute("aria-label", $"{number}: {edge.Title}"),
            new XElement("title", edge.Title),
            new XElement("circle", new XAttribute("cx", N(at.X)), new XAttribute("cy", N(at.Y)), new XAttribute("r", "11")),
            new XElement("text", new XAttribute("x", N(at.X)), new XAttribute("y", N(at.Y)), number));
    }

    internal static string Class(ReportState state) => state.ToString().ToLowerInvariant();

    private static string Sign(ReportCluster cluster) => cluster.Platform switch
    {
        _ when !cluster.Known => "?",
        "Gke" => "GKE",
        "GoogleDistributedCloud" => "GDC",
        "Eks" => "EKS",
        "Aks" => "AKS",
        _ => "K8s",
    };

    private string Circle(double radius) => string.Concat(
        $"M{P(_place.Middle.Along(-Math.PI, radius))} A{N(radius)},{N(radius)} 0 1 1 {P(_place.Middle.Along(0, radius))} ",
        $"A{N(radius)},{N(radius)} 0 1 1 {P(_place.Middle.Along(-Math.PI, radius))}");

    private string Arc(double radius, double from, double to) => string.Create(
        CultureInfo.InvariantCulture,
        $"M{P(_place.Middle.Along(from, radius))} A{N(radius)},{N(radius)} 0 {(Math.Abs(to - from) > Math.PI ? 1 : 0)} {(to > from ? 1 : 0)} {P(_place.Middle.Along(to, radius))}");

    private static string P(GraphPoint point) => $"{N(point.X)},{N(point.Y)}";

    private static string N(double value) => ReportText.Number(value);
}
