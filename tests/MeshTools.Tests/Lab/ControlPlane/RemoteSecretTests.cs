using System.Text;
using System.Text.Json.Nodes;
using MeshTools.Lab;
using Xunit;

namespace MeshTools.Tests.Lab.ControlPlane;

public sealed class RemoteSecretTests
{
    [Fact]
    public async Task Three_clusters_linked_in_pairs_are_all_synced()
    {
        await using var lab = await MeshLab.StartAsync(3);
        foreach (var reader in lab.Clusters)
        {
            foreach (var target in lab.Clusters.Where(target => target != reader))
            {
                await MeshLab.LinkAsync(reader, target);
            }
        }

        foreach (var reader in lab.Clusters)
        {
            foreach (var target in lab.Clusters.Where(target => target != reader))
            {
                await MeshLab.UntilAsync(reader, target.ClusterId, "synced");
            }
        }

        var seen = await MeshLab.ClustersSeenAsync(lab.Clusters[0]);
        Assert.Equal(
            """[{"id":"lab-1","secretName":"","syncStatus":"synced"},{"id":"lab-2","secretName":"istio-system/istio-remote-secret-lab-2","syncStatus":"synced"},{"id":"lab-3","secretName":"istio-system/istio-remote-secret-lab-3","syncStatus":"synced"}]""",
            seen.ToJsonString());
    }

    [Fact]
    public async Task The_reader_really_asks_with_the_token_and_under_istiods_name()
    {
        await using var lab = await MeshLab.StartAsync(2);
        await MeshLab.LinkAsync(lab.Clusters[0], lab.Clusters[1]);
        await MeshLab.UntilAsync(lab.Clusters[0], "lab-2", "synced");

        await Eventually.TrueAsync(() => lab.Clusters[1].Requests.Count(entry => entry is { Verb: "watch", Status: 200 }) == 1);
        var asked = lab.Clusters[1].Requests.Entries.Where(entry => entry.UserAgent.StartsWith("pilot-discovery/", StringComparison.Ordinal)).ToList();
        Assert.Equal(
            ["namespaces", "nodes", "pods", "endpointslices", "services"], asked.Where(entry => entry.Verb == "list").Select(entry => entry.Resource));
        Assert.All(asked, entry => Assert.Equal("system:serviceaccount:istio-system:istio-reader-service-account", entry.User));
    }

    [Fact]
    public async Task A_broken_token_stays_syncing_and_then_times_out()
    {
        await using var lab = await MeshLab.StartAsync(2, options => options with { RemoteTimeout = TimeSpan.FromSeconds(2) });
        await MeshLab.InstallAsync(lab.Clusters[0], "broken", ("lab-2", MeshLab.Kubeconfig("lab-2", lab.Clusters[1], "not.a.token")));

        await MeshLab.UntilAsync(lab.Clusters[0], "lab-2", "syncing");
        await MeshLab.UntilAsync(lab.Clusters[0], "lab-2", "timeout");

        await MeshLab.LogAsync(lab.Clusters[0], "remote cluster lab-2 failed to sync after 2s");
        Assert.True(lab.Clusters[1].Requests.Count(entry => entry.Status == 401) > 1, "It should have been tried again.");
    }

    [Fact]
    public async Task A_wrong_authority_is_not_trusted()
    {
        await using var lab = await MeshLab.StartAsync(2, options => options with { RemoteTimeout = MeshLab.Short });
        var token = await MeshLab.ReaderTokenAsync(lab.Clusters[1]);
        var kubeconfig = MeshLab.Kubeconfig("lab-2", lab.Clusters[1], token, authorityPem: lab.Clusters[0].CertificateAuthorityPem);

        await MeshLab.InstallAsync(lab.Clusters[0], "wrong-authority", ("lab-2", kubeconfig));

        await MeshLab.UntilAsync(lab.Clusters[0], "lab-2", "timeout");
        Assert.Equal(0, lab.Clusters[1].Requests.Count(entry => entry.UserAgent.StartsWith("pilot-discovery/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Without_its_rights_the_reader_does_not_sync_and_with_them_it_recovers()
    {
        await using var lab = await MeshLab.StartAsync(2, options => options with { RemoteTimeout = MeshLab.Short });
        var target = lab.Clusters[1];
        var key = new ResourceKey("rbac.authorization.k8s.io", "clusterrolebindings", null, "istio-reader-clusterrole-istio-system");
        var binding = target.Store.Get(key).ToJson();
        target.Store.Delete(key);
        await MeshLab.LinkAsync(lab.Clusters[0], target);
        await MeshLab.UntilAsync(lab.Clusters[0], "lab-2", "timeout");
        await MeshLab.LogAsync(lab.Clusters[0], "is forbidden: User \"system:serviceaccount:istio-system:istio-reader-service-account\"");

        target.Store.Create(key, binding, "test");

        await MeshLab.UntilAsync(lab.Clusters[0], "lab-2", "synced");
    }

    [Fact]
    public async Task A_server_that_is_down_is_waited_for()
    {
        await using var lab = await MeshLab.StartAsync(2, options => options with { RemoteTimeout = MeshLab.Short });
        await MeshLab.LinkAsync(lab.Clusters[0], lab.Clusters[1]);
        await MeshLab.UntilAsync(lab.Clusters[0], "lab-2", "synced");

        var token = await MeshLab.ReaderTokenAsync(lab.Clusters[1]);
        await lab.Clusters[1].StopListeningAsync();
        Remove(lab.Clusters[0], "istio-remote-secret-lab-2");
        await MeshLab.InstallAsync(lab.Clusters[0], "again", ("lab-2", MeshLab.Kubeconfig("lab-2", lab.Clusters[1], token)));
        await MeshLab.UntilAsync(lab.Clusters[0], "lab-2", "timeout");
        await lab.Clusters[1].StartListeningAsync();

        await MeshLab.UntilAsync(lab.Clusters[0], "lab-2", "synced");
    }

    [Fact]
    public async Task The_own_id_is_ignored()
    {
        await using var lab = await MeshLab.StartAsync(2);
        var token = await MeshLab.ReaderTokenAsync(lab.Clusters[1]);

        await MeshLab.InstallAsync(lab.Clusters[0], "own", ("lab-1", MeshLab.Kubeconfig("lab-1", lab.Clusters[1], token)));

        await MeshLab.LogAsync(lab.Clusters[0], "ignoring cluster as it would overwrite the config cluster cluster=lab-1 secret=istio-system/own");
        Assert.Single(await MeshLab.ClustersSeenAsync(lab.Clusters[0]));
    }

    [Fact]
    public async Task A_second_secret_for_an_id_is_ignored()
    {
        await using var lab = await MeshLab.StartAsync(2);
        await MeshLab.LinkAsync(lab.Clusters[0], lab.Clusters[1]);
        await MeshLab.UntilAsync(lab.Clusters[0], "lab-2", "synced");

        await MeshLab.InstallAsync(lab.Clusters[0], "a-second", ("lab-2", MeshLab.Kubeconfig("lab-2", lab.Clusters[1], "other")));

        await MeshLab.LogAsync(lab.Clusters[0], "cluster has already been registered cluster=lab-2 secret=istio-system/a-second");
        var seen = await MeshLab.ClustersSeenAsync(lab.Clusters[0]);
        Assert.Equal("istio-system/istio-remote-secret-lab-2", seen[1]!["secretName"]!.GetValue<string>());
        Assert.Equal(2, seen.Count);
    }

    [Theory]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1, command: gke-gcloud-auth-plugin}", "kubeconfig is not allowed: exec is not allowed")]
    [InlineData("auth-provider: {name: gcp}", "kubeconfig is not allowed: auth provider gcp is not allowed")]
    public async Task A_kubeconfig_that_is_not_allowed_is_not_used(string user, string reason)
    {
        await using var lab = await MeshLab.StartAsync(2);

        await MeshLab.InstallAsync(lab.Clusters[0], "plugin", ("lab-2", MeshLab.Kubeconfig("lab-2", lab.Clusters[1], "", user: user)));

        await MeshLab.LogAsync(lab.Clusters[0], "Add cluster: create remote cluster failed: " + reason);
        Assert.Single(await MeshLab.ClustersSeenAsync(lab.Clusters[0]));
    }

    [Fact]
    public async Task One_secret_may_carry_several_clusters_and_lose_one()
    {
        await using var lab = await MeshLab.StartAsync(3);
        var kubeconfigs = new List<(string, string)>();
        foreach (var target in lab.Clusters.Skip(1))
        {
            kubeconfigs.Add((target.ClusterId, MeshLab.Kubeconfig(target.ClusterId, target, await MeshLab.ReaderTokenAsync(target))));
        }

        await MeshLab.InstallAsync(lab.Clusters[0], "both", [.. kubeconfigs]);
        await MeshLab.UntilAsync(lab.Clusters[0], "lab-2", "synced");
        await MeshLab.UntilAsync(lab.Clusters[0], "lab-3", "synced");

        Change(lab.Clusters[0], "both", data => data.Remove("lab-2"));

        await Eventually.TrueAsync(async () => (await MeshLab.ClustersSeenAsync(lab.Clusters[0])).Count == 2);
        await MeshLab.LogAsync(lab.Clusters[0], "Deleting cluster_id=lab-2 configured by secret=istio-system/both");
    }

    [Fact]
    public async Task A_removed_secret_ends_its_connection()
    {
        await using var lab = await MeshLab.StartAsync(2);
        await MeshLab.LinkAsync(lab.Clusters[0], lab.Clusters[1]);
        await MeshLab.UntilAsync(lab.Clusters[0], "lab-2", "synced");

        Remove(lab.Clusters[0], "istio-remote-secret-lab-2");

        await Eventually.TrueAsync(async () => (await MeshLab.ClustersSeenAsync(lab.Clusters[0])).Count == 1);
    }

    [Fact]
    public async Task A_secret_without_the_label_is_no_remote_secret()
    {
        await using var lab = await MeshLab.StartAsync(2);
        await MeshLab.LinkAsync(lab.Clusters[0], lab.Clusters[1]);
        await MeshLab.UntilAsync(lab.Clusters[0], "lab-2", "synced");

        lab.Clusters[0].Store.Mutate(
            new ResourceKey("", "secrets", "istio-system", "istio-remote-secret-lab-2"),
            json =>
            {
                ((JsonObject)json["metadata"]!).Remove("labels");
                return json;
            },
            "test");

        await Eventually.TrueAsync(async () => (await MeshLab.ClustersSeenAsync(lab.Clusters[0])).Count == 1);
    }

    [Fact]
    public async Task An_identical_kubeconfig_is_skipped_and_another_takes_its_place()
    {
        await using var lab = await MeshLab.StartAsync(2, options => options with { RemoteTimeout = MeshLab.Short });
        await MeshLab.LinkAsync(lab.Clusters[0], lab.Clusters[1]);
        await MeshLab.UntilAsync(lab.Clusters[0], "lab-2", "synced");

        var key = new ResourceKey("", "secrets", "istio-system", "istio-remote-secret-lab-2");
        lab.Clusters[0].Store.Mutate(
            key,
            json =>
            {
                json["metadata"]!["labels"]!["touched"] = "yes";
                return json;
            },
            "test");
        await MeshLab.LogAsync(lab.Clusters[0], "skipping update (kubeconfig are identical)");

        var broken = MeshLab.Kubeconfig("lab-2", lab.Clusters[1], "broken");
        Change(lab.Clusters[0], key.Name, data => data["lab-2"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(broken)));
        await MeshLab.LogAsync(lab.Clusters[0], "Update cluster cluster=lab-2");
        await MeshLab.UntilAsync(lab.Clusters[0], "lab-2", "timeout");
    }

    [Fact]
    public async Task A_client_certificate_inside_the_kubeconfig_works_too()
    {
        await using var lab = await MeshLab.StartAsync(2);
        var credential = lab.Clusters[1].Administrator;
        string Inline(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
        var user = $"{{client-certificate-data: {Inline(credential.CertificatePem)}, client-key-data: {Inline(credential.KeyPem)}}}";

        await MeshLab.InstallAsync(lab.Clusters[0], "certificate", ("lab-2", MeshLab.Kubeconfig("lab-2", lab.Clusters[1], "", user: user)));

        await MeshLab.UntilAsync(lab.Clusters[0], "lab-2", "synced");
    }

    private static void Remove(LabCluster cluster, string name) =>
        cluster.Store.Delete(new ResourceKey("", "secrets", "istio-system", name));

    private static void Change(LabCluster cluster, string name, Action<JsonObject> change) => cluster.Store.Mutate(
        new ResourceKey("", "secrets", "istio-system", name),
        json =>
        {
            change((JsonObject)json["data"]!);
            return json;
        },
        "test");
}
