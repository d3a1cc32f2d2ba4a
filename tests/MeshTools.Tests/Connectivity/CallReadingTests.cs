using MeshTools.Clusters;
using MeshTools.Kubernetes;
using MeshTools.Verify;
using Xunit;

namespace MeshTools.Tests.Connectivity;

/// <summary>What curl prints, and what Envoy's answers say.</summary>
public sealed class CallReadingTests
{
    [Fact]
    public void Headers_body_and_times_are_read_call_by_call()
    {
        var calls = Read(
            "HTTP/1.1 200 OK", "Server: envoy", "x-envoy-upstream-service-time: 3", "", "Hello version: v1, instance: helloworld-v1-abc", "", "@@ 200 0.012500 0 ",
            "", "@@ 000 5.001000 28 Connection timed out after 5001 milliseconds",
            "HTTP/1.1 103 Early Hints", "link: x", "", "HTTP/2 503 ", "server: envoy", "", "no healthy upstream", "@@ 503 0,2 0 ");

        Assert.Equal([200, 0, 503], calls.Select(call => call.Status));
        Assert.Equal(("Hello version: v1, instance: helloworld-v1-abc", TimeSpan.FromMilliseconds(12.5), true), (calls[0].Body, calls[0].Duration, calls[0].FromWorkload));
        Assert.True(calls[1].TimedOut);
        Assert.Equal(["curl 28: Connection timed out", "503 UH (no healthy upstream)"], calls.Skip(1).Select(call => call.Failure));
        Assert.Equal(TimeSpan.FromMilliseconds(200), calls[2].Duration);
        Assert.DoesNotContain("link", calls[2].Headers.Keys);
    }

    [Fact]
    public void An_old_curl_gives_no_exit_code() => Assert.Equal((0, 0), Read("@@ 000 0.1  ") is [var call] ? (call.Status, call.ExitCode) : default);

    [Theory]
    [InlineData(503, "upstream connect error or disconnect/reset before headers. reset reason: connection timeout", "UF", ConnectivityHop.GatewayPort)]
    [InlineData(503, "upstream connect error or disconnect/reset before headers. retried and the latest reset reason: connection timeout", "UF,URX", ConnectivityHop.GatewayPort)]
    [InlineData(503, "upstream connect error or disconnect/reset before headers. reset reason: remote connection failure, transport failure reason: delayed connect error: Connection refused", "UF", ConnectivityHop.GatewayPort)]
    [InlineData(503, "upstream connect error or disconnect/reset before headers. retried and the latest reset reason: remote connection failure, transport failure reason: delayed connect error: 111", "UF,URX", ConnectivityHop.GatewayPort)]
    [InlineData(503, "upstream connect error or disconnect/reset before headers. reset reason: remote connection failure, transport failure reason: TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end", "UF", ConnectivityHop.Trust)]
    [InlineData(503, "upstream connect error or disconnect/reset before headers. reset reason: connection failure, transport failure reason: TLS error: 268436504:SSL routines:OPENSSL_internal:TLSV1_ALERT_UNKNOWN_CA", "UF", ConnectivityHop.Trust)]
    [InlineData(503, "upstream connect error or disconnect/reset before headers. reset reason: connection termination", "UC", ConnectivityHop.Exposure)]
    [InlineData(503, "upstream connect error or disconnect/reset before headers. reset reason: overflow", "UO", ConnectivityHop.Application)]
    [InlineData(503, "no healthy upstream", "UH", ConnectivityHop.Endpoints)]
    [InlineData(504, "upstream request timeout", "UT", ConnectivityHop.Application)]
    [InlineData(403, "RBAC: access denied", "RBAC", ConnectivityHop.Application)]
    public void Envoys_own_answers_give_flags_and_place(int status, string body, string flags, ConnectivityHop hop)
    {
        var reply = EnvoyReply.Read(status, body);
        Assert.Equal((flags, hop), (reply?.Flags, reply?.Hop));
    }

    [Fact]
    public void An_answer_of_the_workload_is_none_of_envoys()
    {
        Assert.Null(EnvoyReply.Read(503, "the database is down"));
        var call = new CallOutcome(503, TimeSpan.Zero)
        {
            Body = "no healthy upstream", Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["server"] = "envoy", ["x-envoy-upstream-service-time"] = "4" },
        };
        Assert.Equal("503", call.Failure);
    }

    [Fact]
    public void Answers_are_told_by_pod_then_by_version()
    {
        var clusters = Clusters();
        var source = new AnswerSource([View(clusters[0], Pod("web-0", null), Pod("hello-v1-x", "v1")), View(clusters[1], Pod("web-0", null), Pod("hello-v2-y", "v2"), Pod("b", "v1"))]);

        Assert.Equal(("a", "v1", AnswerEvidence.Instance), Of("""{"host":"hello-v1-x"}"""));
        Assert.Equal(("b", "v2", AnswerEvidence.Version), Of("Hello version: v2, instance: unknown"));
        // A name or a version that both have tells nothing.
        Assert.Equal((null, null, AnswerEvidence.None), Of("web-0"));
        Assert.Equal((null, "v1", AnswerEvidence.None), Of("version: v1"));
        Assert.Equal(
            "b", source.Of(new CallOutcome(200, TimeSpan.Zero) { Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["x-served-by"] = "hello-v2-y" } }).Cluster?.Name);

        (string?, string?, AnswerEvidence) Of(string body) => source.Of(new CallOutcome(200, TimeSpan.Zero) { Body = body }) is var (cluster, version, by) ? (cluster?.Name, version, by) : default;
    }

    [Fact]
    public void Ten_clusters_with_long_names_fit_into_eighty_columns()
    {
        var clusters = Clusters(10, number => $"gke_some-project-with-a-name_europe-west{number}-b_production-{number}");
        var results = from source in clusters
                      from target in clusters
                      let broken = source == clusters[2] && target == clusters[8]
                      select new ConnectivityResult(source, target)
                      {
                          Calls = 88, Succeeded = broken ? 0 : 9, Passed = !broken, FailingHop = broken ? ConnectivityHop.GatewayPort : ConnectivityHop.None,
                          Reason = broken ? "203.0.113.9:15443 of gateway istio-system/istio-eastwestgateway does not answer" : null, Fix = broken ? "Open TCP port 15443." : null,
                      };
        var text = new MeshConnectivity("http://helloworld.sample:5000/hello", clusters, [.. results]) { Targets = clusters, Calls = 880 }.ToMatrix();

        var lines = text.Split('\n');
        Assert.All(lines, line => Assert.True(line.Length <= 80, line));
        Assert.Contains(lines, line => line.StartsWith(" 3 production-3 ", StringComparison.Ordinal) && line.EndsWith("PORT     9", StringComparison.Ordinal));
        Assert.StartsWith("FAILED: 99 of 100 pairs passed", text, StringComparison.Ordinal);
        Assert.Contains("\n  fix: Open TCP port 15443.", text, StringComparison.Ordinal);
    }

    private static List<CallOutcome> Read(params string[] lines)
    {
        var reader = new CallReader("@@");
        return [.. lines.Select(reader.Take).OfType<CallOutcome>()];
    }

    private static MeshCluster[] Clusters(int count = 2, Func<int, string>? name = null)
    {
        var folder = Directory.CreateTempSubdirectory("meshtools-names-");
        try
        {
            var names = Enumerable.Range(0, count).Select(i => name?.Invoke(i + 1) ?? ((char)('a' + i)).ToString()).ToArray();
            var path = Path.Combine(folder.FullName, "config");
            var contexts = names.Select(item => $"{{ name: {item}, context: {{ cluster: c, user: u }} }}");
            File.WriteAllText(path, "{ apiVersion: v1, kind: Config, clusters: [{ name: c, cluster: { server: 'https://127.0.0.1:1' } }], users: [{ name: u, user: {} }], contexts: [" + string.Join(", ", contexts) + "] }");
            return [.. ClusterCatalog.Load([path])];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static ServiceView View(MeshCluster cluster, params KubernetesObject[] pods) => new(cluster, null, pods);

    private static KubernetesObject Pod(string name, string? version)
    {
        var pod = KubernetesObject.Create("v1", "Pod", name, "sample");
        if (version is not null)
            pod.Json["metadata"]!["labels"] = new System.Text.Json.Nodes.JsonObject { ["version"] = version };
        return pod;
    }
}
