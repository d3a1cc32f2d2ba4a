using System.Text;
using System.Text.Json.Nodes;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using MeshTools.Discovery;
using MeshTools.Kubernetes;

namespace MeshTools.Benchmarks;

/// <summary>The pure parts that every cluster and every link goes through.</summary>
[MemoryDiagnoser]
public class MicroBenchmarks
{
    private readonly string _kubeconfig = KubeconfigOf(100);
    private readonly string _remoteSecret;
    private readonly string _token;
    private readonly JsonNode _secret;

    /// <summary>Makes the texts.</summary>
    public MicroBenchmarks()
    {
        var claims = Convert.ToBase64String(Encoding.UTF8.GetBytes(
            """{"iss":"kubernetes/serviceaccount","iat":1760000000,"sub":"system:serviceaccount:istio-system:istio-reader-service-account","kubernetes.io":{"namespace":"istio-system","serviceaccount":{"name":"istio-reader-service-account","uid":"7c0b6c1e-4c11-4a55-9a4b-2f0f7b1f8a10"}}}"""));
        _token = $"eyJhbGciOiJSUzI1NiJ9.{claims.TrimEnd('=').Replace('+', '-').Replace('/', '_')}.{new string('s', 342)}";
        _remoteSecret = KubeconfigOf(1);
        _secret = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject
            {
                ["name"] = "istio-remote-secret-lab-1",
                ["namespace"] = "istio-system",
                ["labels"] = new JsonObject { ["istio/multiCluster"] = "true" },
                ["annotations"] = new JsonObject { ["networking.istio.io/cluster"] = "lab-1" },
            },
            ["stringData"] = new JsonObject { ["lab-1"] = _remoteSecret },
        };
    }

    /// <summary>The kubeconfig inside a remote secret.</summary>
    /// <returns>The documents.</returns>
    [Benchmark]
    public IReadOnlyList<JsonNode> ReadYaml() => KubernetesYaml.ParseAll(_remoteSecret);

    /// <summary>A remote secret as a manifest.</summary>
    /// <returns>The text.</returns>
    [Benchmark]
    public string WriteYaml() => KubernetesYaml.Write(_secret);

    /// <summary>A kubeconfig with a hundred contexts.</summary>
    /// <returns>The kubeconfig.</returns>
    [Benchmark]
    public Kubeconfig ParseKubeconfig() => Kubeconfig.Parse(_kubeconfig);

    /// <summary>What a token says of itself.</summary>
    /// <returns>The token's subject.</returns>
    [Benchmark]
    public string? ReadToken() => TokenClaims.TryRead(_token)?.Subject;

    // In this process: a project of BenchmarkDotNet's own would not build under this repository's central package versions.
    internal static void Run(string[] arguments) => BenchmarkSwitcher.FromTypes([typeof(MicroBenchmarks)]).Run(
        arguments.Length > 0 ? arguments : ["--filter", "*"],
        DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance)));

    private static string KubeconfigOf(int count)
    {
        var authority = Convert.ToBase64String(Encoding.ASCII.GetBytes(new string('c', 1100)));
        var text = new StringBuilder("apiVersion: v1\nkind: Config\ncurrent-context: lab-1\nclusters:\n");
        for (var i = 1; i <= count; i++)
            text.Append($"- cluster:\n    certificate-authority-data: {authority}\n    server: https://127.0.0.1:{30000 + i}\n  name: lab-{i}\n");
        text.Append("contexts:\n");
        for (var i = 1; i <= count; i++)
            text.Append($"- context:\n    cluster: lab-{i}\n    user: lab-{i}\n  name: lab-{i}\n");
        text.Append("users:\n");
        for (var i = 1; i <= count; i++)
            text.Append($"- name: lab-{i}\n  user:\n    token: {new string('t', 900)}\n");
        return text.ToString();
    }
}
