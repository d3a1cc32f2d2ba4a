using MeshTools.Errors;
using MeshTools.Injection;
using MeshTools.Lab;
using MeshTools.Operations;
using Xunit;

namespace MeshTools.Tests.Injection;

/// <summary>Namespaces of a lab's cluster are labelled by what the cluster has.</summary>
public sealed class SidecarInjectionTests
{
    [Fact]
    public async Task An_installation_without_a_revision_takes_the_default_label_and_a_second_run_writes_nothing()
    {
        await using var lab = await InjectionLab.StartAsync();
        await lab.NamespaceAsync("shop");

        var first = await EnableAsync(lab, "shop");
        var writes = lab.Mesh.Writes();
        var second = await EnableAsync(lab, "shop");

        Assert.Equal(("istio-injection=enabled", "default", ChangeOutcome.Updated, true), (first.Label, first.Revision, first.Change, first.Enabled));
        Assert.Equal(ChangeOutcome.Unchanged, second.Change);
        Assert.Equal(writes, lab.Mesh.Writes());
    }

    [Fact]
    public async Task The_only_revision_is_taken_and_the_label_that_would_hide_it_goes_in_the_same_patch()
    {
        await using var lab = await InjectionLab.StartAsync("asm-1");
        await lab.NamespaceAsync("shop", """{"istio-injection":"disabled","team":"a"}""");
        var writes = lab.Mesh.Writes();

        var result = await EnableAsync(lab, "shop");

        Assert.Equal(1, lab.Mesh.Writes() - writes);
        Assert.Equal(("istio.io/rev=asm-1", "asm-1", null), (result.Label, result.Revision, result.Tag));
        var labels = await lab.LabelsAsync("shop");
        Assert.False(labels.ContainsKey("istio-injection"));
        Assert.Equal(("asm-1", "a"), (labels["istio.io/rev"], labels["team"]));
        Assert.Contains(lab.Mesh.Log.Warnings, text => text.Contains("opted out", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_default_tag_is_resolved()
    {
        await using var lab = await InjectionLab.StartAsync("asm-1");
        await lab.InjectorAsync("istio-revision-tag-default", "asm-1", "default", byDefault: true);
        await lab.NamespaceAsync("shop");

        var plan = await InjectionPlan.EnableAsync(lab.Cluster, "shop", new InjectionOptions(), lab.Mesh.Log, CancellationToken.None);

        Assert.Equal("istio-injection=enabled (tag default leads to revision asm-1)", plan.Change.Description);
        var result = await plan.ExecuteAsync(lab.Mesh.Log, CancellationToken.None);
        Assert.Equal(("asm-1", "default"), (result.Revision, result.Tag));
    }

    [Fact]
    public async Task Several_revisions_without_a_default_ask_for_one_and_a_wrong_one_is_refused()
    {
        await using var lab = await InjectionLab.StartAsync("asm-1");
        await lab.InjectorAsync("istio-sidecar-injector-asm-2", "asm-2");
        await lab.InjectorAsync("istio-revision-tag-prod", "asm-2", "prod");
        await lab.NamespaceAsync("shop");

        var several = await Assert.ThrowsAsync<MeshException>(() => EnableAsync(lab, "shop"));
        Assert.Equal(nameof(ErrorCatalog.RevisionAmbiguous), several.ErrorId);
        Assert.EndsWith("asm-1, asm-2, prod (leads to asm-2)", several.Message, StringComparison.Ordinal);
        var wrong = await Assert.ThrowsAsync<MeshException>(() => EnableAsync(lab, "shop", "asm-3"));
        Assert.Equal(nameof(ErrorCatalog.RevisionNotFound), wrong.ErrorId);
        var byTag = await EnableAsync(lab, "shop", "prod");
        Assert.Equal(("istio.io/rev=prod", "asm-2", "prod"), (byTag.Label, byTag.Revision, byTag.Tag));
        // It is injected now, and stays as it is without a wish.
        Assert.Equal(ChangeOutcome.Unchanged, (await EnableAsync(lab, "shop")).Change);
    }

    [Fact]
    public async Task What_runs_without_a_proxy_needs_a_restart_and_what_opts_out_is_named()
    {
        await using var lab = await InjectionLab.StartAsync();
        await lab.NamespaceAsync("shop");
        await lab.WorkloadAsync("shop", "Deployment", "web");
        await lab.WorkloadAsync("shop", "StatefulSet", "db", """{"sidecar.istio.io/inject":"false"}""");
        await lab.UpAsync("shop", "Deployment", "web");
        await lab.UpAsync("shop", "StatefulSet", "db");

        var result = await EnableAsync(lab, "shop");

        Assert.Equal(["Deployment/web"], result.RestartNeeded);
        Assert.Equal(["StatefulSet/db"], result.OptedOut);
        Assert.Contains(lab.Mesh.Log.Warnings, text => text.Contains("StatefulSet/db will have no proxy", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_namespace_is_made_only_on_demand_and_system_namespaces_are_refused()
    {
        await using var lab = await InjectionLab.StartAsync();

        var missing = await Assert.ThrowsAsync<MeshException>(() => EnableAsync(lab, "shop"));
        Assert.Equal(nameof(ErrorCatalog.NamespaceNotFound), missing.ErrorId);
        var system = await Assert.ThrowsAsync<MeshException>(() => EnableAsync(lab, "kube-system"));
        Assert.Equal(nameof(ErrorCatalog.NamespaceNotInjectable), system.ErrorId);
        var plan = await InjectionPlan.EnableAsync(lab.Cluster, "shop", new InjectionOptions { CreateNamespace = true }, lab.Mesh.Log, CancellationToken.None);
        Assert.Equal(ChangeOutcome.Created, (await plan.ExecuteAsync(lab.Mesh.Log, CancellationToken.None)).Change);
        Assert.Equal("enabled", (await lab.LabelsAsync("shop"))["istio-injection"]);
    }

    [Fact]
    public async Task Without_a_control_plane_nothing_is_labelled()
    {
        await using var mesh = await Scenarios.LabMesh.StartAsync(1, options => options with { ControlPlane = false });
        var error = await Assert.ThrowsAsync<MeshException>(() =>
            InjectionPlan.EnableAsync(mesh.Load()[0], "default", new InjectionOptions(), mesh.Log, CancellationToken.None));
        Assert.Equal(nameof(ErrorCatalog.ControlPlaneNotFound), error.ErrorId);
    }

    [Fact]
    public async Task Its_end_removes_both_labels_and_names_what_still_has_a_proxy()
    {
        await using var lab = await InjectionLab.StartAsync();
        await lab.NamespaceAsync("shop", """{"istio-injection":"enabled","istio.io/rev":"other"}""");
        await lab.WorkloadAsync("shop", "Deployment", "web");
        await lab.UpAsync("shop", "Deployment", "web");

        var result = await DisableAsync(lab, "shop");

        Assert.Equal((false, null, ChangeOutcome.Updated), (result.Enabled, result.Label, result.Change));
        Assert.Equal(["Deployment/web"], result.RestartNeeded);
        Assert.Equal(["kubernetes.io/metadata.name"], (await lab.LabelsAsync("shop")).Keys);
        Assert.Equal(ChangeOutcome.Unchanged, (await DisableAsync(lab, "shop")).Change);
    }

    [Fact]
    public async Task A_cluster_that_forbids_the_look_at_webhooks_is_an_error()
    {
        await using var lab = await InjectionLab.StartAsync();
        lab.Mesh[1].Faults.Add(new Fault(FaultKind.Forbidden) { Verb = "list", Resource = "mutatingwebhookconfigurations" });
        await Assert.ThrowsAsync<MeshTools.Kubernetes.KubernetesApiException>(() => EnableAsync(lab, "default"));
    }

    private static async Task<SidecarInjection> EnableAsync(InjectionLab lab, string ns, string? revision = null)
    {
        var plan = await InjectionPlan.EnableAsync(lab.Cluster, ns, new InjectionOptions { Revision = revision }, lab.Mesh.Log, CancellationToken.None);
        return await plan.ExecuteAsync(lab.Mesh.Log, CancellationToken.None);
    }

    private static async Task<SidecarInjection> DisableAsync(InjectionLab lab, string ns) =>
        await (await InjectionPlan.DisableAsync(lab.Cluster, ns, lab.Mesh.Log, CancellationToken.None)).ExecuteAsync(lab.Mesh.Log, CancellationToken.None);
}
