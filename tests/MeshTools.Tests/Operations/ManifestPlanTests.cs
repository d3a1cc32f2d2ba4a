using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Tests.Scenarios;
using Xunit;

namespace MeshTools.Tests.Operations;

public sealed class ManifestPlanTests : IAsyncLifetime
{
    private LabMesh _lab = null!;
    private MeshCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        _lab = await LabMesh.StartAsync(1);
        _cluster = _lab.Load()[0];
    }

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [Fact]
    public async Task A_manifest_is_made_in_order_and_a_second_run_has_nothing_to_write()
    {
        var first = await PlanAsync("1");
        Assert.Equal([ChangeKind.Create, ChangeKind.Create], first.Changes.Select(change => change.Kind));

        await first.ExecuteAsync(_ => true, _lab.Log, CancellationToken.None);
        var second = await PlanAsync("1");

        Assert.All(second.Changes, change => Assert.False(change.Writes));
    }

    [Fact]
    public async Task A_change_names_its_fields_and_planning_writes_nothing()
    {
        await (await PlanAsync("1")).ExecuteAsync(_ => true, _lab.Log, CancellationToken.None);

        var plan = await PlanAsync("2");

        var change = Assert.Single(plan.Changes, change => change.Writes);
        Assert.Equal((ChangeKind.Update, "shop"), (change.Kind, change.Object.Namespace));
        Assert.Equal(["metadata.labels['example.com/size']", "data.size"], change.Fields);
        var live = await _cluster.Connect().GetAsync(ResourceTypes.ConfigMap, "shop", "settings");
        Assert.Equal("1", live.FindString("data", "size"));
    }

    [Fact]
    public async Task What_is_not_approved_stays_as_it_is()
    {
        await (await PlanAsync("1")).ExecuteAsync(_ => true, _lab.Log, CancellationToken.None);

        var after = await (await PlanAsync("2")).ExecuteAsync(_ => false, _lab.Log, CancellationToken.None);

        Assert.Equal("1", after[1].FindString("data", "size"));
    }

    [Fact]
    public async Task Fields_of_others_are_taken_over_only_on_demand()
    {
        await (await PlanAsync("1")).ExecuteAsync(_ => true, _lab.Log, CancellationToken.None);
        await _cluster.Connect().ApplyAsync(Settings("7"), new ApplyOptions { FieldManager = "somebody", ForceConflicts = true });

        var conflict = await Assert.ThrowsAsync<KubernetesApiException>(() => PlanAsync("2"));
        Assert.Contains("somebody", conflict.Message, StringComparison.Ordinal);
        var forced = await PlanAsync("2", force: true);
        var after = await forced.ExecuteAsync(_ => true, _lab.Log, CancellationToken.None);
        Assert.Equal("2", after[1].FindString("data", "size"));
    }

    [Fact]
    public async Task A_removal_leaves_what_was_made_anew_in_between()
    {
        var made = await (await PlanAsync("1")).ExecuteAsync(_ => true, _lab.Log, CancellationToken.None);
        var removal = new RemovalPlan(_cluster, [new ManifestObject(made[1], "settings")]);
        await _cluster.Connect().DeleteAsync(ResourceTypes.ConfigMap, "shop", "settings");
        await _cluster.Connect().CreateAsync(Settings("9"));

        await Assert.ThrowsAsync<KubernetesApiException>(() => removal.ExecuteAsync(_ => true, _lab.Log, CancellationToken.None));

        Assert.Equal("9", (await _cluster.Connect().GetAsync(ResourceTypes.ConfigMap, "shop", "settings")).FindString("data", "size"));
    }

    [Fact]
    public async Task A_removal_takes_what_was_approved()
    {
        var made = await (await PlanAsync("1")).ExecuteAsync(_ => true, _lab.Log, CancellationToken.None);
        var removal = new RemovalPlan(_cluster, [new ManifestObject(made[1], "settings"), new ManifestObject(made[0], "namespace")]);

        await removal.ExecuteAsync(change => change.Object.Kind is "ConfigMap", _lab.Log, CancellationToken.None);

        Assert.Null(await _cluster.Connect().FindAsync(ResourceTypes.ConfigMap, "shop", "settings"));
        Assert.NotNull(await _cluster.Connect().FindAsync(ResourceTypes.Namespace, null, "shop"));
    }

    private static KubernetesObject Settings(string size)
    {
        var settings = KubernetesObject.Create("v1", "ConfigMap", "settings", "shop");
        settings.Json["metadata"]!["labels"] = new JsonObject { ["example.com/size"] = size };
        settings.Json["data"] = new JsonObject { ["size"] = size };
        return settings;
    }

    private Task<ManifestPlan> PlanAsync(string size, bool force = false) => ManifestPlan.CreateAsync(
        _cluster,
        [new ManifestObject(KubernetesObject.Create("v1", "Namespace", "shop"), "namespace"), new ManifestObject(Settings(size), "settings")],
        force,
        CancellationToken.None);
}
