using MeshTools.Errors;
using MeshTools.Fleet;
using MeshTools.GoogleCloud;
using MeshTools.Install;
using MeshTools.Operations;
using Xunit;

namespace MeshTools.Tests.GoogleCloud;

public sealed class PreparationTests
{
    public static TheoryData<string, MeshAuthority> Installations => new()
    {
        { GoogleLab.Project, MeshAuthority.MeshCA }, { GoogleLab.Fleet, MeshAuthority.MeshCA }, { GoogleLab.Project, MeshAuthority.CaService },
        { GoogleLab.Fleet, MeshAuthority.CaService }, { GoogleLab.Project, MeshAuthority.IstioCA },
    };

    [Theory]
    [MemberData(nameof(Installations))]
    public async Task What_is_missing_is_made_once_and_a_second_run_writes_nothing(string fleet, MeshAuthority authority)
    {
        await using var lab = await GoogleLab.StartAsync();
        var wish = Wish(fleet, authority);
        var planned = await CloudPreparation.PlanAsync(lab.Cluster(), wish, lab.Client, lab.Log, CancellationToken.None);
        Assert.Equal(0, lab.Google.WriteCount);
        Assert.Contains(planned.Changes, change => change is { Area: CloudChangeArea.Registration, Kind: ChangeKind.Create });

        await lab.PrepareAsync(wish);
        var writes = lab.Google.WriteCount;
        // Where CA Service was off, its policies could not be read at first.
        var again = await lab.PrepareAsync(wish);

        Assert.Empty(again);
        Assert.Equal(writes, lab.Google.WriteCount);
        var gke = await lab.Client.Clusters.GetAsync(GoogleLab.Project, "us-central1-c", "lab-1", CancellationToken.None);
        Assert.Equal("lab-project.svc.id.goog", gke.WorkloadPool);
        Assert.True(gke.HasObservability);
        Assert.Equal(fleet == GoogleLab.Project ? "proj-111111111111" : "proj-222222222222", gke.Labels["mesh_id"]);
        Assert.EndsWith("/locations/us-central1/memberships/lab-1", gke.Membership, StringComparison.Ordinal);
        Assert.True((await lab.Client.Fleet.FindMeshFeatureAsync(fleet, CancellationToken.None))!.IsEnabled);
    }

    [Fact]
    public async Task Service_agents_of_the_fleet_get_their_roles_in_the_clusters_project()
    {
        await using var lab = await GoogleLab.StartAsync();

        await lab.PrepareAsync(Wish(GoogleLab.Fleet));

        var policy = await lab.Client.Projects.GetPolicyAsync(GoogleLab.Project, CancellationToken.None);
        Assert.True(policy.Grants("roles/gkehub.serviceAgent", "serviceAccount:service-222222222222@gcp-sa-gkehub.iam.gserviceaccount.com"));
        Assert.True(policy.Grants("roles/anthosservicemesh.serviceAgent", "serviceAccount:service-222222222222@gcp-sa-servicemesh.iam.gserviceaccount.com"));
        Assert.True(policy.Grants("roles/owner", "user:lab-user@example.com"));
    }

    [Fact]
    public async Task Changes_of_somebody_else_at_the_same_time_are_read_and_kept()
    {
        await using var lab = await GoogleLab.StartAsync();
        lab.Google.Faults.Conflict(3);

        await lab.PrepareAsync(Wish(GoogleLab.Fleet));

        Assert.Empty(await lab.PrepareAsync(Wish(GoogleLab.Fleet)));
        Assert.Contains(lab.Log.VerboseLines, line => line.Contains("changed by somebody else", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_operation_that_fails_is_said_and_a_rerun_completes_the_rest()
    {
        await using var lab = await GoogleLab.StartAsync();
        lab.Google.Faults.FailNextOperation("container", "out of luck");

        var error = await Assert.ThrowsAsync<GoogleApiException>(() => lab.PrepareAsync(Wish(GoogleLab.Project)));

        Assert.Contains("out of luck", error.Message, StringComparison.Ordinal);
        Assert.Contains("Workload Identity", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(await lab.PrepareAsync(Wish(GoogleLab.Project)));
        Assert.Empty(await lab.PrepareAsync(Wish(GoogleLab.Project)));
    }

    [Fact]
    public async Task A_refused_permission_is_named_with_its_resource()
    {
        await using var lab = await GoogleLab.StartAsync();
        await lab.PrepareAsync(Wish(GoogleLab.Project) with { Label = false });
        lab.Google.Faults.Deny("container.clusters.update");

        var plan = await CloudPreparation.PlanAsync(lab.Cluster(), Wish(GoogleLab.Project), lab.Client, lab.Log, CancellationToken.None);
        var error = await Assert.ThrowsAsync<GoogleApiException>(() => plan.ExecuteAsync(change => change.Area is CloudChangeArea.ClusterLabel, lab.Log, CancellationToken.None));

        Assert.Equal("container.clusters.update", error.MissingPermission);
        Assert.Equal("IAM_PERMISSION_DENIED", error.Reason);
        Assert.Equal("GooglePermissionDenied", ErrorCatalog.Describe(error).Id);
        Assert.Contains(plan.Changes, change => change is { Area: CloudChangeArea.IamBinding, Kind: ChangeKind.Update } && change.Description.Contains("roles/container.admin", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_cluster_of_another_fleet_is_refused()
    {
        await using var lab = await GoogleLab.StartAsync();
        await lab.PrepareAsync(Wish(GoogleLab.Project));

        var error = await Assert.ThrowsAsync<MeshException>(() => lab.PrepareAsync(Wish(GoogleLab.Fleet)));

        Assert.Equal("RegisteredElsewhere", error.ErrorId);
    }

    private static CloudWish Wish(string fleet, MeshAuthority authority = MeshAuthority.MeshCA) => new(fleet)
    {
        CertificateAuthority = authority,
        CaPool = authority is MeshAuthority.CaService ? $"projects/{fleet}/locations/us-central1/caPools/lab-pool" : null,
        CertificateTemplate = authority is MeshAuthority.CaService ? $"projects/{fleet}/locations/us-central1/certificateTemplates/lab-template" : null,
    };
}
