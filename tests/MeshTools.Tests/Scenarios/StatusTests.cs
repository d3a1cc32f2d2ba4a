using System.Text.Json.Nodes;
using MeshTools.Discovery;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Lab;
using MeshTools.Operations;
using MeshTools.Tests.Errors;
using Xunit;

namespace MeshTools.Tests.Scenarios;

/// <summary>The matrix of links as it is, and what keeps a link from working.</summary>
public sealed class StatusTests
{
    private static readonly EndpointDiscoveryOptions s_waiting = new() { Wait = true, Timeout = TimeSpan.FromSeconds(60) };

    private static EndpointDiscoveryLink Link(IEnumerable<EndpointDiscoveryLink> links, string text) => links.Single(link => link.ToString() == text);

    /// <summary>Takes the remote secret for lab-2 out of lab-1, changes it, and puts it back as <paramref name="name"/>.</summary>
    private static async Task ReplaceAsync(LabMesh mesh, Action<KubernetesObject> change, string? name = null, string ns = LabMesh.Namespace)
    {
        var client = mesh.Client(1);
        var live = await client.GetAsync(ResourceTypes.Secret, LabMesh.Namespace, "istio-remote-secret-lab-2");
        await client.DeleteAsync(ResourceTypes.Secret, LabMesh.Namespace, live.Name);
        var copy = KubernetesObject.Create("v1", "Secret", name ?? live.Name, ns);
        copy.Json["metadata"]!["labels"] = live.Json["metadata"]!["labels"]!.DeepClone();
        copy.Json["data"] = live.Json["data"]!.DeepClone();
        change(copy);
        await client.CreateAsync(copy);
    }

    [Fact]
    public async Task Before_and_after()
    {
        await using var mesh = await LabMesh.StartAsync(3);
        var before = await mesh.StatusAsync();
        Assert.Equal(6, before.Count);
        Assert.All(before, link => Assert.Equal(((ChangeOutcome?) null, null, "no remote secret"), (link.Change, link.SecretName, link.Reason)));

        await mesh.EnableAsync(s_waiting);
        var writes = mesh.Writes();
        var after = await mesh.StatusAsync();
        Assert.Equal(6, after.Count);
        Assert.All(after, link =>
        {
            Assert.Equal(("synced", null, $"istio-remote-secret-{link.Target!.Name}"), (link.SyncStatus, link.Reason, link.SecretName));
            Assert.Equal(link.Target.Server, new Uri(link.Server!));
        });
        Assert.Empty(mesh.Log.Failures);
        Assert.Equal(writes, mesh.Writes());
        mesh.AssertNothingLeaked(after);
    }

    [Fact]
    public async Task A_secret_in_the_wrong_namespace_is_named()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        await mesh.EnableAsync();
        await ReplaceAsync(mesh, _ => { }, ns: "default");
        var link = Link(await mesh.StatusAsync(), "lab-1 -> lab-2");
        Assert.Contains("is in namespace default, where istiod does not look", link.Reason, StringComparison.Ordinal);
        Assert.NotEqual("synced", link.SyncStatus);
    }

    [Fact]
    public async Task A_secret_without_its_label_is_named()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        await mesh.EnableAsync();
        await ReplaceAsync(mesh, secret => secret.Json["metadata"]!.AsObject().Remove("labels"));
        Assert.Contains("has no label istio/multiCluster=true", Link(await mesh.StatusAsync(), "lab-1 -> lab-2").Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_under_another_id_is_found_by_its_server()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        await mesh.EnableAsync();
        await ReplaceAsync(mesh, secret => secret.Json["data"] = new JsonObject { ["gke-lab-2"] = secret.Json["data"]!["lab-2"]!.DeepClone() }, "istio-remote-secret-gke-lab-2");
        var link = Link(await mesh.StatusAsync(), "lab-1 -> lab-2");
        Assert.Contains("leads to lab-2, whose cluster ID is lab-2, not gke-lab-2", link.Reason, StringComparison.Ordinal);
        Assert.Equal("gke-lab-2", link.ClusterId);

        // Joining again says that the old entry doubles the cluster.
        var log = new RecordedLog();
        await mesh.EnableAsync(log: log);
        Assert.Contains(log.Warnings, warning => warning.Contains("istiod would read it twice", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_secret_for_one_cluster_that_leads_to_another_is_named()
    {
        await using var mesh = await LabMesh.StartAsync(3);
        await mesh.EnableAsync();
        var third = (await mesh.Client(1).GetAsync(ResourceTypes.Secret, LabMesh.Namespace, "istio-remote-secret-lab-3")).Json["data"]!["lab-3"]!;
        await ReplaceAsync(mesh, secret => secret.Json["data"] = new JsonObject { ["lab-2"] = third.DeepClone() });
        Assert.Contains("is for lab-2 but leads to lab-3", Link(await mesh.StatusAsync(), "lab-1 -> lab-2").Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_that_was_not_given_is_listed()
    {
        await using var mesh = await LabMesh.StartAsync(3);
        await mesh.EnableAsync(s_waiting);
        var two = mesh.Load().Take(2).ToList();
        var links = await EndpointDiscoveryStatus.GetAsync(two, LabMesh.Namespace, 8, mesh.Log, CancellationToken.None).ToListAsync();
        Assert.Equal(4, links.Count);
        Assert.All(links.Where(link => link.Target is null), link =>
            Assert.Equal(("lab-3", "synced", "leads to a cluster that was not given"), (link.ClusterId, link.SyncStatus, link.Reason)));
    }

    [Fact]
    public async Task Two_secrets_for_one_id_are_named()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        await mesh.EnableAsync(s_waiting);
        var live = await mesh.Client(1).GetAsync(ResourceTypes.Secret, LabMesh.Namespace, "istio-remote-secret-lab-2");
        var copy = KubernetesObject.Create("v1", "Secret", "second", LabMesh.Namespace);
        copy.Json["metadata"]!["labels"] = live.Json["metadata"]!["labels"]!.DeepClone();
        copy.Json["data"] = live.Json["data"]!.DeepClone();
        await mesh.Client(1).CreateAsync(copy);
        Assert.Contains("one of several", Link(await mesh.StatusAsync(), "lab-1 -> lab-2").Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Installed_secrets_are_read_without_their_credential()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        await mesh.EnableAsync();
        var clusters = await mesh.ProbeAsync();
        var installed = Assert.Single(await InstalledSecrets.FindAsync(clusters[0], LabMesh.Namespace, clusters, mesh.Log, CancellationToken.None));
        Assert.Equal(
            ("lab-2", "istio-remote-secret-lab-2", "lab-2", "lab-1", "system:serviceaccount:istio-system:istio-reader-service-account"),
            (installed.ClusterId, installed.Name, installed.SourceCluster!.Name, installed.InstalledIn!.Name, installed.Subject));
        Assert.Empty(installed.Problems);
        Assert.DoesNotContain(mesh.Text(2, LabMesh.TokenSecret, "token"), installed.ToYaml(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_only_the_control_planes_namespace_may_be_read_a_warning_says_so()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        await mesh.EnableAsync();
        var clusters = await mesh.ProbeAsync();
        mesh[1].Faults.Add(new Fault(FaultKind.Forbidden) { Verb = "list", Resource = "secrets", Times = 1 });
        Assert.Single(await InstalledSecrets.FindAsync(clusters[0], LabMesh.Namespace, clusters, mesh.Log, CancellationToken.None));
        Assert.Contains(mesh.Log.Warnings, warning => warning.StartsWith("lab-1:", StringComparison.Ordinal) && warning.Contains("only namespace istio-system", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_leave_to_forward_ports_the_secrets_are_shown_all_the_same()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        await mesh.EnableAsync(s_waiting);
        mesh[1].Faults.Add(new Fault(FaultKind.Forbidden) { Verb = "list", Resource = "pods" });
        var link = Link(await mesh.StatusAsync(), "lab-1 -> lab-2");
        Assert.Equal(("istio-remote-secret-lab-2", null), (link.SecretName, link.SyncStatus));
        Assert.Contains(mesh.Log.Warnings, warning => warning.Contains("without their sync status", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_reader_that_is_down_is_unknown_with_the_reason_and_the_others_are_shown()
    {
        await using var mesh = await LabMesh.StartAsync(3);
        await mesh.EnableAsync(s_waiting);
        await mesh[2].StopListeningAsync();
        var links = await mesh.StatusAsync();
        Described.TheOnly(mesh.Log.Failures, ErrorCatalog.EndpointUnreachable, "lab-2");
        Assert.All(links.Where(link => link.Reader.Name == "lab-2"), link =>
        {
            Assert.Equal("unknown", link.SyncStatus);
            Assert.StartsWith("lab-2: ", link.Reason, StringComparison.Ordinal);
        });
        Assert.Equal("synced", Link(links, "lab-1 -> lab-3").SyncStatus);
    }
}
