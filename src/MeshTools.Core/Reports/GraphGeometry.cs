namespace MeshTools.Reports;

internal sealed record GraphPoint(double X, double Y)
{
    internal GraphPoint Along(double angle, double distance) => new(X + (distance * Math.Cos(angle)), Y + (distance * Math.Sin(angle)));

    internal double DistanceTo(GraphPoint other) => Math.Sqrt(((X - other.X) * (X - other.X)) + ((Y - other.Y) * (Y - other.Y)));
}

/// <summary>A line with one bend: a quadratic Bézier curve.</summary>
internal sealed record GraphCurve(GraphPoint Start, GraphPoint Bend, GraphPoint End)
{
    internal GraphPoint At(double t) => new(
        ((1 - t) * (1 - t) * Start.X) + (2 * t * (1 - t) * Bend.X) + (t * t * End.X),
        ((1 - t) * (1 - t) * Start.Y) + (2 * t * (1 - t) * Bend.Y) + (t * t * End.Y));
}

/// <summary>Where things are drawn, in the units of the picture.</summary>
internal sealed class GraphGeometry
{
    private const double NameWidth = 9.4;
    private const double DetailWidth = 7.2;

    private readonly MeshGraph _graph;

    internal GraphGeometry(MeshGraph graph)
    {
        _graph = graph;
        var around = graph.RingRadius + graph.NodeRadius + 52;
        var names = graph.Nodes.Select(node => NameOf(node).Length * NameWidth).DefaultIfEmpty(0).Max();
        var texts = Math.Max(names, graph.IsCrowded ? 0 : graph.Nodes.Select(node => DetailOf(node).Length * DetailWidth).DefaultIfEmpty(0).Max());
        var (x, y) = graph.IsCrowded ? (around + texts, around + texts) : (around + texts + 6, around + 46);
        // Two clusters side by side need no circle's height.
        if (graph.Nodes.Count <= 2)
            y = graph.NodeRadius + 110;
        Width = Math.Ceiling(2 * x);
        Height = Math.Ceiling(2 * y);
        Middle = new GraphPoint(Width / 2, Height / 2);
    }

    internal double Width { get; }

    internal double Height { get; }

    internal GraphPoint Middle { get; }

    internal GraphPoint Of(GraphNode node) => Middle.Along(node.Angle, _graph.RingRadius);

    internal GraphPoint GatewayOf(GraphNode node) => Middle.Along(node.Angle, _graph.RingRadius - _graph.NodeRadius - 12);

    /// <summary>Where a name stands, and how it is anchored and turned.</summary>
    internal (GraphPoint At, string Anchor, double Degrees) NamePlace(GraphNode node)
    {
        var cosine = Math.Cos(node.Angle);
        var at = Middle.Along(node.Angle, _graph.RingRadius + _graph.NodeRadius + 46);
        if (_graph.IsCrowded)
        {
            var degrees = node.Angle * 180 / Math.PI;
            return cosine >= -0.001 ? (at, "start", degrees) : (at, "end", degrees + 180);
        }

        var anchor = cosine > 0.2 ? "start" : cosine < -0.2 ? "end" : "middle";
        // Two lines: above the circle they grow upwards, below downwards.
        return (at with { Y = at.Y - 4 + (Math.Sin(node.Angle) * 16) }, anchor, 0);
    }

    internal static string NameOf(GraphNode node) => ReportText.Shorten(node.Cluster.Name, 28);

    internal static string DetailOf(GraphNode node) => ReportText.Shorten(
        string.Join(" · ", new[] { node.Cluster.KubernetesVersion, node.Cluster.Revision }.Where(text => text.Length > 0)) is { Length: > 0 } text ? text : node.Cluster.Known ? "" : "not given", 36);

    internal GraphCurve CurveOf(GraphEdge edge)
    {
        var (from, to) = (_graph.Nodes[edge.From], _graph.Nodes[edge.To]);
        // Two directions part to either side; each keeps to its own right.
        var side = edge.BothWays ? 0 : 1;
        var inner = _graph.RingRadius - _graph.NodeRadius;
        var spread = side * Math.Min(7, _graph.NodeRadius / 3) / Math.Max(inner, 1);
        var (start, end) = (Middle.Along(from.Angle + spread, inner - Distance(from)), Middle.Along(to.Angle - spread, inner - Distance(to)));
        var (dx, dy) = (end.X - start.X, end.Y - start.Y);
        var length = Math.Max(1, Math.Sqrt((dx * dx) + (dy * dy)));
        var middle = new GraphPoint((start.X + end.X) / 2, (start.Y + end.Y) / 2);
        var bow = side * Math.Min(18, length / 8);
        var bend = new GraphPoint(
            Middle.X + ((middle.X - Middle.X) * 0.3) + (dy / length * bow),
            Middle.Y + ((middle.Y - Middle.Y) * 0.3) - (dx / length * bow));
        return new GraphCurve(start, bend, end);
    }

    private static double Distance(GraphNode node) => node.HasGateway ? 24 : 7;
}
