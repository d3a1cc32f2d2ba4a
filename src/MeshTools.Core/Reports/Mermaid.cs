using System.Globalization;
using System.Text;

namespace MeshTools.Reports;

/// <summary>The graph for what draws Mermaid. Ids are numbers of this module's own; names are only ever inside quoted labels.</summary>
internal static class Mermaid
{
    /// <summary>With more lines than this a layout in layers is a tangle, and only what is not good is drawn.</summary>
    private const int MostLines = 20;

    internal static void Write(MeshReport report, StringBuilder text)
    {
        var graph = MeshGraph.Of(report);
        GraphEdge[] edges = [.. graph.Edges.Where(edge => graph.Edges.Count <= MostLines || edge.State != ReportState.Good)];
        text.Append("```mermaid\nflowchart LR\n");
        foreach (var band in graph.Bands)
        {
            var members = graph.Nodes.Where(node => string.Equals(node.Cluster.Network, band.Network, StringComparison.Ordinal)).OrderBy(node => node.Cluster.Number);
            text.Append(CultureInfo.InvariantCulture, $"  subgraph net{band.Number}[\"{Label(GraphSvg.NetworkName(band))}\"]\n");
            foreach (var node in members)
                Node(text, node);
            text.Append("  end\n");
        }

        var bad = new List<(int Index, ReportState State)>();
        for (var i = 0; i < edges.Length; i++)
        {
            var edge = edges[i];
            text.Append(CultureInfo.InvariantCulture, $"  c{edge.From} {Line(edge)} c{edge.To}\n");
            bad.Add((i, edge.State));
        }

        text.Append("  classDef good stroke:#1a7f4b,stroke-width:1px\n  classDef warning stroke:#b26a00,stroke-width:3px\n  classDef broken stroke:#cf1f35,stroke-width:4px\n  classDef unknown stroke:#6b7483,stroke-dasharray:4 4\n");
        foreach (var group in bad.GroupBy(edge => edge.State))
            text.Append("  linkStyle ").AppendJoin(',', group.Select(edge => edge.Index)).Append(' ').Append(Style(group.Key)).Append('\n');
        text.Append("```\n\n");
        if (edges.Length < graph.Edges.Count)
        {
            var good = report.Pairs.Count(pair => pair.State == ReportState.Good);
            text.Append(CultureInfo.InvariantCulture, $"{ReportText.Count(good, "link")} {(good == 1 ? "is" : "are")} good and not drawn.\n\n");
        }
    }

    /// <summary>
    /// A quoted label in which nothing is markup: Mermaid takes <c>#35;</c> for a character (flowchart syntax, "Entity codes to escape characters"). A label that begins like a
    /// list would be refused, so that beginning is written as codes too.
    /// </summary>
    internal static string Label(string text)
    {
        var label = new StringBuilder(text.Length);
        var digits = true;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            var begins = digits;
            digits &= char.IsAsciiDigit(c);
            if (c > 127 || char.IsAsciiLetterOrDigit(c) || c is ' ' or '/' or ':' or '_' || (c is '.' or '-' && !begins))
                label.Append(c);
            else
                label.Append(CultureInfo.InvariantCulture, $"#{(int)c};");
        }

        return label.ToString();
    }

    private static void Node(StringBuilder text, GraphNode node)
    {
        var detail = GraphGeometry.DetailOf(node);
        var label = Label(ReportText.Shorten(node.Cluster.Name, 60)) + (detail.Length > 0 ? "<br/>" + Label(detail) : "") + (node.HasGateway ? "<br/>◆ " + Label("gateway: " + MeshGraph.Word(node.GatewayState)) : "");
        text.Append(CultureInfo.InvariantCulture, $"    c{node.Cluster.Number}[\"{label}\"]:::{GraphSvg.Class(node.Cluster.State)}\n");
    }

    private static string Line(GraphEdge edge) => edge switch
    {
        { State: ReportState.Broken, Finding: > 0 } => string.Create(CultureInfo.InvariantCulture, $"==\"✕ {edge.Finding}\"==>"),
        { State: ReportState.Broken } => "==>",
        { State: ReportState.Warning, Finding: > 0 } => string.Create(CultureInfo.InvariantCulture, $"-.\"! {edge.Finding}\".->"),
        { State: ReportState.Warning } => "-.->",
        { State: ReportState.Unknown, BothWays: true } => "-.-",
        { State: ReportState.Unknown } => "-.->",
        { BothWays: true } => "<-->",
        _ => "-->",
    };

    private static string Style(ReportState state) => state switch
    {
        ReportState.Good => "stroke:#1a7f4b,stroke-width:1px",
        ReportState.Warning => "stroke:#b26a00,stroke-width:2px",
        ReportState.Broken => "stroke:#cf1f35,stroke-width:4px",
        _ => "stroke:#6b7483,stroke-width:1px",
    };
}
