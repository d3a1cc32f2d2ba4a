using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Install;
using MeshTools.Kubernetes;
using MeshTools.Lab;
using MeshTools.Operations;
using MeshTools.Revisions;
using MeshTools.Tests.Scenarios;
using MeshTools.Trust;
using Xunit;

namespace MeshTools.Tests.Revisions;

public sealed class RevisionTagTests : IAsyncLifetime
{
    private LabMesh _lab = null!;
    private MeshCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        _lab = await LabMesh.StartAsync(2, (number, options) => number == 1 ? options with { Revision = "asm-1285-12" } : options);
        _cluster = _lab.Load()[0];
    }

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [Fact]
    public async Task A_revision_shows_version_replicas_and_the_namespaces_it_injects()
    {
        await NamespaceAsync(_cluster, "by-revision", ("istio.io/rev", "asm-1285-12"));
        await NamespaceAsync(_cluster, "hidden", ("istio.io/rev", "asm-1285-12"), ("istio-injection", "disabled"));

        var revision = Assert.Single(await RevisionCatalog.GetRevisionsAsync(_cluster, LabMesh.Namespace, _lab.Log, CancellationToken.None));

        Assert.Equal(("asm-1285-12", "1.30.3", true, 1), (revision.Revision, revision.Version, revision.Ready, revision.ReadyReplicas));
        Assert.Equal(["by-revision"], revision.InjectedNamespaces);
        Assert.Equal("lab-1", revision.ClusterId);
        var installation = Assert.Single(await InstallationCatalog.GetAsync(_cluster, LabMesh.Namespace, _lab.Log, CancellationToken.None));
        Assert.Equal((CertificateAuthorityKind.PluggedIn, "lab-mesh", "cluster.local"), (installation.CertificateAuthority, installation.MeshId, installation.TrustDomain));
        Assert.Contains("istio-sidecar-injector-asm-1285-12", installation.Webhooks);
        Assert.Equal(["namespace hidden asks for it by istio.io/rev, but its label istio-injection hides that"], installation.Conditions);
    }

    [Fact]
    public async Task A_tag_is_what_istioctl_makes_and_injects_by_its_name()
    {
        await NamespaceAsync(_cluster, "shop", ("istio.io/rev", "prod"));

        var tag = await SetAsync("prod");

        Assert.Equal((ChangeOutcome.Created, "asm-1285-12"), (tag.Change, tag.Revision));
        Assert.Equal(["shop"], tag.InjectedNamespaces);
        var made = Live("mutatingwebhookconfigurations", "istio-revision-tag-prod", null, "admissionregistration.k8s.io")!;
        Assert.Equal("istiod-asm-1285-12", made["webhooks"]![0].FindString("clientConfig", "service", "name"));
        Assert.Equal(2, made["webhooks"]!.AsArray().Count);
        Assert.Equal("asm-1285-12", Live("services", "istiod-revision-tag-prod")!.FindString("spec", "selector", "istio.io/rev"));
        var listed = Assert.Single(await RevisionCatalog.GetTagsAsync(_cluster, LabMesh.Namespace, _lab.Log, CancellationToken.None));
        Assert.Equal(("prod", "asm-1285-12"), (listed.Tag, listed.Revision));

        await _cluster.Connect().CreateAsync(Pod("shop"));
        var pod = await _cluster.Connect().GetAsync(ResourceTypes.Pod, "shop", "plain");
        Assert.Equal("asm-1285-12", pod.Annotations["istio.io/rev"]);
    }

    [Fact]
    public async Task A_second_run_writes_nothing()
    {
        await SetAsync("default");
        var before = _lab.Writes();

        var again = await SetAsync("default");

        Assert.Equal(ChangeOutcome.Unchanged, again.Change);
        Assert.Equal(before, _lab.Writes());
    }

    [Fact]
    public async Task The_tag_default_takes_over_from_an_installation_without_a_revision()
    {
        var cluster = _lab.Load()[1];
        var plan = await RevisionTagPlan.CreateAsync(cluster, "default", new RevisionTagOptions { Revision = "default" }, _lab.Log, CancellationToken.None);
        Assert.Equal((ChangeKind.Update, "istio-sidecar-injector"), (plan.Changes[0].Kind, plan.Changes[0].Object.Name));

        await plan.ExecuteAsync(_lab.Log, CancellationToken.None);

        var own = await cluster.Connect().GetAsync(ResourceTypes.MutatingWebhookConfiguration, null, "istio-sidecar-injector");
        Assert.All(own.Json["webhooks"]!.AsArray(), webhook => Assert.Equal("never-match", webhook.FindString("namespaceSelector", "matchLabels", "istio.io/deactivated")));
        await NamespaceAsync(cluster, "shop", ("istio-injection", "enabled"));
        await cluster.Connect().CreateAsync(Pod("shop"));
        Assert.True((await cluster.Connect().GetAsync(ResourceTypes.Pod, "shop", "plain")).Annotations.ContainsKey("sidecar.istio.io/status"));
    }

    [Fact]
    public async Task A_tag_moves_only_when_that_is_wished()
    {
        await SetAsync("prod");
        await SecondRevisionAsync("asm-1290-1");
        await NamespaceAsync(_cluster, "shop", ("istio.io/rev", "prod"));

        var refused = await Assert.ThrowsAsync<MeshException>(() => PlanAsync("prod", new RevisionTagOptions { Revision = "asm-1290-1" }));
        Assert.Equal("RevisionTagExists", refused.ErrorId);
        var ambiguous = await Assert.ThrowsAsync<MeshException>(() => PlanAsync("prod", new RevisionTagOptions()));
        Assert.Equal("RevisionAmbiguous", ambiguous.ErrorId);

        var plan = await PlanAsync("prod", new RevisionTagOptions { Revision = "asm-1290-1", Overwrite = true });
        Assert.Contains(plan.Changes, change => change.Fields.Any(field => field.Contains("clientConfig", StringComparison.Ordinal)));
        var moved = await plan.ExecuteAsync(_lab.Log, CancellationToken.None);

        Assert.Equal(("asm-1290-1", "asm-1285-12", ChangeOutcome.Updated), (moved.Revision, moved.PreviousRevision, moved.Change));
        Assert.Contains(_lab.Log.Warnings, warning => warning.Contains("shop keep their proxies of asm-1285-12", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Prod", null, "RevisionTagInvalid")]
    [InlineData("asm-1285-12", null, "RevisionTagInvalid")]
    [InlineData("prod", "nope", "RevisionNotFound")]
    public async Task What_cannot_be_a_tag_is_refused(string tag, string? revision, string error)
    {
        var refused = await Assert.ThrowsAsync<MeshException>(() => PlanAsync(tag, new RevisionTagOptions { Revision = revision }));
        Assert.Equal(error, refused.ErrorId);
    }

    [Fact]
    public async Task A_removal_takes_injector_and_service_and_warns_of_namespaces()
    {
        await SetAsync("prod");
        await NamespaceAsync(_cluster, "shop", ("istio.io/rev", "prod"));

        var removal = await RevisionTagRemoval.CreateAsync(_cluster, "prod", LabMesh.Namespace, _lab.Log, CancellationToken.None);
        Assert.Equal(["MutatingWebhookConfiguration", "Service"], removal.Changes.Select(change => change.Object.Kind));
        Assert.Contains(_lab.Log.Warnings, warning => warning.Contains("shop is injected by tag prod", StringComparison.Ordinal));
        await removal.ExecuteAsync(_lab.Log, CancellationToken.None);

        Assert.Empty(await RevisionCatalog.GetTagsAsync(_cluster, LabMesh.Namespace, _lab.Log, CancellationToken.None));
        var gone = await Assert.ThrowsAsync<MeshException>(() => RevisionTagRemoval.CreateAsync(_cluster, "prod", LabMesh.Namespace, _lab.Log, CancellationToken.None));
        Assert.Equal("RevisionTagNotFound", gone.ErrorId);
    }

    [Fact]
    public async Task A_run_that_was_cut_off_is_completed_by_the_next()
    {
        _lab[1].Faults.Add(new Fault(FaultKind.ServerError) { Resource = "mutatingwebhookconfigurations", Verb = "patch", Times = 1 });
        var plan = await PlanAsync("prod", new RevisionTagOptions());
        await Assert.ThrowsAnyAsync<KubernetesException>(() => plan.ExecuteAsync(_lab.Log, CancellationToken.None));

        var tag = await SetAsync("prod");

        Assert.Equal(ChangeOutcome.Created, tag.Change);
        Assert.NotNull(Live("services", "istiod-revision-tag-prod"));
    }

    private async Task<MeshRevisionTag> SetAsync(string tag) =>
        await (await PlanAsync(tag, new RevisionTagOptions())).ExecuteAsync(_lab.Log, CancellationToken.None);

    private Task<RevisionTagPlan> PlanAsync(string tag, RevisionTagOptions options) =>
        RevisionTagPlan.CreateAsync(_cluster, tag, options, _lab.Log, CancellationToken.None);

    private JsonObject? Live(string plural, string name, string? ns = LabMesh.Namespace, string group = "") => _lab.Find(1, plural, name, ns, group)?.Json;

    private async Task SecondRevisionAsync(string revision)
    {
        var client = _cluster.Connect();
        var injector = (await client.GetAsync(ResourceTypes.MutatingWebhookConfiguration, null, "istio-sidecar-injector-asm-1285-12")).WithoutServerFields();
        injector.Json["metadata"]!["name"] = $"istio-sidecar-injector-{revision}";
        injector.Json["metadata"]!["labels"]!["istio.io/rev"] = revision;
        foreach (var webhook in injector.Json["webhooks"]!.AsArray())
            webhook!["clientConfig"]!["service"]!["name"] = $"istiod-{revision}";
        await client.CreateAsync(injector);
    }

    private static Task<KubernetesObject> NamespaceAsync(MeshCluster cluster, string name, params (string Key, string Value)[] labels)
    {
        var ns = KubernetesObject.Create("v1", "Namespace", name);
        var map = new JsonObject();
        foreach (var (key, value) in labels)
            map[key] = value;
        ns.Json["metadata"]!["labels"] = map;
        return cluster.Connect().CreateAsync(ns);
    }

    private static KubernetesObject Pod(string ns)
    {
        var pod = KubernetesObject.Create("v1", "Pod", "plain", ns);
        pod.Json["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "app", ["image"] = "example.com/app:1" }) };
        return pod;
    }
}
