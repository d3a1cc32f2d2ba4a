using System.Globalization;
using System.Xml.Linq;

namespace MeshTools.Reports;

/// <summary>The parts of the page.</summary>
internal static class HtmlParts
{
    internal static XElement Header(MeshReport report) => new("header", HtmlReport.Lines(
        new XElement(
            "div",
            new XAttribute("class", "head"),
            new XElement("h1", report.Title),
            new XElement("p", new XAttribute("class", "when"), new XElement("time", new XAttribute("datetime", report.Created.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)), report.Created.ToString("d MMMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture)))),
        new XElement("p", new XAttribute("class", "verdict " + GraphSvg.Class(report.State)), Mark(report.State), new XElement("strong", report.Verdict + ".")),
        new XElement("ul", new XAttribute("class", "counts"), Counts(report)),
        new XElement(
            "div",
            new XAttribute("class", "choices"),
            new XElement("fieldset", new XElement("legend", "Colours"), Choice("auto", "as the system", chosen: true), Choice("light", "light"), Choice("dark", "dark")),
            new XElement("label", new XElement("input", new XAttribute("type", "checkbox"), new XAttribute("id", "only")), "Only what is not good"))));

    internal static XElement Figure(GraphSvg graph) => new("figure", HtmlReport.Lines(
        new XElement("div", new XAttribute("class", "picture"), new XAttribute("tabindex", "0"), new XAttribute("role", "region"), new XAttribute("aria-label", "The mesh as a graph"), graph.Draw()),
        new XElement("figcaption", HtmlReport.Lines(
            new XElement("ul", new XAttribute("class", "legend"), HtmlReport.Lines(
                Key("good", "M1,8 H31", "works, both ways"),
                Key("broken", "M1,8 H23", "broken, in this direction", "arrow-broken"),
                Key("warning", "M1,8 H26", "needs a look", "arrow-warning"),
                Key("unknown", "M1,8 H31", "unknown"),
                new XElement("li", new XElement("svg", Small(), new XElement("path", new XAttribute("class", "gateway good"), new XAttribute("d", "M16,1 L23,8 L16,15 L9,8 z"))), "east-west gateway"))),
            new XElement("ul", new XAttribute("class", "legend networks"), graph.Bands.Select(band =>
                new XElement("li", new XElement("span", new XAttribute("class", "swatch n" + (band.Number % 6).ToString(CultureInfo.InvariantCulture)), ""), GraphSvg.NetworkName(band)))),
            new XElement("p", "An arrow leads from the cluster that reads or calls to the one that is read or called. A cluster under the pointer, or reached with the Tab key, shows its own lines alone.")))));

    internal static XElement? Findings(MeshReport report) => report.Findings.Count == 0 ? null : new XElement(
        "section",
        new XAttribute("class", "findings"),
        new XAttribute("aria-labelledby", "findings"),
        HtmlReport.Lines(
            new XElement("h2", new XAttribute("id", "findings"), "What needs attention"),
            new XElement("ol", HtmlReport.Lines([.. report.Findings.Select(Finding)]))));

    internal static XElement Table(ReportTable table) => Section(table.Anchor, table.Title, table.Anchor is "errors" or "others" ? "" : Sum(table.Rows.Select(row => row.State)), new XElement(
        "table",
        new XElement("thead", new XElement("tr", table.Columns.Prepend("State").Select(Heading))),
        new XElement("tbody", HtmlReport.Lines([.. table.Rows.Select(Row)]))));

    internal static XElement Matrix(ReportMatrix matrix)
    {
        var cells = matrix.Clusters.SelectMany(from => matrix.Clusters.Select(to => matrix.Cell(from.Number, to.Number))).OfType<ReportCell>();
        return Section(matrix.Anchor, matrix.Title, Sum(cells.Select(cell => cell.State)), new XElement(
            "table",
            new XAttribute("class", matrix.Clusters.Count > 6 ? "matrix narrow" : "matrix"),
            new XElement("thead", new XElement("tr", new XElement("td", matrix.Corner), matrix.Clusters.Select(to => new XElement("th", new XAttribute("scope", "col"), new XElement("span", to.Name))))),
            new XElement("tbody", HtmlReport.Lines([.. matrix.Clusters.Select(from => new XElement(
                "tr",
                new XElement("th", new XAttribute("scope", "row"), from.Name),
                matrix.Clusters.Select(to => Cell(matrix.Cell(from.Number, to.Number), from.Number == to.Number))))]))));
    }

    private static IEnumerable<XElement> Counts(MeshReport report)
    {
        var networks = report.Clusters.Select(cluster => cluster.Network).Where(network => network.Length > 0).Distinct(StringComparer.Ordinal).Count();
        yield return Count("clusters", report.Clusters.Count, "cluster", networks > 0 ? "on " + ReportText.Count(networks, "network") : "");
        if (report.Pairs.Count > 0)
            yield return Count(report.Calls.Count > 0 ? "connectivity" : "discovery", report.Pairs.Count, "link", Sum(report.Pairs.Select(pair => pair.State)));
        if (report.Checks.Count > 0)
            yield return Count("checks", report.Checks.Count, "check", Sum(report.Checks.Select(check => check.State)));
        if (report.Gateways.Count > 0)
            yield return Count("gateways", report.Gateways.Count, "gateway", Sum(report.Gateways.Select(gateway => gateway.State)));
        if (report.Certificates.Count > 0)
            yield return Count("certificates", report.Certificates.Count, "certificate", Sum(report.Certificates.Select(certificate => certificate.State)));
        if (report.Errors.Count > 0)
            yield return Count("errors", report.Errors.Count, "error", "");
    }

    private static XElement Count(string anchor, int count, string one, string rest) => new(
        "li", new XElement("a", new XAttribute("href", "#" + anchor), new XElement("b", ReportText.Number(count)), " " + one + (count == 1 ? "" : "s"), rest.Length > 0 ? new XElement("small", rest) : null));

    /// <summary>"54 good, 2 broken".</summary>
    private static string Sum(IEnumerable<ReportState> states) => string.Join(", ", states.GroupBy(state => state).OrderBy(group => group.Key)
        .Select(group => $"{ReportText.Number(group.Count())} {(group.Key == ReportState.Warning && group.Count() > 1 ? "need a look" : MeshGraph.Word(group.Key))}"));

    private static XElement Choice(string id, string text, bool chosen = false) => new(
        "label",
        new XElement("input", new XAttribute("type", "radio"), new XAttribute("name", "colours"), new XAttribute("id", id), chosen ? new XAttribute("checked", "checked") : null),
        text);

    private static XElement Finding(ReportFinding finding) => new(
        "li",
        new XAttribute("id", "finding-" + ReportText.Number(finding.Number)),
        new XAttribute("class", GraphSvg.Class(finding.State)),
        new XElement("p", new XElement("span", new XAttribute("class", "visually-hidden"), MeshGraph.Word(finding.State) + ": "), new XElement("strong", finding.Where)),
        new XElement("p", finding.What),
        finding.Fix.Length > 0 ? new XElement("p", new XAttribute("class", "fix"), finding.Fix) : null);

    private static XElement Section(string anchor, string title, string sum, XElement table) => new(
        "section",
        new XAttribute("aria-labelledby", anchor),
        HtmlReport.Lines(
            new XElement("h2", new XAttribute("id", anchor), title, new XElement("small", sum)),
            new XElement("div", new XAttribute("class", "scroll"), new XAttribute("tabindex", "0"), new XAttribute("role", "region"), new XAttribute("aria-labelledby", anchor), table)));

    private static XElement Heading(string text) => new("th", new XAttribute("scope", "col"), text);

    private static XElement Row(ReportRow row) => new(
        "tr",
        new XAttribute("class", GraphSvg.Class(row.State)),
        new XElement("td", new XAttribute("class", "state"), Mark(row.State), MeshGraph.Word(row.State)),
        row.Cells.Select((cell, i) => new XElement("td", i == 0 && row.Page.Length > 0
            ? new XElement("a", new XAttribute("href", row.Page), new XAttribute("rel", "noreferrer"), cell)
            : cell)));

    private static XElement Cell(ReportCell? cell, bool self) => cell is null
        ? new XElement("td", new XAttribute("class", "none"), self ? "–" : "")
        : new XElement(
            "td",
            new XAttribute("class", GraphSvg.Class(cell.State)),
            cell.Details.Length > 0 ? new XAttribute("title", cell.Details) : null,
            Mark(cell.State),
            new XElement("span", cell.Text));

    private static XElement Mark(ReportState state) => new("span", new XAttribute("class", "mark " + GraphSvg.Class(state)), new XAttribute("aria-hidden", "true"), state switch
    {
        ReportState.Good => "✓",
        ReportState.Warning => "!",
        ReportState.Broken => "✕",
        _ => "?",
    });

    private static XElement Key(string state, string line, string text, string? marker = null) => new("li", new XElement("svg", Small(), new XElement(
        "g",
        new XAttribute("class", "edge " + state),
        new XElement("path", new XAttribute("class", "line"), new XAttribute("d", line), marker is null ? null : new XAttribute("marker-end", $"url(#{marker})")))), text);

    private static XAttribute[] Small() => [new("width", "32"), new("height", "16"), new("viewBox", "0 0 32 16"), new("aria-hidden", "true")];
}
