using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace MeshTools.Reports;

/// <summary>
/// The report as one HTML file. It is written as a tree and never as text, so that nothing in a name can become markup; it has no script, and its content security policy lets
/// nothing run or load but its own style sheet. The file is also well-formed XML.
/// </summary>
internal static class HtmlReport
{
    private static readonly string[] Voids = ["meta", "input", "br"];

    internal static string Write(MeshReport report)
    {
        var graph = report.Clusters.Count > 0 ? new GraphSvg(report) : null;
        var style = Style(graph);
        var html = new XElement(
            "html",
            new XAttribute("lang", "en"),
            Lines(new XElement("head", Lines(
                new XElement("meta", new XAttribute("charset", "utf-8")),
                new XElement("meta", new XAttribute("http-equiv", "Content-Security-Policy"), new XAttribute("content", $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)))}'; base-uri 'none'; form-action 'none'")),
                new XElement("meta", new XAttribute("name", "viewport"), new XAttribute("content", "width=device-width, initial-scale=1")),
                new XElement("meta", new XAttribute("name", "color-scheme"), new XAttribute("content", "light dark")),
                new XElement("meta", new XAttribute("name", "generator"), new XAttribute("content", "MeshTools")),
                new XElement("title", $"{report.Title}: {report.Verdict}"),
                new XElement("style", style))),
            new XElement("body", Lines(
                HtmlParts.Header(report),
                new XElement("main", Lines(
                [
                    new XElement("div", new XAttribute("class", graph is null || report.Findings.Count == 0 ? "top one" : "top"), Lines(graph is null ? null : HtmlParts.Figure(graph), HtmlParts.Findings(report))),
                    .. ReportTables.Matrices(report).Select(HtmlParts.Matrix),
                    .. ReportTables.Of(report).Select(HtmlParts.Table),
                ])),
                new XElement("footer", $"Made by MeshTools on {report.Created.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture)}. This file loads nothing and runs no script.")))));
        foreach (var element in html.DescendantsAndSelf().Where(element => element.IsEmpty && !Voids.Contains(element.Name.LocalName)))
            element.Value = "";
        return "<!DOCTYPE html>\n" + Text(html) + "\n";
    }

    /// <summary>Each on a line of its own, so that two reports can be compared.</summary>
    internal static IEnumerable<object> Lines(params object?[] parts) => [.. parts.Where(part => part is not null).SelectMany(part => (object[])["\n", part!]), "\n"];

    private static string Style(GraphSvg? graph)
    {
        using var stream = typeof(HtmlReport).Assembly.GetManifestResourceStream("report.css")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var sheet = reader.ReadToEnd().ReplaceLineEndings("\n");
        return "\n" + sheet + string.Join('\n', graph?.Rules() ?? []) + "\n";
    }

    private static string Text(XElement html)
    {
        var text = new StringBuilder();
        using (var writer = XmlWriter.Create(text, new XmlWriterSettings { OmitXmlDeclaration = true, NewLineChars = "\n", NewLineHandling = NewLineHandling.Replace }))
            html.Save(writer);
        return text.ToString();
    }
}
