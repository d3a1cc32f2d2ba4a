using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Fleet;
using MeshTools.Operations;
using Xunit;

namespace MeshTools.Tests.GoogleCloud;

public sealed class RegistrationTests
{
    private static readonly MeshTools.Lab.GoogleCloudOptions s_prepared = new()
    {
        Prepared = true, Services = [.. new MeshTools.Lab.GoogleCloudOptions().Services, "gkehub.googleapis.com"],
    };

    [Fact]
    public async Task Clusters_become_members_and_leave_again()
    {
        await using var lab = await GoogleLab.StartAsync(2, s_prepared);
        var options = new FleetRegistrationOptions(GoogleLab.Fleet);
        foreach (var cluster in lab.Mesh.Load())
            Assert.Equal(ChangeOutcome.Created, (await RegisterAsync(lab, cluster, options))!.Change);

        var members = await FleetCatalog.ListAsync(lab.Client, GoogleLab.Fleet, lab.Mesh.Load(), CancellationToken.None);
        var writes = lab.Google.WriteCount;
        Assert.Equal(ChangeOutcome.Unchanged, (await RegisterAsync(lab, lab.Cluster(), options))!.Change);
        Assert.Equal(writes, lab.Google.WriteCount);

        Assert.Equal(["lab-1", "lab-2"], members.Select(member => member.Name));
        Assert.All(members, member =>
        {
            Assert.Equal("proj-222222222222", member.MeshId);
            Assert.Equal("lab-fleet.svc.id.goog", member.WorkloadIdentityPool);
            Assert.Equal($"cn-lab-project-us-central1-c-{member.Name}", member.ClusterId);
            Assert.Equal("READY", member.State);
            Assert.NotNull(member.Cluster);
        });

        Assert.True(await lab.Client.Fleet.DeleteAsync(members[0].ResourceName, force: false, CancellationToken.None));
        Assert.False(await lab.Client.Fleet.DeleteAsync(members[0].ResourceName, force: false, CancellationToken.None));
        Assert.Null((await lab.Client.Clusters.GetAsync(GoogleLab.Project, "us-central1-c", "lab-1", CancellationToken.None)).Membership);
    }

    [Fact]
    public async Task Without_workload_identity_it_says_how_to_turn_it_on()
    {
        await using var lab = await GoogleLab.StartAsync(1, s_prepared with { Prepared = false });

        var error = await Assert.ThrowsAsync<MeshException>(() => RegisterAsync(lab, lab.Cluster(), new FleetRegistrationOptions(GoogleLab.Project)));

        Assert.Equal("WorkloadIdentityRequired", error.ErrorId);
        Assert.Equal(0, lab.Google.WriteCount);
    }

    [Fact]
    public async Task A_name_of_another_cluster_and_another_fleet_are_refused_before_anything_is_written()
    {
        await using var lab = await GoogleLab.StartAsync(2, s_prepared);
        await RegisterAsync(lab, lab.Cluster(1), new FleetRegistrationOptions(GoogleLab.Project) { MembershipName = "mine" });
        var writes = lab.Google.WriteCount;

        var taken = await Assert.ThrowsAsync<MeshException>(() => RegisterAsync(lab, lab.Cluster(2), new FleetRegistrationOptions(GoogleLab.Project) { MembershipName = "mine" }));
        var elsewhere = await Assert.ThrowsAsync<MeshException>(() => RegisterAsync(lab, lab.Cluster(1), new FleetRegistrationOptions(GoogleLab.Fleet)));

        Assert.Equal("MembershipNameTaken", taken.ErrorId);
        Assert.Equal("RegisteredElsewhere", elsewhere.ErrorId);
        Assert.Equal(writes, lab.Google.WriteCount);
    }

    [Fact]
    public async Task A_cluster_of_GKE_is_reached_without_a_kubeconfig()
    {
        await using var lab = await GoogleLab.StartAsync();
        var gke = await GkeConnection.ListAsync(lab.Client, GoogleLab.Project, location: null, CancellationToken.None);

        var cluster = await ClusterProbe.ProbeAsync(GkeConnection.Connect(Assert.Single(gke), lab.Client, GkeEndpoint.Default), null, lab.Log, CancellationToken.None);

        Assert.Equal(lab.Mesh[1].Uid, cluster.Uid);
        Assert.True(cluster.IsLab);
        Assert.Empty(lab.Log.Warnings);
        var error = Assert.Throws<MeshException>(() => GkeConnection.Connect(gke[0], lab.Client, GkeEndpoint.Dns));
        Assert.Equal("GkeEndpointUnavailable", error.ErrorId);
    }

    [Fact]
    public async Task Trust_domains_are_accepted_by_structure_once_and_never_over_somebody_elses_change()
    {
        await using var lab = await MeshTools.Tests.Scenarios.LabMesh.StartAsync(1);
        string[] aliases = ["proj.svc.id.goog", "my-proj.svc.id.goog"];
        var cluster = lab.Load()[0];

        var plan = await TrustDomainAliases.PlanAsync(cluster, aliases, "istio-system", CancellationToken.None);
        var late = await TrustDomainAliases.PlanAsync(cluster, ["other.svc.id.goog"], "istio-system", CancellationToken.None);
        Assert.Equal(ChangeKind.Update, Assert.Single(plan.Changes).Kind);
        await plan.ExecuteAsync(_ => true, lab.Log, CancellationToken.None);

        Assert.Equal(ChangeKind.Unchanged, Assert.Single((await TrustDomainAliases.PlanAsync(cluster, aliases, "istio-system", CancellationToken.None)).Changes).Kind);
        await Assert.ThrowsAsync<MeshTools.Kubernetes.KubernetesApiException>(() => late.ExecuteAsync(_ => true, lab.Log, CancellationToken.None));
        var mesh = lab.Find(1, "configmaps", "istio")!.Json["data"]!["mesh"]!.GetValue<string>();
        Assert.Contains("- my-proj.svc.id.goog", mesh, StringComparison.Ordinal);
        Assert.Contains("- proj.svc.id.goog", mesh, StringComparison.Ordinal);
    }

    private static async Task<FleetMembership?> RegisterAsync(GoogleLab lab, MeshCluster cluster, FleetRegistrationOptions options)
    {
        var registration = await FleetRegistration.CreateAsync(cluster, options, lab.Client, lab.Log, CancellationToken.None);
        return await registration.ExecuteAsync(cluster, options.FleetProject, _ => true, lab.Log, CancellationToken.None);
    }
}
