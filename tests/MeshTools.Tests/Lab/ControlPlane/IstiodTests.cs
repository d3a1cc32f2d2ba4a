using System.Text.Json.Nodes;
using MeshTools.Lab;
using Xunit;

namespace MeshTools.Tests.Lab.ControlPlane;

public sealed class IstiodTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("asm-1303-1", "-asm-1303-1")]
    public async Task The_objects_have_istios_names(string? revision, string suffix)
    {
        await using var lab = await MeshLab.StartAsync(1, options => options with { Revision = revision });
        var store = lab.Clusters[0].Store;

        var deployment = store.Get(new ResourceKey("apps", "deployments", "istio-system", "istiod" + suffix)).Json;
        var environment = deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray()
            .Where(item => item!["value"] is not null).ToDictionary(item => item!["name"]!.GetValue<string>(), item => item!["value"]!.GetValue<string>());
        Assert.Equal(("lab-1", revision ?? "default"), (environment["CLUSTER_ID"], environment["REVISION"]));

        var mesh = store.Get(new ResourceKey("", "configmaps", "istio-system", "istio" + suffix)).Json["data"]!["mesh"]!.GetValue<string>();
        Assert.Contains("meshId: \"lab-mesh\"", mesh, StringComparison.Ordinal);
        var values = JsonNode.Parse(
            store.Get(new ResourceKey("", "configmaps", "istio-system", "istio-sidecar-injector" + suffix)).Json["data"]!["values"]!.GetValue<string>())!;
        Assert.Equal("lab-1", values["global"]!["multiCluster"]!["clusterName"]!.GetValue<string>());
        Assert.Equal("lab-network", values["global"]!["network"]!.GetValue<string>());

        Assert.Equal(
            "lab-network",
            store.Get(new ResourceKey("", "namespaces", null, "istio-system")).Json["metadata"]!["labels"]!["topology.istio.io/network"]!.GetValue<string>());
        foreach (var key in (ResourceKey[])
        [
            new("", "serviceaccounts", "istio-system", "istio-reader-service-account"),
            new("", "serviceaccounts", "istio-system", "istiod" + suffix),
            new("", "services", "istio-system", "istiod" + suffix),
            new("rbac.authorization.k8s.io", "clusterroles", null, $"istio-reader-clusterrole{suffix}-istio-system"),
            new("rbac.authorization.k8s.io", "clusterrolebindings", null, $"istio-reader-clusterrole{suffix}-istio-system"),
            new("rbac.authorization.k8s.io", "clusterroles", null, $"istiod-clusterrole{suffix}-istio-system"),
            new("admissionregistration.k8s.io", "mutatingwebhookconfigurations", null, "istio-sidecar-injector" + suffix),
            new("admissionregistration.k8s.io", "validatingwebhookconfigurations", null, $"istio-validator{suffix}-istio-system"),
            new("apiextensions.k8s.io", "customresourcedefinitions", null, "gateways.networking.istio.io"),
        ])
        {
            Assert.NotNull(store.Find(key));
        }

        var pod = Assert.Single(MeshLab.IstiodPods(lab.Clusters[0])).Json;
        Assert.Equal("istiod", pod["metadata"]!["labels"]!["app"]!.GetValue<string>());
        Assert.Equal(revision ?? "default", pod["metadata"]!["labels"]!["istio.io/rev"]!.GetValue<string>());
        Assert.Equal("15014", pod["metadata"]!["annotations"]!["prometheus.io/port"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public async Task The_root_is_published_to_every_namespace(bool shared, int roots)
    {
        await using var lab = await MeshLab.StartAsync(2, options => options with { SharedTrust = shared });
        foreach (var cluster in lab.Clusters)
        {
            ClusterNamespace(cluster, "team");
            var key = new ResourceKey("", "configmaps", "team", "istio-ca-root-cert");
            await Eventually.TrueAsync(() => cluster.Store.Find(key) is not null);
            Assert.Equal(cluster.MeshRootPem, cluster.Store.Get(key).Json["data"]!["root-cert.pem"]!.GetValue<string>());
            Assert.Equal(shared, cluster.Store.Find(new ResourceKey("", "secrets", "istio-system", "cacerts")) is not null);
        }

        Assert.Equal(roots, lab.Clusters.Select(cluster => cluster.MeshRootPem).Distinct().Count());
    }

    [Theory]
    [InlineData(15014)]
    [InlineData(8080)]
    public async Task Debug_ports_answer_what_istiod_answers(int port)
    {
        await using var lab = await MeshLab.StartAsync(1);
        var cluster = lab.Clusters[0];

        Assert.Equal((200, """[{"id":"lab-1","secretName":"","syncStatus":"synced"}]"""), await MeshLab.DebugAsync(cluster, "/debug/clusterz", port));
        Assert.Equal((200, "[]"), await MeshLab.DebugAsync(cluster, "/debug/networkz", port));
        Assert.Equal((200, ""), await MeshLab.DebugAsync(cluster, "/ready", port));
        Assert.StartsWith("1.30.3", (await MeshLab.DebugAsync(cluster, "/version", port)).Body, StringComparison.Ordinal);
        Assert.Contains("istiod_managed_clusters{cluster_type=\"local\"} 1", (await MeshLab.DebugAsync(cluster, "/metrics", port)).Body, StringComparison.Ordinal);
        Assert.Equal(404, (await MeshLab.DebugAsync(cluster, "/debug/unheard-of", port)).Status);
    }

    [Fact]
    public async Task The_mesh_configuration_is_the_config_maps()
    {
        await using var lab = await MeshLab.StartAsync(1, options => options with
        {
            Configure = (_, cluster) => cluster with { TrustDomain = "fleet.svc.id.goog", TrustDomainAliases = ["old.local"], Revision = "asm-1303-1" },
        });

        var mesh = JsonNode.Parse((await MeshLab.DebugAsync(lab.Clusters[0], "/debug/mesh")).Body)!;

        Assert.Equal("fleet.svc.id.goog", mesh["trustDomain"]!.GetValue<string>());
        Assert.Equal("old.local", mesh["trustDomainAliases"]![0]!.GetValue<string>());
        Assert.Equal("lab-mesh", mesh["defaultConfig"]!["meshId"]!.GetValue<string>());
        Assert.Equal("istiod-asm-1303-1.istio-system.svc:15012", mesh["defaultConfig"]!["discoveryAddress"]!.GetValue<string>());
        Assert.Equal(15020, mesh["defaultConfig"]!["statusPort"]!.GetValue<int>());
    }

    [Fact]
    public async Task Gateways_of_own_and_remote_clusters_are_networks()
    {
        await using var lab = await MeshLab.StartAsync(2);
        foreach (var cluster in lab.Clusters)
        {
            cluster.Store.Create(
                new ResourceKey("", "services", "istio-system", "istio-eastwestgateway"),
                (JsonObject)JsonNode.Parse(
                    """
                    {"apiVersion":"v1","kind":"Service","metadata":{"labels":{"topology.istio.io/network":"network1"}},
                     "spec":{"type":"LoadBalancer","ports":[{"name":"tls","port":15443,"targetPort":15443,"protocol":"TCP"}]}}
                    """)!,
                "test");
        }

        await MeshLab.LinkAsync(lab.Clusters[0], lab.Clusters[1]);

        var networks = new JsonArray();
        await Eventually.TrueAsync(async () =>
        {
            networks = JsonNode.Parse((await MeshLab.DebugAsync(lab.Clusters[0], "/debug/networkz")).Body)!.AsArray();
            return networks.Count == 2;
        });
        Assert.Equal(["lab-1", "lab-2"], networks.Select(network => network!["Cluster"]!.GetValue<string>()));
        Assert.Equal(["Network", "Cluster", "Addr", "Port", "HBONEPort", "ServiceAccount"], networks[0]!.AsObject().Select(field => field.Key));
        Assert.All(networks, network => Assert.Equal(15443, network!["Port"]!.GetValue<int>()));
    }

    [Fact]
    public async Task Each_replica_has_connections_of_its_own()
    {
        await using var lab = await MeshLab.StartAsync(2, options => options with { Replicas = 2 });
        await MeshLab.LinkAsync(lab.Clusters[0], lab.Clusters[1]);

        var pods = MeshLab.IstiodPods(lab.Clusters[0]);
        Assert.Equal(2, pods.Count);
        foreach (var pod in pods)
        {
            await Eventually.TrueAsync(async () =>
                (await MeshLab.ClustersSeenAsync(lab.Clusters[0], pod.Key.Name)).Any(seen => seen!["id"]!.GetValue<string>() == "lab-2" && seen["syncStatus"]!.GetValue<string>() == "synced"));
        }

        Assert.Equal(2, lab.Clusters[0].RemoteStatus().Count);
    }

    [Fact]
    public async Task A_deleted_pod_comes_back_and_reads_the_secrets_anew()
    {
        await using var lab = await MeshLab.StartAsync(2);
        var cluster = lab.Clusters[0];
        await MeshLab.LinkAsync(cluster, lab.Clusters[1]);
        await MeshLab.UntilAsync(cluster, "lab-2", "synced");
        var first = Assert.Single(MeshLab.IstiodPods(cluster));

        cluster.Store.Delete(first.Key);

        await Eventually.TrueAsync(() => cluster.RemoteStatus() is [var remote] && remote.Pod != first.Key.Name && remote.Status == "synced");
        var gone = await Assert.ThrowsAsync<InvalidOperationException>(() => MeshLab.DebugAsync(cluster, "/ready", pod: first.Key.Name));
        Assert.Equal("refused with 404", gone.Message);
    }

    [Fact]
    public async Task Scaling_the_deployment_changes_the_replicas()
    {
        await using var lab = await MeshLab.StartAsync(2);
        var cluster = lab.Clusters[0];
        await MeshLab.LinkAsync(cluster, lab.Clusters[1]);
        await Eventually.TrueAsync(() => cluster.RemoteStatus().Count == 1);

        Scale(cluster, 3);
        await Eventually.TrueAsync(() => cluster.RemoteStatus() is { Count: 3 } all && all.All(remote => remote.Status == "synced"));
        Scale(cluster, 0);
        await Eventually.TrueAsync(() => cluster.RemoteStatus().Count == 0 && MeshLab.IstiodPods(cluster).Count == 0);
    }

    [SkippableFact]
    public async Task Kubectl_reads_clusterz_by_exec()
    {
        await using var lab = await MeshLab.StartAsync(1);
        using var kubectl = Kubectl.For(lab.KubeconfigYaml);

        var debug = await kubectl.RunAsync("exec", "-n", "istio-system", "deploy/istiod", "-c", "discovery", "--", "pilot-discovery", "request", "GET", "/debug/clusterz");
        var missing = await kubectl.RunAsync("exec", "-n", "istio-system", "deploy/istiod", "--", "curl", "localhost");
        var logs = await kubectl.RunAsync("logs", "-n", "istio-system", "deploy/istiod");

        Assert.Equal((0, "[{\"id\":\"lab-1\",\"secretName\":\"\",\"syncStatus\":\"synced\"}]\n"), (debug.ExitCode, debug.Output));
        Assert.Equal(127, missing.ExitCode);
        Assert.Contains("executable file not found in $PATH", missing.Error, StringComparison.Ordinal);
        Assert.Contains("istiod 1.30.3", logs.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_control_plane_there_is_none()
    {
        await using var lab = await MeshLab.StartAsync(1, options => options with { ControlPlane = false });

        Assert.Null(lab.Clusters[0].Store.Find(new ResourceKey("", "namespaces", null, "istio-system")));
    }

    private static void ClusterNamespace(LabCluster cluster, string name) => cluster.Store.Create(
        new ResourceKey("", "namespaces", null, name),
        (JsonObject)JsonNode.Parse("""{"apiVersion":"v1","kind":"Namespace","spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}}""")!,
        "test");

    private static void Scale(LabCluster cluster, int replicas) => cluster.Store.Mutate(
        new ResourceKey("apps", "deployments", "istio-system", "istiod"),
        json =>
        {
            json["spec"]!["replicas"] = replicas;
            return json;
        },
        "test");
}
