using System.Text.Json.Nodes;
using MeshTools.Errors;
using MeshTools.Fleet;
using MeshTools.Install;
using MeshTools.Kubernetes;
using MeshTools.Lab;
using MeshTools.Managed;
using MeshTools.Operations;
using MeshTools.Revisions;
using MeshTools.Tests.GoogleCloud;
using MeshTools.Tests.Scenarios;
using MeshTools.Trust;
using Xunit;

namespace MeshTools.Tests.Managed;

public sealed class ManagedInstallTests
{
    private const string Pool = "projects/lab-fleet/locations/us-central1/caPools/lab-pool";

    [Theory]
    [InlineData(GoogleLab.Fleet)]
    [InlineData(GoogleLab.Project)]
    public async Task The_fleet_manages_the_mesh_and_a_second_run_writes_nothing(string fleet)
    {
        await using var lab = await ManagedLab.StartAsync(fleet: fleet);
        var before = lab.Writes();
        var plan = await lab.PlanAsync(ManagedLab.Options(fleet));
        Assert.Equal(before, lab.Writes());
        Assert.Equal(ManagedProvisioning.FleetApi, plan.Via);
        Assert.Equal([ChangeKind.Create], plan.Changes.Select(change => change.Kind));
        var management = Assert.Single(plan.CloudChanges);
        Assert.Equal((CloudChangeArea.ManagedControlPlane, ChangeKind.Update), (management.Area, management.Kind));
        Assert.Contains("us-central1/lab-1", management.Resource, StringComparison.Ordinal);

        var installed = await plan.ExecuteAsync(lab.Log, CancellationToken.None);

        Assert.Equal((ChangeOutcome.Created, "asm-managed", true, true), (installed.Change, installed.Revision, installed.IsExternal, installed.Ready));
        Assert.Equal(("regular", "ACTIVE", "ISTIOD"), (installed.Channel, installed.State, installed.Implementation));
        Assert.Equal(CertificateAuthorityKind.MeshCa, installed.CertificateAuthority);
        Assert.Contains("istiod-asm-managed", installed.Webhooks);
        Assert.Equal(["default"], installed.Tags);
        Assert.Equal("lab-project-default", lab.Mesh.Find(1, "namespaces", "istio-system", null)!.Json["metadata"]!["labels"]!["topology.istio.io/network"]!.GetValue<string>());
        Assert.Contains(lab.Log.ProgressUpdates, progress => progress.Activity.Contains("managed control plane", StringComparison.Ordinal));

        var writes = lab.Writes();
        Assert.Equal(ChangeOutcome.Unchanged, (await lab.InstallAsync(ManagedLab.Options(fleet))).Change);
        Assert.Equal(writes, lab.Writes());
    }

    [Fact]
    public async Task A_ControlPlaneRevision_asks_for_CA_Service_and_a_second_run_writes_nothing()
    {
        await using var lab = await ManagedLab.StartAsync();
        var options = ManagedLab.Options() with { Authority = MeshAuthority.CaService, CaPool = Pool };

        var plan = await lab.PlanAsync(options);
        Assert.Equal(ManagedProvisioning.ControlPlaneRevision, plan.Via);
        Assert.Empty(plan.CloudChanges);
        Assert.Equal(["Namespace", "ConfigMap", "ControlPlaneRevision"], plan.Changes.Select(change => change.Object.Kind));
        var installed = await plan.ExecuteAsync(lab.Log, CancellationToken.None);

        Assert.Equal((ChangeOutcome.Created, true, "ACTIVE", CertificateAuthorityKind.CaService, Pool), (installed.Change, installed.Ready, installed.State, installed.CertificateAuthority, installed.CertificateAuthorityAddress));
        Assert.Contains(lab.Log.VerboseLines, line => line.Contains("CaService is wanted", StringComparison.Ordinal));
        var revision = lab.Revision()!.Json;
        Assert.Equal("managed_service", revision["spec"]!["type"]!.GetValue<string>());
        Assert.Equal("true", revision["metadata"]!["labels"]!["mesh.cloud.google.com/managed-cni-enabled"]!.GetValue<string>());
        Assert.Equal("false", revision["metadata"]!["annotations"]!["mesh.cloud.google.com/vpcsc"]!.GetValue<string>());
        Assert.Equal($"CA=PRIVATECA;CAAddr={Pool}", lab.Mesh.Find(1, "configmaps", "asm-options")!.Json["data"]!["ASM_OPTS"]!.GetValue<string>());

        var writes = lab.Writes();
        Assert.Equal(ChangeOutcome.Unchanged, (await lab.InstallAsync(options)).Change);
        // Who says nothing of the authority keeps it, and with it the way.
        Assert.Equal(ChangeOutcome.Unchanged, (await lab.InstallAsync(ManagedLab.Options())).Change);
        Assert.Equal(writes, lab.Writes());
    }

    [Fact]
    public async Task Options_of_others_in_the_same_text_stay()
    {
        await using var lab = await ManagedLab.StartAsync();
        await lab.InstallAsync(ManagedLab.Options() with { Via = ManagedProvisioning.ControlPlaneRevision });
        lab.Mesh[1].Store.Create(new ResourceKey("", "configmaps", "istio-system", "asm-options"), new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["data"] = new JsonObject { ["ASM_OPTS"] = "CNI=on;CA=PRIVATECA;CAAddr=projects/a/locations/b/caPools/c", ["multicluster_mode"] = "connected" },
        }, "somebody");

        var plan = await lab.PlanAsync(ManagedLab.Options() with { Authority = MeshAuthority.CaService, CaPool = Pool });
        Assert.Equal(["data.ASM_OPTS"], Assert.Single(plan.Changes, change => change.Writes).Fields);
        Assert.Equal(ChangeOutcome.Updated, (await plan.ExecuteAsync(lab.Log, CancellationToken.None)).Change);

        var data = lab.Mesh.Find(1, "configmaps", "asm-options")!.Json["data"]!;
        Assert.Equal($"CNI=on;CA=PRIVATECA;CAAddr={Pool}", data["ASM_OPTS"]!.GetValue<string>());
        Assert.Equal("connected", data["multicluster_mode"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("RAPID", null, ManagedProvisioning.FleetApi, "asm-managed-rapid", "rapid")]
    [InlineData("STABLE", null, ManagedProvisioning.ControlPlaneRevision, "asm-managed-stable", "stable")]
    [InlineData(null, null, ManagedProvisioning.ControlPlaneRevision, "asm-managed", "regular")]
    [InlineData("EXTENDED", null, ManagedProvisioning.ControlPlaneRevision, "asm-managed", "regular")]
    [InlineData("REGULAR", ManagedChannel.Regular, ManagedProvisioning.FleetApi, "asm-managed", "regular")]
    public async Task The_clusters_release_channel_decides(string? gke, ManagedChannel? asked, ManagedProvisioning via, string revision, string channel)
    {
        await using var lab = await ManagedLab.StartAsync(options: new() { ReleaseChannel = gke });

        var plan = await lab.PlanAsync(ManagedLab.Options() with { Channel = asked });
        var installed = await plan.ExecuteAsync(lab.Log, CancellationToken.None);

        Assert.Equal((via, revision), (plan.Via, plan.Revision));
        Assert.Equal((revision, channel, true), (installed.Revision, installed.Channel, installed.Ready));
    }

    [Fact]
    public async Task Another_channel_than_the_clusters_becomes_another_name_for_its_control_plane()
    {
        await using var lab = await ManagedLab.StartAsync();

        var installed = await lab.InstallAsync(ManagedLab.Options() with { Channel = ManagedChannel.Rapid });

        Assert.Equal(("asm-managed", "regular"), (installed.Revision, installed.Channel));
        Assert.Contains("asm-managed-rapid", installed.Tags);
        Assert.Equal("asm-managed-rapid", lab.Revision()!.Json["metadata"]!["annotations"]!["mesh.cloud.google.com/tags"]!.GetValue<string>());
        Assert.Contains(lab.Log.Warnings, warning => warning.Contains("asm-managed-rapid becomes another name", StringComparison.Ordinal));
        Assert.Equal(ChangeOutcome.Unchanged, (await lab.InstallAsync(ManagedLab.Options() with { Channel = ManagedChannel.Rapid })).Change);
        // A name that namespaces may carry does not go because somebody does not repeat it.
        Assert.Equal(ChangeOutcome.Unchanged, (await lab.InstallAsync(ManagedLab.Options())).Change);
    }

    [Fact]
    public async Task A_perimeter_is_an_annotation_that_stays_until_somebody_says_otherwise()
    {
        await using var lab = await ManagedLab.StartAsync();
        await lab.InstallAsync(ManagedLab.Options() with { UseVpcServiceControls = true });
        Assert.Equal("true", Perimeter());
        await lab.InstallAsync(ManagedLab.Options());
        Assert.Equal("true", Perimeter());

        var plan = await lab.PlanAsync(ManagedLab.Options() with { UseVpcServiceControls = false });
        Assert.Equal(["metadata.annotations['mesh.cloud.google.com/vpcsc']"], Assert.Single(plan.Changes, change => change.Writes).Fields);
        await plan.ExecuteAsync(lab.Log, CancellationToken.None);
        Assert.Equal("false", Perimeter());

        string Perimeter() => lab.Revision()!.Json["metadata"]!["annotations"]!["mesh.cloud.google.com/vpcsc"]!.GetValue<string>();
    }

    public static TheoryData<string, Func<ManagedInstallOptions, ManagedInstallOptions>, string, string> Refused => new()
    {
        { "REGULAR", options => options with { Authority = MeshAuthority.IstioCA }, nameof(ErrorCatalog.ManagedNotSupported), "IstioCA" },
        { "REGULAR", options => options with { Authority = MeshAuthority.CaService }, nameof(ErrorCatalog.CaPoolInvalid), "pool" },
        { "REGULAR", options => options with { Via = ManagedProvisioning.FleetApi, Authority = MeshAuthority.CaService, CaPool = Pool }, nameof(ErrorCatalog.FleetApiNotPossible), "CaService" },
        { "REGULAR", options => options with { Via = ManagedProvisioning.FleetApi, Channel = ManagedChannel.Rapid }, nameof(ErrorCatalog.FleetApiNotPossible), "rapid" },
        { "STABLE", options => options with { Via = ManagedProvisioning.FleetApi }, nameof(ErrorCatalog.FleetApiNotPossible), "stable" },
        { "REGULAR", options => options with { Via = ManagedProvisioning.FleetApi, UseVpcServiceControls = true }, nameof(ErrorCatalog.FleetApiNotPossible), "VPC" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_cannot_be_is_refused_with_the_reason(string channel, Func<ManagedInstallOptions, ManagedInstallOptions> with, string id, string says)
    {
        await using var lab = await ManagedLab.StartAsync(options: new() { ReleaseChannel = channel });
        var writes = lab.Writes();

        var error = await Assert.ThrowsAsync<MeshException>(() => lab.PlanAsync(with(ManagedLab.Options())));

        Assert.Equal(id, error.Definition.Id);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Equal(writes, lab.Writes());
    }

    [Fact]
    public async Task Without_membership_or_feature_nothing_begins_unless_they_are_coming()
    {
        await using var lab = await GoogleLab.StartAsync(options: new() { Prepared = true });
        Assert.Equal(nameof(ErrorCatalog.MembershipNotFound), (await Assert.ThrowsAsync<MeshException>(() => lab.PlanAsync())).Definition.Id);
        await lab.Client.Fleet.RegisterAsync(GoogleLab.Fleet, "us-central1", "other-name", await lab.Client.Clusters.GetAsync(GoogleLab.Project, "us-central1-c", "lab-1", CancellationToken.None), null, CancellationToken.None);
        Assert.Equal(nameof(ErrorCatalog.MeshFeatureNotEnabled), (await Assert.ThrowsAsync<MeshException>(() => lab.PlanAsync())).Definition.Id);

        var preparation = await CloudPreparation.PlanAsync(lab.Cluster(), new CloudWish(GoogleLab.Fleet) { Managed = true }, lab.Client, lab.Log, CancellationToken.None);
        var plan = await lab.PlanAsync(ManagedLab.Options() with { Coming = preparation.Changes });
        Assert.Contains("us-central1/other-name", plan.CloudChanges[0].Resource, StringComparison.Ordinal);
        await preparation.ExecuteAsync(_ => true, lab.Log, CancellationToken.None);
        Assert.True((await plan.ExecuteAsync(lab.Log, CancellationToken.None)).Ready);
    }

    [Fact]
    public async Task A_cluster_outside_of_GKE_or_in_another_fleet_is_refused()
    {
        await using var lab = await ManagedLab.StartAsync();
        var other = await Assert.ThrowsAsync<MeshException>(() => lab.PlanAsync(new ManagedInstallOptions(GoogleLab.Project)));
        Assert.Equal(nameof(ErrorCatalog.RegisteredElsewhere), other.Definition.Id);
        await using var mesh = await LabMesh.StartAsync(1);
        var outside = await Assert.ThrowsAsync<MeshException>(() => ManagedInstallPlan.CreateAsync(mesh.Load()[0], ManagedLab.Options(), lab.Client, lab.Log, CancellationToken.None));
        Assert.Equal(nameof(ErrorCatalog.ManagedNotSupported), outside.Definition.Id);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(ManagedProvisioning.ControlPlaneRevision)]
    public async Task What_keeps_Google_from_providing_it_is_said_and_a_rerun_completes(ManagedProvisioning? via)
    {
        await using var lab = await ManagedLab.StartAsync();
        lab.Google.Faults.FailMesh("FAILED_PRECONDITION", "NODEPOOL_WORKLOAD_IDENTITY_FEDERATION_REQUIRED", "Node pool default-pool has it off.");

        var error = await Assert.ThrowsAsync<MeshException>(() => lab.InstallAsync(ManagedLab.Options() with { Via = via }));

        Assert.Equal(nameof(ErrorCatalog.ManagedProvisioningFailed), error.Definition.Id);
        Assert.Contains(via is null ? "FAILED_PRECONDITION" : "STALLED", error.Message, StringComparison.Ordinal);
        Assert.Contains("NODEPOOL_WORKLOAD_IDENTITY_FEDERATION_REQUIRED (ERROR): Node pool default-pool has it off", error.Message, StringComparison.Ordinal);
        Assert.Contains("https://cloud.google.com/service-mesh/docs/troubleshooting", error.Message, StringComparison.Ordinal);
        Assert.Contains("--workload-metadata GKE_METADATA", error.RecommendedAction, StringComparison.Ordinal);
        var stalled = Assert.Single(await InstallationCatalog.GetAsync(lab.Cluster(), LabMesh.Namespace, lab.Log, CancellationToken.None));
        Assert.Equal(("STALLED", false), (stalled.State, stalled.Ready));
        Assert.Contains(stalled.Conditions, condition => condition.Contains("Node pool default-pool", StringComparison.Ordinal));

        lab.Google.Faults.Clear();
        var installed = await lab.InstallAsync(ManagedLab.Options() with { Via = via });
        Assert.Equal((ChangeOutcome.Unchanged, true), (installed.Change, installed.Ready));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(ManagedProvisioning.ControlPlaneRevision)]
    public async Task A_wait_that_is_over_says_how_far_it_is_and_without_a_wait_so_does_the_result(ManagedProvisioning? via)
    {
        await using var lab = await ManagedLab.StartAsync();
        lab.Google.Faults.SlowMesh(TimeSpan.FromHours(1));

        var error = await Assert.ThrowsAsync<MeshException>(() => lab.InstallAsync(ManagedLab.Options() with { Via = via, Timeout = TimeSpan.FromMilliseconds(300) }));

        Assert.Equal(nameof(ErrorCatalog.ManagedProvisioningTimeout), error.Definition.Id);
        Assert.Contains("PROVISIONING", error.Message, StringComparison.Ordinal);
        var installed = await lab.InstallAsync(ManagedLab.Options() with { Via = via, Wait = false });
        Assert.Equal(("PROVISIONING", false, ChangeOutcome.Unchanged), (installed.State, installed.Ready, installed.Change));
        var revision = Assert.Single(await RevisionCatalog.GetRevisionsAsync(lab.Cluster(), LabMesh.Namespace, lab.Log, CancellationToken.None));
        Assert.Equal(("asm-managed", "regular", "PROVISIONING", false), (revision.Revision, revision.Channel, revision.State, revision.Ready));
    }

    [Fact]
    public async Task A_definition_that_does_not_come_is_said()
    {
        await using var lab = await ManagedLab.StartAsync();
        lab.Mesh.Delete(1, "customresourcedefinitions", "controlplanerevisions.mesh.cloud.google.com", null, "apiextensions.k8s.io");

        var error = await Assert.ThrowsAsync<MeshException>(() => lab.InstallAsync(ManagedLab.Options() with { Via = ManagedProvisioning.ControlPlaneRevision, Timeout = TimeSpan.FromMilliseconds(200) }));

        Assert.Equal(nameof(ErrorCatalog.ControlPlaneRevisionNotServed), error.Definition.Id);
    }

    [Fact]
    public async Task Others_that_change_the_feature_at_the_same_time_do_not_get_lost()
    {
        await using var lab = await ManagedLab.StartAsync(2);
        lab.Google.Faults.Conflict(3);

        var plans = await Task.WhenAll(lab.PlanAsync(), lab.PlanAsync(number: 2));
        var installed = await Task.WhenAll(plans.Select(plan => plan.ExecuteAsync(lab.Log, CancellationToken.None)));

        Assert.All(installed, one => Assert.True(one.Ready));
        var feature = (await lab.Client.Fleet.FindMeshFeatureAsync(GoogleLab.Fleet, CancellationToken.None))!;
        Assert.All(new[] { "lab-1", "lab-2" }, name => Assert.Equal("MANAGEMENT_AUTOMATIC", feature.ManagementOf("us-central1", name)));
    }

    [Fact]
    public async Task Missing_permissions_are_said_before_anything_is_written()
    {
        await using var lab = await ManagedLab.StartAsync();
        lab.Google.Faults.Deny("gkehub.features.");
        var writes = lab.Writes();

        var error = await Assert.ThrowsAnyAsync<Exception>(() => lab.PlanAsync());

        Assert.Contains("gkehub.features.get", ErrorCatalog.Describe(error).Message, StringComparison.Ordinal);
        Assert.Equal(writes, lab.Writes());
    }

    [Fact]
    public async Task Its_injector_makes_proxies_that_trust_those_of_other_managed_clusters()
    {
        await using var lab = await ManagedLab.StartAsync(2);
        await lab.InstallAsync();
        await lab.InstallAsync(ManagedLab.Options() with { Via = ManagedProvisioning.ControlPlaneRevision }, 2);

        Assert.Equal(lab.Mesh[1].MeshRootPem, lab.Mesh[2].MeshRootPem);
        var client = lab.Cluster().Connect();
        var ns = KubernetesObject.Create("v1", "Namespace", "shop");
        ns.Json["metadata"]!["labels"] = new JsonObject { ["istio.io/rev"] = "asm-managed" };
        await client.CreateAsync(ns);
        var pod = KubernetesObject.Create("v1", "Pod", "web", "shop");
        pod.Json["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "web", ["image"] = "web:1" }) };
        await client.CreateAsync(pod);

        var ready = await client.WaitAsync(ResourceTypes.Pod, "shop", "web", WaitCondition.Condition("Ready"), TimeSpan.FromMinutes(1));
        Assert.Contains("istio-proxy", ready.Json["spec"]!["containers"]!.AsArray().Select(container => container!["name"]!.GetValue<string>()));
        Assert.Equal("lab-project-default", ready.Labels["topology.istio.io/network"]);
    }
}
