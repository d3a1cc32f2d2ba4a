using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Fleet;
using MeshTools.GoogleCloud;
using MeshTools.Install;
using MeshTools.Lab;
using MeshTools.Operations;
using MeshTools.Tests.GoogleCloud;
using MeshTools.Tests.Scenarios;
using Xunit;

namespace MeshTools.Tests.Install;

/// <summary>Installations while Google Cloud misbehaves: what was done is said, nothing of the control plane is there, and the next run completes it.</summary>
public sealed class CloudFaultTests : IDisposable
{
    private static readonly IReadOnlySet<CloudChangeArea> s_all = Enum.GetValues<CloudChangeArea>().ToHashSet();

    private static readonly InstallOptions s_options = new() { Authority = MeshAuthority.MeshCA, FleetProject = GoogleLab.Fleet, Enabled = s_all, Wait = true };

    private readonly StandIn _standIn = new();

    public static TheoryData<string, string, string> Roles => new()
    {
        { "gkehub.features.create", "roles/gkehub.admin", GoogleLab.Fleet },
        { "container.clusters.update", "roles/container.admin", GoogleLab.Project },
        { "meshconfig.projects.init", "roles/meshconfig.admin", GoogleLab.Fleet },
        { "serviceusage.services.enable", "roles/serviceusage.serviceUsageAdmin", GoogleLab.Project },
        { "resourcemanager.projects.setIamPolicy", "roles/resourcemanager.projectIamAdmin", GoogleLab.Project },
    };

    public void Dispose() => _standIn.Dispose();

    [SkippableTheory]
    [MemberData(nameof(Roles))]
    public async Task A_role_that_is_missing_is_named_before_anything_is_changed(string permission, string role, string project)
    {
        SkipOnWindows();
        await using var lab = await GoogleLab.StartAsync();
        lab.Google.Faults.Deny(permission);
        var options = s_options with { Enabled = s_all.Except([CloudChangeArea.IamBinding]).ToHashSet() };
        if (role is "roles/resourcemanager.projectIamAdmin")
            options = s_options;

        var refused = await Assert.ThrowsAsync<MeshException>(() => PlanAsync(lab, options));

        Assert.Equal("RequirementNotMet", refused.ErrorId);
        Assert.Contains($"{role} is missing on project {project} (MT114", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"gcloud projects add-iam-policy-binding {project} --member user:lab-user@example.com --role {role}", refused.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal((0, 0), (lab.Google.WriteCount, lab.Mesh.Writes()));
        await CompleteAsync(lab);
    }

    [SkippableFact]
    public async Task A_caller_may_give_himself_the_roles_that_are_missing()
    {
        SkipOnWindows();
        await using var lab = await GoogleLab.StartAsync(options: new MeshTools.Lab.GoogleCloudOptions { Roles = ["roles/resourcemanager.projectIamAdmin", "roles/viewer", "roles/privateca.admin"] });

        var plan = await PlanAsync(lab, s_options);
        Assert.Contains(plan.CloudChanges, change => change is { Area: CloudChangeArea.IamBinding, Kind: ChangeKind.Update } && change.Description.Contains("roles/gkehub.admin", StringComparison.Ordinal));
        var installed = await plan.ExecuteAsync(lab.Log, CancellationToken.None);

        Assert.True(installed.Ready);
        var policy = await lab.Client.Projects.GetPolicyAsync(GoogleLab.Project, CancellationToken.None);
        Assert.True(policy.Grants("roles/container.admin", "user:lab-user@example.com"));
        Assert.False(policy.Grants("roles/gkehub.admin", "user:lab-user@example.com"));
    }

    [SkippableFact]
    public async Task Who_lacks_roles_that_no_change_needs_may_install_again()
    {
        SkipOnWindows();
        await using var lab = await GoogleLab.StartAsync();
        await CompleteAsync(lab);
        lab.Google.Faults.Deny("gkehub.features.create");
        lab.Google.Faults.Deny("serviceusage.services.enable");
        lab.Google.Faults.Deny("resourcemanager.projects.setIamPolicy");

        var again = await PlanAsync(lab, s_options with { Enabled = new HashSet<CloudChangeArea>() });

        Assert.Equal(ChangeOutcome.Unchanged, (await again.ExecuteAsync(lab.Log, CancellationToken.None)).Change);
    }

    [SkippableTheory]
    [InlineData("serviceusage", 0)]
    [InlineData("container", 2)]
    [InlineData("gkehub", 4)]
    public async Task An_operation_that_fails_ends_the_run_and_the_next_completes_it(string api, int madeBefore)
    {
        SkipOnWindows();
        await using var lab = await GoogleLab.StartAsync();
        var plan = await PlanAsync(lab, s_options);
        lab.Google.Faults.FailNextOperation(api, "out of luck");

        var failure = await Assert.ThrowsAsync<GoogleApiException>(() => plan.ExecuteAsync(lab.Log, CancellationToken.None));

        Assert.Contains("out of luck", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, lab.Mesh.Writes());
        Assert.Equal(madeBefore > 0, lab.Log.Warnings.Any(warning => warning.Contains($"{madeBefore} of ", StringComparison.Ordinal) && warning.Contains("changes on Google's side were made", StringComparison.Ordinal)));
        await CompleteAsync(lab);
    }

    [SkippableFact]
    public async Task A_permission_that_goes_while_the_run_is_under_way_is_named()
    {
        SkipOnWindows();
        await using var lab = await GoogleLab.StartAsync();
        var plan = await PlanAsync(lab, s_options);
        lab.Google.Faults.Deny("meshconfig.projects.init");

        var failure = await Assert.ThrowsAsync<GoogleApiException>(() => plan.ExecuteAsync(lab.Log, CancellationToken.None));

        Assert.Equal("meshconfig.projects.init", failure.MissingPermission);
        Assert.Equal(0, lab.Mesh.Writes());
        await CompleteAsync(lab);
    }

    [SkippableFact]
    public async Task An_API_that_is_disabled_again_is_named_and_the_next_run_enables_it()
    {
        SkipOnWindows();
        await using var lab = await GoogleLab.StartAsync();
        var plan = await PlanAsync(lab, s_options);
        lab.Google.Faults.Disable("gkehub");

        var failure = await Assert.ThrowsAsync<GoogleApiException>(() => plan.ExecuteAsync(lab.Log, CancellationToken.None));

        Assert.Equal("gkehub.googleapis.com", failure.DisabledService);
        Assert.Equal("GoogleApiDisabled", ErrorCatalog.Describe(failure).Id);
        Assert.Equal(0, lab.Mesh.Writes());
        await CompleteAsync(lab);
    }

    [SkippableFact]
    public async Task Changes_of_somebody_else_and_passing_trouble_are_overcome()
    {
        SkipOnWindows();
        await using var lab = await GoogleLab.StartAsync();
        lab.Google.Faults.Conflict(3);
        lab.Google.Faults.Fail("gkehub", 429, times: 2, retryAfter: 0);
        lab.Google.Faults.Fail("serviceusage", 503, times: 2);

        var installed = await (await PlanAsync(lab, s_options)).ExecuteAsync(lab.Log, CancellationToken.None);

        Assert.Equal((ChangeOutcome.Created, true), (installed.Change, installed.Ready));
        Assert.Contains(lab.Log.VerboseLines, line => line.Contains("changed by somebody else", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task A_quota_that_stays_used_up_is_said()
    {
        SkipOnWindows();
        await using var lab = await GoogleLab.StartAsync();
        var plan = await PlanAsync(lab, s_options);
        lab.Google.Faults.Fail("gkehub", 429, retryAfter: 0);

        var failure = await Assert.ThrowsAsync<GoogleApiException>(() => plan.ExecuteAsync(lab.Log, CancellationToken.None));

        Assert.Equal("GoogleQuotaExceeded", ErrorCatalog.Describe(failure).Id);
        Assert.Equal(0, lab.Mesh.Writes());
        lab.Google.Faults.Clear();
        await CompleteAsync(lab);
    }

    [SkippableFact]
    public async Task A_member_of_another_fleet_is_refused_before_anything_is_changed()
    {
        SkipOnWindows();
        await using var lab = await GoogleLab.StartAsync();
        await CompleteAsync(lab, s_options with { FleetProject = GoogleLab.Project });
        var writes = (lab.Google.WriteCount, lab.Mesh.Writes());

        var refused = await Assert.ThrowsAsync<MeshException>(() => PlanAsync(lab, s_options));

        Assert.Equal("RequirementNotMet", refused.ErrorId);
        Assert.Contains("which is not in the fleet of lab-fleet (MT111)", refused.Message, StringComparison.Ordinal);
        Assert.Equal(writes, (lab.Google.WriteCount, lab.Mesh.Writes()));
    }

    [SkippableFact]
    public async Task A_newer_revision_and_everything_that_Google_lacks_are_said_together()
    {
        SkipOnWindows();
        await using var lab = await GoogleLab.StartAsync();
        await (await InstallPlan.CreateAsync(lab.Cluster(), _standIn.Path, new InstallOptions { Wait = true }, lab.Log, CancellationToken.None)).ExecuteAsync(lab.Log, CancellationToken.None);
        var writes = lab.Mesh.Writes();

        var first = await Assert.ThrowsAsync<MeshException>(() => InstallPlan.CreateAsync(
            lab.Cluster(), _standIn.OfVersion("1.28.5-asm.12"), s_options with { Enabled = new HashSet<CloudChangeArea>() }, lab.Log, CancellationToken.None, lab.Client));

        Assert.Equal("RequirementNotMet", first.ErrorId);
        Assert.Contains(lab.Log.Failures, failure => failure.Error is MeshException { ErrorId: "RevisionNewer" });
        Assert.Equal((0, writes), (lab.Google.WriteCount, lab.Mesh.Writes()));
    }

    private async Task CompleteAsync(GoogleLab lab, InstallOptions? options = null)
    {
        lab.Google.Faults.Clear();
        var installed = await (await PlanAsync(lab, options ?? s_options)).ExecuteAsync(lab.Log, CancellationToken.None);
        Assert.Equal((ChangeOutcome.Created, true), (installed.Change, installed.Ready));
        var again = await PlanAsync(lab, options ?? s_options);
        Assert.All(again.CloudChanges, change => Assert.False(change.Writes, change.ToString()));
        Assert.All(again.Changes, change => Assert.False(change.Writes, change.ToString()));
    }

    private Task<InstallPlan> PlanAsync(GoogleLab lab, InstallOptions options) => InstallPlan.CreateAsync(lab.Cluster(), _standIn.Path, options, lab.Log, CancellationToken.None, lab.Client);

    private static void SkipOnWindows() => Skip.If(OperatingSystem.IsWindows(), "the stand-in is a shell script.");
}
