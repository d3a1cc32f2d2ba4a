using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;
using MeshTools.Discovery;
using MeshTools.Reports;
using Xunit;

namespace MeshTools.Tests.Reports;

public class JUnitReportTests
{
    [Fact]
    public void Results_become_tests_that_every_reader_takes()
    {
        var suites = Parse(MeshReport.Create(ReportMesh.EightWithTwoBroken(), ReportMesh.Options));
        Assert.Equal(["Checks", "Connectivity", "Endpoint discovery", "Gateways", "Certificates"], suites.Elements("testsuite").Select(suite => suite.Attribute("name")!.Value));
        var calls = suites.Elements("testsuite").ElementAt(1);
        Assert.Equal(("56", "2", "0", "0"), (calls.Attribute("tests")!.Value, calls.Attribute("failures")!.Value, calls.Attribute("errors")!.Value, calls.Attribute("skipped")!.Value));
        var failed = calls.Elements("testcase").Single(test => test.Attribute("classname")!.Value == "gke-europe-west1" && test.Element("failure") is not null);
        Assert.Equal("eks-dublin answers", failed.Attribute("name")!.Value);
        Assert.StartsWith("GatewayPort: port 15443 of eks-dublin's gateway", failed.Element("failure")!.Attribute("message")!.Value, StringComparison.Ordinal);
        Assert.Contains("\nWhat to do: Open port 15443", failed.Element("failure")!.Value, StringComparison.Ordinal);
        // A warning fails nothing, and is not lost.
        var checks = suites.Elements("testsuite").First();
        Assert.Equal("0", checks.Attribute("failures")!.Value);
        Assert.Contains("warning: eks-frankfurt: MT303 Secret istio-system/cacerts: ", checks.Element("system-out")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cluster_that_could_not_be_asked_is_an_error_and_what_nobody_knows_is_skipped()
    {
        var c = ReportMesh.Eight();
        var suites = Parse(MeshReport.Create([new ReportedError("EndpointUnreachable", "gke-us-east4: nothing listens", "Check that it is up.", c[3]), ReportMesh.Link(c[3], c[0], EndpointDiscoveryLink.Unknown, "nothing listens")], ReportMesh.Options));
        Assert.Equal("1", suites.Elements("testsuite").First().Attribute("errors")!.Value);
        Assert.Equal("gke-us-east4", suites.Descendants("error").Single().Parent!.Attribute("classname")!.Value);
        Assert.Equal("nothing listens", suites.Descendants("skipped").Single().Attribute("message")!.Value);
    }

    [Fact]
    public void Hostile_texts_stay_texts()
    {
        var suites = Parse(Hostile.Report());
        Assert.Empty(suites.Descendants().Select(element => element.Name.LocalName).Distinct(StringComparer.Ordinal)
            .Except(["testsuite", "properties", "property", "testcase", "failure", "error", "skipped", "system-out", "system-err"]));
        Assert.Contains(suites.Descendants("failure"), failure => failure.Value.Contains(@"\u{1B}[31m", StringComparison.Ordinal));
        Assert.Contains(suites.Descendants("failure"), failure => failure.Value.Contains("a]]>b", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_gives_a_valid_file_too() => Assert.Empty(Parse(MeshReport.Create([], ReportMesh.Options)).Elements());

    private static XElement Parse(MeshReport report)
    {
        var schemas = new XmlSchemaSet();
        using (var stream = typeof(JUnitReportTests).Assembly.GetManifestResourceStream("junit.xsd")!)
        using (var reader = XmlReader.Create(stream))
            schemas.Add(XmlSchema.Read(reader, (_, e) => throw e.Exception)!);
        var document = XDocument.Parse(report.ToText(ReportFormat.JUnit), LoadOptions.PreserveWhitespace);
        var problems = new List<string>();
        document.Validate(schemas, (_, e) => problems.Add(e.Message));
        Assert.Empty(problems);
        // The sums are those of the cases.
        Assert.All(document.Root!.Elements("testsuite"), suite =>
        {
            Assert.Equal(suite.Elements("testcase").Count(), (int)suite.Attribute("tests")!);
            Assert.Equal(suite.Descendants("failure").Count(), (int)suite.Attribute("failures")!);
            Assert.Equal(suite.Descendants("error").Count(), (int)suite.Attribute("errors")!);
            Assert.Equal(suite.Descendants("skipped").Count(), (int)suite.Attribute("skipped")!);
        });
        return document.Root!;
    }
}
