using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace MeshTools.Reports;

/// <summary>
/// The report as JUnit XML, in the form on which Ant's schema and Jenkins' agree, so that whoever takes test results takes it: every attribute that one of them requires, none that one forbids.
/// What is broken is a failure, a cluster that could not be asked an error, and what nobody knows is skipped. Warnings pass, and are said in the suite's output.
/// </summary>
internal static class JUnitReport
{
    internal static string Write(MeshReport report)
    {
        XElement[] suites = [.. Suites(report).Where(suite => suite.Cases.Count > 0).Select((suite, i) => Suite(report, suite, i))];
        var text = new StringBuilder();
        using (var writer = XmlWriter.Create(text, new XmlWriterSettings { OmitXmlDeclaration = true, Indent = true, NewLineChars = "\n", NewLineHandling = NewLineHandling.Replace }))
            new XElement("testsuites", suites).Save(writer);
        return "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + text + "\n";
    }

    private static IEnumerable<(string Name, IReadOnlyList<TestCase> Cases)> Suites(MeshReport report)
    {
        yield return ("Errors", [.. report.Errors.Select(error => new TestCase(Or(report.NameOf(error.Cluster), "MeshTools"), error.Id, ReportState.Broken, error.Message, error.Fix, "") { IsError = true })]);
        yield return ("Checks", [.. report.Checks.Select(check => new TestCase(
            report.NameOf(check.Cluster), $"{check.Id}{(check.Peer is { } peer ? " with " + report.NameOf(peer) : "")}{(check.Object.Length > 0 ? " " + check.Object : "")}",
            check.State, check.Message, check.Fix, check.Evidence))]);
        yield return ("Connectivity", [.. report.Calls.Select(call => new TestCase(
            report.NameOf(call.From), $"{report.NameOf(call.To)} answers", call.State, call.Hop.Length > 0 ? $"{call.Hop}: {call.Reason}" : call.Reason, call.Fix,
            $"{ReportText.Number(call.Succeeded)} of {ReportText.Count(call.Calls, "call")}{(call.Failures.Length > 0 ? "; failed: " + call.Failures : "")}") { Time = call.P50 })]);
        yield return ("Endpoint discovery", [.. report.Links.Select(link => new TestCase(
            report.NameOf(link.From), $"reads {report.NameOf(link.To)}", link.State, link.Reason, link.Fix, link.Replicas))]);
        yield return ("Gateways", [.. report.Gateways.Select(gateway => new TestCase(report.NameOf(gateway.Cluster), gateway.Name, gateway.State, gateway.Problems, "", gateway.Addresses))]);
        yield return ("Certificates", [.. report.Certificates.Select(certificate => new TestCase(
            Or(report.NameOf(certificate.Cluster), "MeshTools"), $"{certificate.Role} {Or(certificate.Subject, certificate.Source)}", certificate.State, certificate.Problems, "", certificate.Fingerprint))]);
        // Clusters about which nothing was asked are no tests.
    }

    private static XElement Suite(MeshReport report, (string Name, IReadOnlyList<TestCase> Cases) suite, int id)
    {
        var said = suite.Cases.Where(test => test.State == ReportState.Warning).Select(test => $"warning: {test.Place}: {test.Name}: {test.Text()}\n");
        return new XElement(
            "testsuite",
            new XAttribute("name", suite.Name),
            new XAttribute("package", "MeshTools"),
            new XAttribute("id", id),
            new XAttribute("tests", suite.Cases.Count),
            new XAttribute("failures", suite.Cases.Count(test => test is { State: ReportState.Broken, IsError: false })),
            new XAttribute("errors", suite.Cases.Count(test => test.IsError)),
            new XAttribute("skipped", suite.Cases.Count(test => test.State == ReportState.Unknown)),
            new XAttribute("time", Seconds(suite.Cases.Aggregate(TimeSpan.Zero, (sum, test) => sum + (test.Time ?? TimeSpan.Zero)))),
            new XAttribute("timestamp", report.Created.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture)),
            // Where a report was made is nobody's business; the schema names this for it.
            new XAttribute("hostname", "localhost"),
            new XElement("properties", new XElement("property", new XAttribute("name", "title"), new XAttribute("value", report.Title))),
            suite.Cases.Select(Case),
            new XElement("system-out", string.Concat(said)),
            new XElement("system-err", ""));
    }

    private static XElement Case(TestCase test) => new(
        "testcase",
        new XAttribute("name", test.Name),
        new XAttribute("classname", test.Place),
        new XAttribute("time", Seconds(test.Time ?? TimeSpan.Zero)),
        test.State switch
        {
            ReportState.Broken => new XElement(test.IsError ? "error" : "failure", new XAttribute("message", test.Message), new XAttribute("type", test.IsError ? test.Name : "Broken"), test.Text()),
            ReportState.Unknown => new XElement("skipped", new XAttribute("message", Or(test.Message, "nobody asked"))),
            _ => null,
        });

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Or(string text, string other) => text.Length > 0 ? text : other;

    private sealed record TestCase(string Place, string Name, ReportState State, string Message, string Fix, string Evidence)
    {
        internal bool IsError { get; init; }

        internal TimeSpan? Time { get; init; }

        internal string Text() => string.Join("\n", new[] { Message, Fix.Length > 0 ? "What to do: " + Fix : "", Evidence.Length > 0 ? "Seen: " + Evidence : "" }.Where(text => text.Length > 0));
    }
}
