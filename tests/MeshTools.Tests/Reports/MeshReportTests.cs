using System.Xml;
using FsCheck;
using FsCheck.Fluent;
using MeshTools.Clusters;
using MeshTools.Discovery;
using MeshTools.Errors;
using MeshTools.Gateways;
using MeshTools.Operations;
using MeshTools.Reports;
using MeshTools.Trust;
using MeshTools.Verify;
using Xunit;

namespace MeshTools.Tests.Reports;

public class MeshReportTests
{
    [Fact]
    public void Copies_of_one_cluster_are_one_and_the_last_result_of_a_link_counts()
    {
        var c = ReportMesh.Eight();
        var report = MeshReport.Create(
            [c[0] with { Network = null, Uid = null }, ReportMesh.Link(c[0], c[1], null), ReportMesh.Link(c[0], c[1]), c[0] with { Revisions = ["asm-2"], Revision = "asm-2" }], ReportMesh.Options);
        Assert.Equal(["gke-europe-west1", "gke-europe-west4"], report.Clusters.Select(cluster => cluster.Name));
        Assert.Equal(("vpc-prod", "asm-2"), (report.Clusters[0].Network, report.Clusters[0].Revision));
        Assert.Equal(ReportState.Good, Assert.Single(report.Links).State);
        Assert.Equal(ReportState.Good, report.State);
    }

    [Theory]
    [InlineData("synced", null, null, ReportState.Good)]
    [InlineData("synced", "one replica is old", null, ReportState.Warning)]
    [InlineData("syncing", null, ChangeOutcome.Created, ReportState.Warning)]
    [InlineData("absent", null, ChangeOutcome.Created, ReportState.Broken)]
    [InlineData("timeout", null, null, ReportState.Broken)]
    [InlineData("unknown", "nobody answers", null, ReportState.Unknown)]
    [InlineData(null, null, ChangeOutcome.Created, ReportState.Unknown)]
    [InlineData(null, "no remote secret", null, ReportState.Broken)]
    [InlineData(null, "forbidden", ChangeOutcome.Failed, ReportState.Broken)]
    public void A_link_is_as_good_as_what_is_said_of_it(string? sync, string? reason, ChangeOutcome? change, ReportState state)
    {
        var c = ReportMesh.Eight();
        Assert.Equal(state, Assert.Single(MeshReport.Create([ReportMesh.Link(c[0], c[1], sync, reason) with { Change = change }], ReportMesh.Options).Pairs).State);
    }

    [Fact]
    public void What_was_removed_is_no_longer_drawn()
    {
        var c = ReportMesh.Eight();
        var report = MeshReport.Create(
            [ReportMesh.Link(c[0], c[1], null) with { Change = ChangeOutcome.Removed }, new EastWestGateway(c[0], "istio-eastwestgateway", "istio-system") { Change = ChangeOutcome.Removed }], ReportMesh.Options);
        Assert.Empty(report.Pairs);
        Assert.Single(report.Links);
        Assert.Equal(ReportState.Good, report.State);
        Assert.False(MeshGraph.Of(report).Nodes[0].HasGateway);
    }

    [Fact]
    public void A_secret_that_leads_elsewhere_shows_a_cluster_that_nobody_gave()
    {
        var c = ReportMesh.Eight();
        var report = MeshReport.Create([new EndpointDiscoveryLink(c[0], null, "elsewhere") { SyncStatus = "synced" }, new EndpointDiscoveryLink(c[0], null, "id-1") { SyncStatus = "synced" }, c[1]], ReportMesh.Options);
        Assert.Equal([true, true, false], report.Clusters.Select(cluster => cluster.Known));
        Assert.Equal("elsewhere", report.Clusters[2].Name);
        Assert.Equal([(0, 1), (0, 2)], report.Pairs.Select(pair => (pair.From, pair.To)));
    }

    [Fact]
    public void Findings_with_one_reason_are_one()
    {
        var clusters = ReportMesh.Clusters([.. Enumerable.Range(0, 10).Select(i => ($"lab-{i}", (string?)null))]);
        var report = MeshReport.Create(ReportMesh.Mesh(clusters, (_, j) => j == 3), ReportMesh.Options);
        Assert.Equal("9 of 90 links are broken", report.Verdict);
        // The remedy names the reader, so readers stay apart.
        Assert.Equal(9, report.Findings.Count);
        report = MeshReport.Create([.. clusters.Select(cluster => ReportMesh.Link(cluster, clusters[0] == cluster ? clusters[1] : clusters[0], null, "no remote secret") with { SecretName = null })], ReportMesh.Options);
        Assert.Equal("lab-0 → lab-1, lab-1 → lab-0, lab-2 → lab-0, lab-3 → lab-0, lab-4 → lab-0, lab-5 → lab-0 and 4 more", Assert.Single(report.Findings).Where);
    }

    [Fact]
    public void What_a_cluster_that_is_down_does_not_say_is_one_finding()
    {
        var c = ReportMesh.Eight();
        var report = MeshReport.Create(
            [new ReportedError("EndpointUnreachable", "nothing listens", "Start it.", c[0]), .. c[1..].Select(other => ReportMesh.Link(c[0], other, EndpointDiscoveryLink.Unknown, "nothing listens"))], ReportMesh.Options);
        Assert.Equal("nothing listens", Assert.Single(report.Findings).What);
        Assert.Equal(ReportState.Broken, report.Clusters[report.Errors[0].Cluster!.Value].State);
        Assert.All(MeshGraph.Of(report).Edges, edge => Assert.Equal(0, edge.Finding));
    }

    [Fact]
    public void A_test_of_connectivity_is_its_pairs_and_what_it_could_not_read()
    {
        var c = ReportMesh.Eight();
        var test = new MeshConnectivity("sample/helloworld", c[..3], [ReportMesh.Call(c[0], c[1]), ReportMesh.Call(c[1], c[0]), ReportMesh.Call(c[0], c[0], passed: false)]) { Unreadable = [c[2]] };
        var report = MeshReport.Create([test], ReportMesh.Options);
        Assert.Equal(3, report.Calls.Count);
        Assert.Empty(report.Others);
        Assert.Equal(2, report.Pairs.Count);
        Assert.Equal("1 cluster does not answer itself, 1 error", report.Verdict);
        Assert.Equal("gke-us-central1", report.NameOf(Assert.Single(report.Errors).Cluster));
        // Once its own error is there, nothing is added.
        var error = new ReportedError("EndpointUnreachable", "nothing listens", null, c[2]);
        Assert.Equal("EndpointUnreachable", Assert.Single(MeshReport.Create([test, error], ReportMesh.Options).Errors).Id);
    }

    [Fact]
    public void Failed_calls_speak_against_the_pair_that_explains_them()
    {
        var c = ReportMesh.Eight();
        var failures = new Dictionary<string, int>(StringComparer.Ordinal) { ["503 UF"] = 5 };
        var (good, bad) = (ReportMesh.Call(c[0], c[1]) with { Failures = failures }, ReportMesh.Call(c[0], c[2], passed: false) with { Failures = failures });
        var error = new ReportedError("ConnectivityFailed", "gke-europe-west1 -> gke-us-central1: ...", null, bad);
        var report = MeshReport.Create([good, bad, error], ReportMesh.Options);
        Assert.Equal([ReportState.Good, ReportState.Broken], report.Pairs.Select(pair => pair.State));
        Assert.Empty(report.Errors);
        var alone = Assert.Single(MeshReport.Create([good], ReportMesh.Options).Findings);
        Assert.Equal((ReportState.Warning, "some calls of gke-europe-west1 failed: 503 UF: 5"), (alone.State, alone.What));
    }

    [Fact]
    public void Certificates_are_judged_by_their_end_and_their_problems()
    {
        var c = ReportMesh.Eight();
        var report = MeshReport.Create(
        [
            ReportMesh.Installed(c[0], ReportMesh.Now.AddYears(1)), ReportMesh.Installed(c[1], ReportMesh.Now.AddDays(10)), ReportMesh.Installed(c[2], ReportMesh.Now.AddDays(-1)),
            new InstalledCertificate(c[3], CertificateRole.Signing, default, "meshca.googleapis.com:443", null),
        ], ReportMesh.Options);
        Assert.Equal([ReportState.Good, ReportState.Warning, ReportState.Broken, ReportState.Good], report.Certificates.Select(certificate => certificate.State));
        Assert.Equal("It ends in 10 days.", report.Certificates[1].Problems);
    }

    [Fact]
    public void Other_results_show_their_simple_properties()
    {
        var c = ReportMesh.Eight();
        var report = MeshReport.Create([new CertificateInstallationResult(c[2], ChangeOutcome.Created, "O=Istio", "AB:CD", ["EF:01"], ReportMesh.Now, RestartRequired: true, Restarted: false)], ReportMesh.Options);
        var other = Assert.Single(report.Others);
        Assert.Equal("CertificateInstallationResult", other.Kind);
        Assert.Equal("Change: Created; Subject: O=Istio; Fingerprint: AB:CD; RootFingerprints: EF:01; NotAfter: 2026-11-21 06:30Z; RestartRequired: True; Restarted: False", other.Text);
        Assert.Equal("gke-us-central1", report.NameOf(other.Cluster));
    }

    [Fact]
    public void Every_text_passes_the_redaction()
    {
        var c = ReportMesh.Eight();
        var report = MeshReport.Create([ReportMesh.Link(c[0], c[1], "timeout", "token=SECRET")], ReportMesh.Options with { Redact = text => text.Replace("SECRET", "hidden", StringComparison.Ordinal) });
        Assert.All(Enum.GetValues<ReportFormat>(), format => Assert.DoesNotContain("SECRET", report.ToText(format), StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_no_result_is_refused()
    {
        Assert.False(MeshReport.Takes("text"));
        Assert.False(MeshReport.Takes(null));
        Assert.Throws<ArgumentException>(() => MeshReport.Create(["text"], ReportMesh.Options));
    }

    [Fact]
    public void Cleaned_texts_are_fit_for_xml() => Prop.ForAll<string>(text =>
    {
        var clean = ReportText.Clean(text);
        XmlConvert.VerifyXmlChars(clean);
        return ReportText.Clean(clean) == clean && !clean.Contains('\n', StringComparison.Ordinal);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Numbers_in_names_are_numbers() =>
        Assert.Equal(["a", "lab-1", "lab-2", "lab-02b", "lab-10", "lab-10-a"], new[] { "lab-10-a", "lab-10", "lab-2", "a", "lab-02b", "lab-1" }.Order(NaturalOrder.Comparer));

    [Fact]
    public async Task A_file_is_written_whole_or_not_at_all()
    {
        var folder = Directory.CreateTempSubdirectory("meshtools-report-");
        try
        {
            var report = MeshReport.Create(ReportMesh.EightWithTwoBroken(), ReportMesh.Options);
            var page = ReportFile.For(Path.Combine(folder.FullName, "new", "mesh.html"), null);
            await page.WriteAsync(report, append: false, CancellationToken.None);
            var bytes = await File.ReadAllBytesAsync(page.Path);
            Assert.Equal((byte)'<', bytes[0]);
            Assert.Equal((byte)'\n', bytes[^1]);
            Assert.Equal([page.Path], Directory.GetFiles(Path.GetDirectoryName(page.Path)!));
            Assert.Equal("ReportFileExists", Assert.Throws<MeshException>(() => ReportFile.Check([page], force: false, append: false)).ErrorId);
            ReportFile.Check([page], force: true, append: false);
            Assert.Equal("ReportNotAppendable", Assert.Throws<MeshException>(() => ReportFile.Check([page], force: false, append: true)).ErrorId);
            Assert.Equal("ReportFormatUnknown", Assert.Throws<MeshException>(() => ReportFile.For("/x/y.txt", null)).ErrorId);
            Assert.Equal("ReportFileFailed", Assert.Throws<MeshException>(() => ReportFile.Check([page with { Path = folder.FullName }], force: true, append: false)).ErrorId);
            var stuck = page with { Path = Path.Combine(page.Path, "below-a-file.html") };
            Assert.Equal("ReportFileFailed", (await Assert.ThrowsAsync<MeshException>(() => stuck.WriteAsync(report, append: false, CancellationToken.None))).ErrorId);

            // A CI system's summary: there, empty, and added to by one step after another.
            var summary = ReportFile.For(Path.Combine(folder.FullName, "summary"), ReportFormat.Markdown);
            await File.WriteAllTextAsync(summary.Path, "");
            ReportFile.Check([summary], force: false, append: false);
            await summary.WriteAsync(report, append: true, CancellationToken.None);
            await summary.WriteAsync(report, append: true, CancellationToken.None);
            Assert.Equal(2, (await File.ReadAllLinesAsync(summary.Path)).Count(line => line == "## ❌ Mesh report"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
