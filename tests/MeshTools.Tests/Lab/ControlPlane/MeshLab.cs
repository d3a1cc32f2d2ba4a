using System.Text;
using System.Text.Json.Nodes;
using MeshTools.Lab;
using MeshTools.Tests.Lab.Streaming;
using Xunit;

namespace MeshTools.Tests.Lab.ControlPlane;

/// <summary>Clusters with a control plane, and remote secrets written by hand as istioctl would write them.</summary>
internal sealed class MeshLab : IAsyncDisposable
{
    public static readonly TimeSpan Short = TimeSpan.FromMilliseconds(700);

    private readonly LabHost lab;

    private MeshLab(LabHost lab) => this.lab = lab;

    public IReadOnlyList<LabCluster> Clusters => lab.Clusters;

    public string KubeconfigYaml => lab.KubeconfigYaml;

    public static async Task<MeshLab> StartAsync(int clusters, Func<LabOptions, LabOptions>? configure = null)
    {
        var options = new LabOptions { ClusterCount = clusters, RemoteRetry = TimeSpan.FromMilliseconds(50) };
        return new MeshLab(await LabHost.StartAsync(configure?.Invoke(options) ?? options));
    }

    public ValueTask DisposeAsync() => lab.DisposeAsync();

    /// <summary>The reader's token of a cluster, from a token Secret as istioctl makes one.</summary>
    public static async Task<string> ReaderTokenAsync(LabCluster cluster)
    {
        var key = new ResourceKey("", "secrets", "istio-system", "istio-reader-service-account-istio-remote-secret-token");
        if (cluster.Store.Find(key) is null)
        {
            cluster.Store.Create(
                key,
                (JsonObject)JsonNode.Parse(
                    """
                    {"apiVersion":"v1","kind":"Secret","type":"kubernetes.io/service-account-token",
                     "metadata":{"annotations":{"kubernetes.io/service-account.name":"istio-reader-service-account"}}}
                    """)!,
                "test");
        }

        await Eventually.TrueAsync(() => cluster.Store.Find(key)?.Json["data"]?["token"] is not null);
        return Encoding.UTF8.GetString(Convert.FromBase64String(cluster.Store.Get(key).Json["data"]!["token"]!.GetValue<string>()));
    }

    public static string Kubeconfig(string id, LabCluster target, string token, string? authorityPem = null, string? user = null) => $$"""
        apiVersion: v1
        clusters:
        - cluster:
            certificate-authority-data: {{Convert.ToBase64String(Encoding.UTF8.GetBytes(authorityPem ?? target.CertificateAuthorityPem))}}
            server: {{target.Server.ToString().TrimEnd('/')}}
          name: {{id}}
        contexts:
        - context:
            cluster: {{id}}
            user: {{id}}
          name: {{id}}
        current-context: {{id}}
        kind: Config
        users:
        - name: {{id}}
          user:
            {{user ?? "token: " + token}}

        """;

    /// <summary>Writes a remote secret over the API, as the administrator.</summary>
    public static async Task InstallAsync(LabCluster reader, string name, params (string Id, string Kubeconfig)[] clusters)
    {
        using var http = LabHttp.Admin(reader);
        var data = new JsonObject();
        foreach (var (id, kubeconfig) in clusters)
        {
            data[id] = kubeconfig;
        }

        await http.PostAsync("/api/v1/namespaces/istio-system/secrets", new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["annotations"] = new JsonObject { ["networking.istio.io/cluster"] = clusters[0].Id },
                ["labels"] = new JsonObject { ["istio/multiCluster"] = "true" },
            },
            ["stringData"] = data,
        });
    }

    /// <summary>A good remote secret.</summary>
    public static async Task LinkAsync(LabCluster reader, LabCluster target) => await InstallAsync(
        reader,
        "istio-remote-secret-" + target.ClusterId,
        (target.ClusterId, Kubeconfig(target.ClusterId, target, await ReaderTokenAsync(target))));

    public static List<StoredObject> IstiodPods(LabCluster cluster) =>
        [.. cluster.Store.List("", "pods", "istio-system").Items
            .Where(pod => !pod.IsTerminating && pod.Json["metadata"]!["labels"]?["app"]?.GetValue<string>() == "istiod")];

    /// <summary>What istioctl does: a port-forward to 15014 and one plain GET.</summary>
    public static async Task<(int Status, string Body)> DebugAsync(LabCluster cluster, string path, int port = 15014, string? pod = null)
    {
        pod ??= IstiodPods(cluster)[0].Key.Name;
        using var client = await ChannelClient.ConnectAsync(
            cluster, $"/api/v1/namespaces/istio-system/pods/{pod}/portforward?ports={port}", "v4.channel.k8s.io");
        await client.SendAsync(0, Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
        var answer = Encoding.UTF8.GetString((await client.ReadToEndAsync())[0][2..]);
        var parts = answer.Split("\r\n\r\n", 2);
        return (int.Parse(parts[0].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), parts[1]);
    }

    public static async Task<JsonArray> ClustersSeenAsync(LabCluster cluster, string? pod = null) =>
        JsonNode.Parse((await DebugAsync(cluster, "/debug/clusterz", pod: pod)).Body)!.AsArray();

    public static async Task UntilAsync(LabCluster reader, string id, string status)
    {
        var seen = "";
        await Eventually.TrueAsync(
            async () =>
            {
                var clusters = await ClustersSeenAsync(reader);
                seen = clusters.ToJsonString() + "\n" + string.Join('\n', reader.IstiodLog());
                return clusters.Any(cluster => cluster!["id"]!.GetValue<string>() == id && cluster["syncStatus"]!.GetValue<string>() == status);
            },
            () => seen);
    }

    public static Task LogAsync(LabCluster cluster, string text) => Eventually.TrueAsync(
        () => cluster.IstiodLog().Any(line => line.Contains(text, StringComparison.Ordinal)), () => string.Join('\n', cluster.IstiodLog()));
}
