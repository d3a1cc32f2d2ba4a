using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using MeshTools.Reports;
using Xunit;

namespace MeshTools.Tests.Reports;

public partial class HtmlReportTests
{
    [Fact]
    public void Eight_clusters_with_two_broken_links_show_them_before_all_else()
    {
        var page = Parse(MeshReport.Create(ReportMesh.EightWithTwoBroken(), ReportMesh.Options));
        Assert.Equal("✕2 of 56 links are broken.", Class(page, "verdict").Single().Value);
        var broken = Class(page, "edge").Where(edge => Has(edge, "broken") && edge.Ancestors("figcaption").FirstOrDefault() is null).ToArray();
        Assert.Equal(2, broken.Length);
        Assert.Contains(broken, edge => edge.Element("title")!.Value.StartsWith("gdc-factory-1 → gke-us-central1: broken: ", StringComparison.Ordinal));
        // Over the others, and with a direction.
        Assert.All(broken, edge => Assert.Equal("url(#arrow-broken)", Class(edge, "line").Single().Attribute("marker-end")!.Value));
        Assert.Equal(broken, broken[0].Parent!.Elements().TakeLast(2));
        // 26 pairs that are good both ways, and the good direction of the two others.
        Assert.Equal(28, Class(page, "edges").Single().Elements().Count(edge => Has(edge, "good")));
        Assert.Equal(["1", "2"], Class(page, "badge").Select(badge => badge.Element("text")!.Value).Order(StringComparer.Ordinal));
        Assert.Equal(3, Class(page, "findings").Single().Descendants("li").Count());
        Assert.Equal(3, Class(page, "band").Count());
        Assert.Equal(8, Class(page, "node").Count());
    }

    [Fact]
    public void Every_result_has_its_row()
    {
        var page = Parse(MeshReport.Create(ReportMesh.EightWithTwoBroken(), ReportMesh.Options));
        Assert.Equal(56, Rows(page, "links"));
        Assert.Equal(56, Rows(page, "calls"));
        Assert.Equal(9, Rows(page, "checks"));
        Assert.Equal(8, Rows(page, "gateways"));
        Assert.Equal(1, Rows(page, "certificates"));
        Assert.Equal(8, Rows(page, "clusters"));
        Assert.Equal(8, Rows(page, "connectivity"));
        Assert.Equal(8, Rows(page, "discovery"));
        var worst = Section(page, "links").Descendants("tbody").Elements("tr").First();
        Assert.Equal(["✕broken", "gdc-factory-1", "gke-us-central1", "timeout", "istiod-1: timeout"], worst.Elements("td").Take(5).Select(cell => cell.Value));
    }

    [Fact]
    public void Nothing_in_a_name_becomes_markup()
    {
        var report = Hostile.Report();
        var page = Parse(report);
        string[] known =
        [
            "html", "head", "meta", "title", "style", "body", "header", "div", "h1", "p", "time", "span", "strong", "ul", "li", "a", "b", "small", "fieldset", "legend", "label", "input", "main", "figure",
            "figcaption", "svg", "desc", "defs", "marker", "path", "g", "text", "textPath", "circle", "section", "h2", "ol", "table", "thead", "tbody", "tr", "th", "td", "footer",
        ];
        Assert.Empty(page.Descendants().Select(element => element.Name.LocalName).Except(known));
        Assert.DoesNotContain(page.Descendants().Attributes(), attribute => attribute.Name.LocalName.StartsWith("on", StringComparison.OrdinalIgnoreCase) || attribute.Name.LocalName is "style" or "src");
        Assert.All(page.Descendants().Attributes("href"), link => Assert.Matches("^(#|https://example\\.org/)", link.Value));
        Assert.Equal(Hostile.Names.Length, report.Clusters.Count);
        Assert.Contains("<script>alert(1)</script>", page.Value, StringComparison.Ordinal);
        // Turned and hidden characters are readable.
        Assert.Contains(@"\u{0}\u{1}\u{1B}[31m\u{202E}gnp.exe\u{FFFE}", page.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void It_loads_nothing_and_allows_nothing_but_its_own_style()
    {
        var page = Parse(Hostile.Report());
        var style = page.Descendants("style").Single().Value;
        var policy = page.Descendants("meta").Single(meta => meta.Attribute("http-equiv") is not null).Attribute("content")!.Value;
        Assert.StartsWith($"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)))}';", policy, StringComparison.Ordinal);
        // A browser reads the text of a style element as it stands, an XML parser does not.
        Assert.DoesNotMatch("[<>&]", style);
        Assert.DoesNotContain("url(", style, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", style, StringComparison.Ordinal);
    }

    [Fact]
    public void Those_who_cannot_see_or_point_find_everything()
    {
        var page = Parse(MeshReport.Create(ReportMesh.EightWithTwoBroken(), ReportMesh.Options));
        Assert.Equal("en", page.Attribute("lang")!.Value);
        string[] ids = [.. page.Descendants().Attributes("id").Select(id => id.Value)];
        Assert.Equal(ids.Distinct(StringComparer.Ordinal), ids);
        var named = page.Descendants().Attributes("aria-labelledby").SelectMany(attribute => attribute.Value.Split(' '))
            .Concat(page.Descendants().Attributes("href").Where(link => link.Value.StartsWith('#')).Select(link => link.Value[1..]));
        Assert.Empty(named.Except(ids));
        Assert.All(page.Descendants("th"), heading => Assert.NotNull(heading.Attribute("scope")));
        Assert.All(page.Descendants("input"), input => Assert.Equal("label", input.Parent!.Name.LocalName));
        // Who scrolls by keyboard must be able to get there.
        Assert.All(Class(page, "scroll").Concat(Class(page, "picture")), region => Assert.Equal("0", region.Attribute("tabindex")!.Value));
        // A state is never a colour alone.
        Assert.All(page.Descendants("td").Where(cell => Has(cell, "state")), cell => Assert.Matches("good|broken|look|unknown", cell.Value));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(11)]
    [InlineData(20)]
    [InlineData(40)]
    public void Any_number_of_clusters_is_drawn_within_the_picture(int count)
    {
        var clusters = ReportMesh.Clusters([.. Enumerable.Range(0, count).Select(i => ($"cluster-{i}", (string?)$"net-{i % 3}"))]);
        var page = Parse(MeshReport.Create([.. clusters, .. ReportMesh.Mesh(clusters, (i, j) => i == 0 && j == 1)], ReportMesh.Options));
        var picture = Class(page, "picture").Single().Element("svg")!;
        double[] box = [.. picture.Attribute("viewBox")!.Value.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
        (double X, double Y)[] places =
        [
            .. Class(picture, "node").Select(node => node.Element("circle")!).Select(circle => (
                double.Parse(circle.Attribute("cx")!.Value, CultureInfo.InvariantCulture), double.Parse(circle.Attribute("cy")!.Value, CultureInfo.InvariantCulture))),
        ];
        Assert.Equal(count, places.Length);
        Assert.All(places, place => Assert.True(place.X > 20 && place.X < box[2] - 20 && place.Y > 20 && place.Y < box[3] - 20));
        for (var i = 0; i < count; i++)
            Assert.All(places[..i], other => Assert.True(Math.Abs(other.X - places[i].X) + Math.Abs(other.Y - places[i].Y) > 20));
        Assert.DoesNotContain(picture.DescendantsAndSelf().Attributes(), attribute => attribute.Value.Contains("NaN", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_gives_a_page_too() =>
        Assert.Contains("There is nothing to report", Parse(MeshReport.Create([], ReportMesh.Options)).Value, StringComparison.Ordinal);

    private static XElement Parse(MeshReport report)
    {
        var text = report.ToText(ReportFormat.Html);
        Assert.StartsWith("<!DOCTYPE html>\n<html lang=\"en\">", text, StringComparison.Ordinal);
        // To a browser an element that closes itself is one that stays open, but for those that are always empty.
        Assert.All(SelfClosed().Matches(text), match => Assert.Contains(match.Groups["name"].Value, (string[])["meta", "input", "br"]));
        return XElement.Parse(text["<!DOCTYPE html>\n".Length..], LoadOptions.PreserveWhitespace);
    }

    private static XElement Section(XElement page, string anchor) => page.Descendants("section").Single(section => section.Attribute("aria-labelledby")?.Value == anchor);

    private static int Rows(XElement page, string anchor) => Section(page, anchor).Descendants("tbody").Elements("tr").Count();

    private static IEnumerable<XElement> Class(XElement page, string name) => page.Descendants().Where(element => Has(element, name));

    private static bool Has(XElement element, string name) => element.Attribute("class")?.Value.Split(' ').Contains(name) ?? false;

    [GeneratedRegex("<(?<name>[a-zA-Z]+)[^<>]*/>", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex SelfClosed();
}
