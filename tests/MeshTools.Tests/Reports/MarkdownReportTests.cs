using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using MeshTools.Reports;
using Xunit;

namespace MeshTools.Tests.Reports;

public partial class MarkdownReportTests
{
    [Fact]
    public void Eight_clusters_with_two_broken_links_show_them_before_all_else()
    {
        var lines = Lines(MeshReport.Create(ReportMesh.EightWithTwoBroken(), ReportMesh.Options));
        Assert.Equal("## ❌ Mesh report", lines[0]);
        Assert.StartsWith("**2 of 56 links are broken.** 2026-11-21 06:30 UTC", lines[2], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.StartsWith("| 1 | ❌ | gdc-factory-1 → gke-us-central1 | istiod of gdc-factory-1", StringComparison.Ordinal));
        var graph = Graph(lines);
        Assert.Equal(["  c2 ==\"✕ 1\"==> c6", "  c4 ==\"✕ 2\"==> c0"], graph.Where(line => line.Contains("==", StringComparison.Ordinal)));
        Assert.Contains("  linkStyle 0,1 stroke:#cf1f35,stroke-width:4px", graph);
        Assert.Contains("54 links are good and not drawn.", lines);
        AssertWellFormed(lines);
    }

    [Fact]
    public void A_small_mesh_is_drawn_whole()
    {
        var c = ReportMesh.Eight()[..3];
        var lines = Lines(MeshReport.Create(ReportMesh.Mesh(c, (_, _) => false), ReportMesh.Options));
        Assert.Equal(3, Graph(lines).Count(line => line.Contains("<-->", StringComparison.Ordinal)));
        Assert.DoesNotContain(lines, line => line.Contains("not drawn", StringComparison.Ordinal));
        AssertWellFormed(lines);
    }

    [Fact]
    public void Nothing_in_a_name_becomes_markup()
    {
        var lines = Lines(Hostile.Report());
        AssertWellFormed(lines);
        var text = string.Join('\n', lines.Except(Graph(lines)).Where(line => !line.StartsWith("```", StringComparison.Ordinal)));
        Assert.Empty(Tag().Matches(text).Select(match => match.Value).Except(["<details>", "<summary>", "<b>", "</b>", "</summary>", "</details>"]));
        Assert.DoesNotMatch("[`@\\[]|www\\.|://", text);
        // And what is said is still there to be read.
        Assert.Contains("`**_[x](javascript:alert(1))_**` | cell |", WebUtility.HtmlDecode(text), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1. list", "1#46; list")]
    [InlineData("- list", "#45; list")]
    [InlineData("a\"b#c<d>&`", "a#34;b#35;c#60;d#62;#38;#96;")]
    [InlineData("gke_p_europe-west1_c.d", "gke_p_europe-west1_c.d")]
    [InlineData("café ✓", "café ✓")]
    public void A_label_is_a_label(string text, string label) => Assert.Equal(label, Mermaid.Label(text));

    private static string[] Lines(MeshReport report) => report.ToText(ReportFormat.Markdown).Split('\n');

    private static string[] Graph(string[] lines)
    {
        var from = Array.IndexOf(lines, "```mermaid");
        return lines[(from + 1)..Array.IndexOf(lines, "```", from)];
    }

    // Tables have as many cells in each row as in the first, what is unfolded is folded again, and each line of the graph is one of those that there are.
    private static void AssertWellFormed(string[] lines)
    {
        var columns = 0;
        foreach (var line in lines)
        {
            if (!line.StartsWith('|'))
            {
                columns = 0;
                continue;
            }

            var cells = line.Count(c => c == '|') - 1;
            Assert.Equal(columns == 0 ? cells : columns, cells);
            columns = cells;
        }

        Assert.Equal(lines.Count(line => line.StartsWith("<details>", StringComparison.Ordinal)), lines.Count(line => line == "</details>"));
        Assert.Equal(2, lines.Count(line => line.StartsWith("```", StringComparison.Ordinal)));
        var graph = Graph(lines);
        Assert.Equal("flowchart LR", graph[0]);
        Assert.All(graph[1..], line => Assert.Matches(GraphLine(), line));
        var nodes = graph.Select(line => Node().Match(line)).Where(match => match.Success).Select(match => match.Groups["id"].Value).ToHashSet(StringComparer.Ordinal);
        var edges = graph.Select(line => EdgeLine().Match(line)).Where(match => match.Success).ToArray();
        Assert.All(edges, edge => Assert.True(nodes.Contains(edge.Groups["from"].Value) && nodes.Contains(edge.Groups["to"].Value)));
        Assert.Equal(
            Enumerable.Range(0, edges.Length),
            graph.Where(line => line.StartsWith("  linkStyle", StringComparison.Ordinal)).SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1].Split(',')).Select(n => int.Parse(n, CultureInfo.InvariantCulture)).Order());
    }

    [GeneratedRegex(
        """^(?:  subgraph net\d+\["[^"\[\]<>`{}&]+"\]|    c\d+\["(?:[^"\[\]<>`{}&]|<br/>)+"\]:::(?:good|warning|broken|unknown)|  end|  c\d+ \S+(?: \d+"\S+)? c\d+|  classDef .+|  linkStyle [\d,]+ .+)$""",
        RegexOptions.None,
        5000)]
    private static partial Regex GraphLine();

    [GeneratedRegex("""^    (?<id>c\d+)\[""", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Node();

    [GeneratedRegex("""^  (?<from>c\d+) .* (?<to>c\d+)$""", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex EdgeLine();

    [GeneratedRegex("<[^>]*>?", RegexOptions.None, 5000)]
    private static partial Regex Tag();
}
