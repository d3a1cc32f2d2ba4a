using MeshTools.Clusters;
using MeshTools.Gateways;
using MeshTools.Kubernetes;
using MeshTools.Reports;
using MeshTools.Verify;

namespace MeshTools.Tests.Reports;

/// <summary>Results in which every text tries to be more than a text.</summary>
internal static class Hostile
{
    public static readonly string[] Names =
    [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "a]]>b", "]--> end\nsubgraph x", "`**_[x](javascript:alert(1))_**` | cell |", "c \"];click c0 call alert()", "#quot;&lt;&#60;%%{init:{}}%%",
        "\u0000\u0001\u001B[31m\u202Egnp.exe\uFFFE", "\uD800 half", "```\n# heading\n- list", "1. list", "- list", "www.example.org @somebody https://example.org", "'';--{{7*7}}${7*7}", new string('n', 500), "</style></title></svg>",
    ];

    public static List<object> Results()
    {
        var clusters = Names.Select((name, i) => ReportMesh.Clusters(($"c{i}", "plain"))[0] with { Name = name, Uid = $"uid-{i}", Network = Names[(i + 1) % Names.Length], KubernetesVersion = name, Revisions = [name], TrustDomain = name, MeshId = name }).ToArray();
        // Each its own entry: the fixture's file is gone, and its contexts are what tells them apart.
        clusters = [.. clusters.Select((cluster, i) => cluster with { ClusterId = $"{Names[i]}{i}" })];
        var results = new List<object>();
        for (var i = 0; i < clusters.Length; i++)
        {
            var (one, other, text) = (clusters[i], clusters[(i + 1) % clusters.Length], Names[i]);
            results.Add(ReportMesh.Link(one, other, i % 2 == 0 ? text : "synced", text) with { SecretName = text, Server = text });
            results.Add(new ConnectivityResult(one, other)
            {
                Calls = 20, Reason = text, Fix = text, FailingHop = ConnectivityHop.Trust,
                Versions = new Dictionary<string, int>(StringComparer.Ordinal) { [text] = 1 }, Failures = new Dictionary<string, int>(StringComparer.Ordinal) { [text] = 19 },
            });
            results.Add(new CheckResult(text, (CheckSeverity)(i % 3), one, text)
            {
                Peer = other, Evidence = text, Fix = text, Object = new ObjectReference("v1", "Secret", text, text), DocUri = new Uri(i % 2 == 0 ? "javascript:alert(1)" : "https://example.org/?a=1&b=<x>\"'"),
            });
            results.Add(new EastWestGateway(one, text, text) { Network = text, Revision = text, Addresses = [text], Ports = [new GatewayPort(text, 1, 1)], Problems = [text] });
            results.Add(new ReportedError(text, text, text, one));
        }

        results.Add(ReportMesh.Installed(clusters[0], ReportMesh.Now.AddDays(-1), "CN=\"<script>alert(2)</script>\""));
        return results;
    }

    public static MeshReport Report() => MeshReport.Create(Results(), ReportMesh.Options with { Title = Names[0] + Names[7] });
}
