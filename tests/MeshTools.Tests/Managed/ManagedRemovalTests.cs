using System.Text.Json.Nodes;
using MeshTools.Discovery;
using MeshTools.Errors;
using MeshTools.Fleet;
using MeshTools.Install;
using MeshTools.Kubernetes;
using MeshTools.Lab;
using MeshTools.Managed;
using MeshTools.Operations;
using MeshTools.Tests.GoogleCloud;
using MeshTools.Tests.Scenarios;
using Xunit;

namespace MeshTools.Tests.Managed;

public sealed class ManagedRemovalTests
{
    [Theory]
    [InlineData(ManagedProvisioning.FleetApi)]
    [InlineData(ManagedProvisioning.ControlPlaneRevision)]
    public async Task The_fleet_is_told_first_and_nothing_comes_back(ManagedProvisioning via)
    {
        await using var lab = await ManagedLab.StartAsync();
        await lab.InstallAsync(ManagedLab.Options() with { Via = via });
        var writes = lab.Writes();

        var plan = await PlanAsync(lab);
        Assert.Equal(writes, lab.Writes());
        Assert.Equal(via is ManagedProvisioning.FleetApi ? 1 : 0, plan.CloudChanges.Count);
        // What was approved is looked up by the change itself.
        Assert.All(plan.CloudChanges.Zip(plan.CloudChanges), pair => Assert.Same(pair.First, pair.Second));
        Assert.All(plan.Changes.Zip(plan.Changes), pair => Assert.Same(pair.First, pair.Second));
        Assert.Equal("ControlPlaneRevision", plan.Changes.First().Object.Kind);
        var removed = Assert.Single(await plan.ExecuteAsync(lab.Log, CancellationToken.None));

        Assert.Equal((ChangeOutcome.Removed, "asm-managed"), (removed.Change, removed.Revision));
        Assert.Empty(await InstallationCatalog.GetAsync(lab.Cluster(), LabMesh.Namespace, lab.Log, CancellationToken.None));
        Assert.Null(lab.Revision());
        Assert.Null(lab.Mesh.Find(1, "configmaps", "istio-asm-managed"));
        Assert.Contains(lab.Log.Warnings, warning => warning.Contains("kubectl delete deployment/mdp-controller daemonset/istio-cni-node configmap/istio-cni-plugin-config -n kube-system", StringComparison.Ordinal));
        Assert.Contains(lab.Log.Warnings, warning => warning.Contains("gcloud container fleet mesh disable", StringComparison.Ordinal));
        var feature = (await lab.Client.Fleet.FindMeshFeatureAsync(GoogleLab.Fleet, CancellationToken.None))!;
        Assert.Equal(via is ManagedProvisioning.FleetApi ? "MANAGEMENT_MANUAL" : null, feature.ManagementOf("us-central1", "lab-1"));
        Assert.Empty((await PlanAsync(lab)).Changes);

        Assert.Equal(ChangeOutcome.Created, (await lab.InstallAsync(ManagedLab.Options() with { Via = via })).Change);
    }

    [Fact]
    public async Task Workloads_that_use_it_keep_it()
    {
        await using var lab = await ManagedLab.StartAsync();
        await lab.InstallAsync();
        var client = lab.Cluster().Connect();
        var ns = KubernetesObject.Create("v1", "Namespace", "shop");
        ns.Json["metadata"]!["labels"] = new JsonObject { ["istio-injection"] = "enabled" };
        await client.CreateAsync(ns);
        var pod = KubernetesObject.Create("v1", "Pod", "web", "shop");
        pod.Json["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "web", ["image"] = "web:1" }) };
        await client.CreateAsync(pod);
        var writes = lab.Writes();

        var error = await Assert.ThrowsAsync<MeshException>(() => PlanAsync(lab));

        Assert.Equal(nameof(ErrorCatalog.RevisionInUse), error.Definition.Id);
        Assert.Equal(writes, lab.Writes());
    }

    [Fact]
    public async Task Where_the_fleet_cannot_be_asked_nothing_is_removed_unless_forced()
    {
        await using var lab = await ManagedLab.StartAsync();
        await lab.InstallAsync();
        lab.Google.Faults.Deny("gkehub.features.get");

        var error = await Assert.ThrowsAsync<MeshException>(() => PlanAsync(lab));
        Assert.Equal(nameof(ErrorCatalog.ManagedFleetUnknown), error.Definition.Id);
        var forced = await UninstallPlan.CreateAsync(lab.Cluster(), new UninstallOptions { Force = true }, lab.Log, CancellationToken.None, lab.Client);
        Assert.Contains(lab.Log.Warnings, warning => warning.Contains("Google makes anew", StringComparison.Ordinal));
        Assert.NotEmpty(forced.Changes);
    }

    [Fact]
    public async Task A_cluster_without_a_managed_control_plane_asks_nobody_at_Google()
    {
        await using var lab = await ManagedLab.StartAsync();
        var requests = lab.Google.Requests.Count;

        Assert.Empty((await PlanAsync(lab)).Changes);

        Assert.Equal(requests, lab.Google.Requests.Count);
    }

    [Fact]
    public async Task The_fleets_word_is_laid_over_what_the_cluster_says()
    {
        await using var lab = await ManagedLab.StartAsync();
        lab.Google.Faults.FailMesh("NEEDS_ATTENTION", "CNI_POD_UNSCHEDULABLE", "No room.");
        await lab.InstallAsync(ManagedLab.Options() with { Wait = false });
        var (_, isOver) = await lab.Client.Fleet.WatchMeshAsync(GoogleLab.Fleet, "us-central1", "lab-1", (state, _) => state?.ControlPlane is "NEEDS_ATTENTION", TimeSpan.FromMinutes(1), CancellationToken.None);
        Assert.True(isOver);

        var own = await InstallationCatalog.GetAsync(lab.Cluster(), LabMesh.Namespace, lab.Log, CancellationToken.None);
        var asked = Assert.Single(await ManagedInstallations.WithFleetAsync(lab.Cluster(), own, lab.Client, CancellationToken.None));

        Assert.Equal("STALLED", own[0].State);
        Assert.Equal(("NEEDS_ATTENTION", false), (asked.State, asked.Ready));
        Assert.Contains(asked.Conditions, condition => condition.StartsWith("CNI_POD_UNSCHEDULABLE (ERROR): No room", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Remote_secrets_for_a_managed_control_plane_come_with_a_warning_that_names_the_declarative_way()
    {
        await using var lab = await ManagedLab.StartAsync(2);
        await lab.InstallAsync();
        await lab.InstallAsync(number: 2);
        lab.Mesh[2].Store.Create(
            new ResourceKey("", "configmaps", LabMesh.Namespace, "asm-options"),
            new JsonObject { ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["data"] = new JsonObject { ["multicluster_mode"] = "connected" } }, "somebody");

        await EndpointDiscoveryPlan.CreateAsync(lab.Mesh.Load(), new EndpointDiscoveryOptions(), lab.Log, CancellationToken.None);

        Assert.Contains(lab.Log.Warnings, warning => warning.Contains("lab-1", StringComparison.Ordinal) && warning.Contains("{\"data\":{\"multicluster_mode\":\"connected\"}}", StringComparison.Ordinal));
        Assert.Contains(lab.Log.Warnings, warning => warning.Contains("lab-2", StringComparison.Ordinal) && warning.Contains("reads all of its fleet already", StringComparison.Ordinal));
        Assert.DoesNotContain(lab.Log.Warnings, warning => warning.Contains("no control plane was found", StringComparison.Ordinal));
    }

    private static Task<UninstallPlan> PlanAsync(GoogleLab lab) => UninstallPlan.CreateAsync(lab.Cluster(), new UninstallOptions { Wait = true }, lab.Log, CancellationToken.None, lab.Client);
}
