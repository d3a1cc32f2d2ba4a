using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Fleet;
using MeshTools.GoogleCloud;
using MeshTools.Kubernetes;
using MeshTools.Lab;
using MeshTools.Operations;
using MeshTools.Requirements;
using MeshTools.Verify;
using Xunit;

namespace MeshTools.Tests.GoogleCloud;

/// <summary>Clusters outside GKE: membership, mark and Connect agent.</summary>
public sealed class OtherRegistrationTests
{
    private static readonly MeshTools.Lab.GoogleCloudOptions s_prepared = new() { Prepared = true };

    private static readonly FleetRegistrationOptions s_fleet = new(GoogleLab.Fleet);

    [Theory]
    [InlineData(LabPlatform.Eks, "https://oidc.eks.us-east-1.amazonaws.com/id/LAB-LAB-1")]
    [InlineData(LabPlatform.Aks, "https://eastus.oic.prod-aks.azure.com/lab/lab-1/")]
    public async Task A_cluster_becomes_a_member_once_and_leaves_again(LabPlatform platform, string issuer)
    {
        await using var lab = await StartAsync(platform);
        var planned = await FleetRegistration.CreateAsync(lab.Cluster(), s_fleet, lab.Client, lab.Log, CancellationToken.None);
        Assert.Equal([ChangeKind.Create, ChangeKind.Create, ChangeKind.Create, ChangeKind.Update], planned.Plan.Changes.Select(change => change.Kind));
        Assert.Equal(0, lab.Google.WriteCount);
        Assert.Equal(0, lab.Mesh.Writes());

        var member = (await RegisterAsync(lab, s_fleet with { Wait = true }))!;

        Assert.Equal(ChangeOutcome.Created, member.Change);
        Assert.Equal("projects/lab-fleet/locations/global/memberships/lab-1", member.ResourceName);
        Assert.Equal(issuer, member.Issuer);
        Assert.Equal("cn-lab-fleet-global-lab-1", member.ClusterId);
        Assert.Equal("proj-222222222222", member.MeshId);
        var marker = lab.Mesh.Find(1, "memberships", "membership", ns: null, "hub.gke.io")!.Json["spec"]!;
        Assert.Equal("//gkehub.googleapis.com/projects/lab-fleet/locations/global/memberships/lab-1", marker["owner"]!["id"]!.GetValue<string>());
        Assert.Equal("https://gkehub.googleapis.com/projects/lab-fleet/locations/global/memberships/lab-1", marker["identity_provider"]!.GetValue<string>());
        Assert.Equal("lab-fleet.svc.id.goog", marker["workload_identity_pool"]!.GetValue<string>());
        var seen = Assert.Single(await FleetCatalog.ListAsync(lab.Client, GoogleLab.Fleet, [lab.Cluster()], CancellationToken.None));
        Assert.NotNull(seen.LastConnection);
        Assert.NotNull(seen.Cluster);
        Assert.Equal("proj-222222222222", seen.Labels["mesh_id"]);

        var (google, kubernetes) = (lab.Google.WriteCount, Changed(lab));
        Assert.Equal(ChangeOutcome.Unchanged, (await RegisterAsync(lab, s_fleet))!.Change);
        Assert.Equal(google, lab.Google.WriteCount);
        Assert.Equal(kubernetes, Changed(lab));

        var made = await UnregisterAsync(lab, GoogleLab.Fleet);
        Assert.Equal(3, made.Count);
        Assert.StartsWith("remove the Connect agent", made[0].Description, StringComparison.Ordinal);
        Assert.StartsWith("remove membership", made[1].Description, StringComparison.Ordinal);
        Assert.Empty(await lab.Client.Fleet.ListAsync(GoogleLab.Fleet, CancellationToken.None));
        Assert.Null(lab.Mesh.Find(1, "namespaces", "gke-connect", ns: null));
        Assert.Null(lab.Mesh.Find(1, "clusterrolebindings", "lab-fleet-gke-connect-agent-role-binding", ns: null, "rbac.authorization.k8s.io"));
        Assert.Null(lab.Mesh.Find(1, "memberships", "membership", ns: null, "hub.gke.io"));
        var again = await FleetUnregistration.CreateAsync(lab.Cluster(), GoogleLab.Fleet, force: false, lab.Client, lab.Log, CancellationToken.None);
        Assert.Empty(again.Plan.Changes);
        Assert.Contains("memberships.hub.gke.io", Assert.Single(again.Remains), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_issuer_that_only_the_cluster_can_reach_needs_its_keys_sent()
    {
        await using var lab = await StartAsync(LabPlatform.None);

        var error = await Assert.ThrowsAsync<MeshException>(() => RegisterAsync(lab, s_fleet));
        Assert.Equal("IssuerNotPublic", error.ErrorId);
        Assert.Contains("https://kubernetes.default.svc.cluster.local", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, lab.Google.WriteCount);
        Assert.Equal(0, lab.Mesh.Writes());

        Assert.Equal(ChangeOutcome.Created, (await RegisterAsync(lab, s_fleet with { HasPrivateIssuer = true }))!.Change);
        var writes = lab.Google.WriteCount;
        Assert.Equal(ChangeOutcome.Unchanged, (await RegisterAsync(lab, s_fleet))!.Change);
        Assert.Equal(ChangeOutcome.Unchanged, (await RegisterAsync(lab, s_fleet with { HasPrivateIssuer = true }))!.Change);
        Assert.Equal(writes, lab.Google.WriteCount);
        var member = Assert.Single(await lab.Client.Fleet.ListAsync(GoogleLab.Fleet, CancellationToken.None));
        Assert.Contains("\"kty\":\"EC\"", member.IssuerKeys!.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);

        // Keys of before, as after a rotation.
        await lab.Client.Fleet.SetIssuerAsync(member, member.Issuer!, """{"keys":[{"kid":"old"}]}""", CancellationToken.None);
        Assert.Equal(ChangeOutcome.Updated, (await RegisterAsync(lab, s_fleet))!.Change);
        Assert.True(ClusterIssuer.SameKeys(member.IssuerKeys, Assert.Single(await lab.Client.Fleet.ListAsync(GoogleLab.Fleet, CancellationToken.None)).IssuerKeys));
    }

    [Fact]
    public async Task A_published_issuer_is_taken_only_to_the_letter()
    {
        await using var lab = await StartAsync(LabPlatform.None);
        var issuer = lab.Google.PublicIssuer("lab-1");

        var mismatch = await Assert.ThrowsAsync<MeshException>(() => RegisterAsync(lab, s_fleet with { PublicIssuerUrl = new Uri(issuer + "/") }));
        var nothing = await Assert.ThrowsAsync<MeshException>(() => RegisterAsync(lab, s_fleet with { PublicIssuerUrl = lab.Google.PublicIssuer("nobody") }));
        var plain = await Assert.ThrowsAsync<MeshException>(() => RegisterAsync(lab, s_fleet with { PublicIssuerUrl = new Uri("http://example.com/issuer") }));
        Assert.Equal(["IssuerMismatch", "IssuerUnknown", "IssuerUnknown"], new[] { mismatch.ErrorId, nothing.ErrorId, plain.ErrorId });
        Assert.Equal(0, lab.Google.WriteCount);

        Assert.Equal(issuer.ToString(), (await RegisterAsync(lab, s_fleet with { PublicIssuerUrl = issuer }))!.Issuer);
        Assert.Equal(ChangeOutcome.Unchanged, (await RegisterAsync(lab, s_fleet))!.Change);
    }

    [Fact]
    public async Task What_a_run_that_was_cut_off_left_out_is_named_and_completed_by_the_next()
    {
        await using var lab = await StartAsync(LabPlatform.Eks);
        lab.Google.Faults.FailNextOperation("gkehub", "out of luck");
        var failed = await Assert.ThrowsAsync<GoogleApiException>(() => RegisterAsync(lab, s_fleet));
        Assert.Contains("out of luck", failed.Message, StringComparison.Ordinal);
        Assert.Equal(0, lab.Mesh.Writes());

        var broken = new Fault(FaultKind.Forbidden) { Resource = "deployments", Verb = "patch" };
        lab.Mesh[1].Faults.Add(broken);
        await Assert.ThrowsAsync<KubernetesApiException>(() => RegisterAsync(lab, s_fleet));
        Assert.Single(await lab.Client.Fleet.ListAsync(GoogleLab.Fleet, CancellationToken.None));
        lab.Mesh[1].Faults.Remove(broken);

        var findings = await CheckAsync(lab);
        Assert.Contains(findings, result => result is { Id: "MT111", Severity: CheckSeverity.Warning, Fix: "Register-FleetMembership -Cluster lab-1 -FleetProject lab-fleet" }
            && result.Message.Contains("the Connect agent", StringComparison.Ordinal));
        Assert.Contains(findings, result => result is { Id: "MT111", Severity: CheckSeverity.Warning } && result.Message.Contains("has not been connected", StringComparison.Ordinal));

        Assert.Equal(ChangeOutcome.Updated, (await RegisterAsync(lab, s_fleet with { Wait = true }))!.Change);
        Assert.DoesNotContain(await CheckAsync(lab), result => result is { Id: "MT111" or "MT115", Severity: not CheckSeverity.Pass });
        Assert.Equal(ChangeOutcome.Unchanged, (await RegisterAsync(lab, s_fleet))!.Change);
    }

    [Fact]
    public async Task A_cluster_of_another_fleet_is_refused_by_its_mark_and_without_it_by_the_operation()
    {
        await using var lab = await StartAsync(LabPlatform.Eks);
        await RegisterAsync(lab, new FleetRegistrationOptions(GoogleLab.Project));
        var writes = lab.Google.WriteCount;

        var marked = await Assert.ThrowsAsync<MeshException>(() => RegisterAsync(lab, s_fleet));
        Assert.Equal("RegisteredElsewhere", marked.ErrorId);
        Assert.Equal(writes, lab.Google.WriteCount);

        lab.Mesh.Delete(1, "memberships", "membership", ns: null, "hub.gke.io");
        var unmarked = await Assert.ThrowsAsync<MeshException>(() => RegisterAsync(lab, s_fleet));
        Assert.Equal("RegisteredElsewhere", unmarked.ErrorId);
        Assert.Contains("already registered with resource: //gkehub.googleapis.com/projects/lab-project/", unmarked.Message, StringComparison.Ordinal);
        Assert.Empty(await lab.Client.Fleet.ListAsync(GoogleLab.Fleet, CancellationToken.None));
    }

    [Fact]
    public async Task The_mark_of_a_membership_that_is_gone_is_no_obstacle()
    {
        await using var lab = await StartAsync(LabPlatform.Eks);
        var member = (await RegisterAsync(lab, new FleetRegistrationOptions(GoogleLab.Project)))!;
        await lab.Client.Fleet.DeleteAsync(member.ResourceName, force: true, CancellationToken.None);

        Assert.Equal(ChangeOutcome.Created, (await RegisterAsync(lab, s_fleet))!.Change);
        var owner = lab.Mesh.Find(1, "memberships", "membership", ns: null, "hub.gke.io")!.Json["spec"]!["owner"]!["id"]!.GetValue<string>();
        Assert.EndsWith("projects/lab-fleet/locations/global/memberships/lab-1", owner, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_of_another_cluster_is_refused_before_anything_is_written()
    {
        await using var lab = await StartAsync(LabPlatform.Eks, clusters: 2);
        await RegisterAsync(lab, s_fleet with { MembershipName = "mine" });
        var writes = lab.Google.WriteCount;

        var taken = await Assert.ThrowsAsync<MeshException>(() => RegisterAsync(lab, s_fleet with { MembershipName = "mine" }, number: 2));

        Assert.Equal("MembershipNameTaken", taken.ErrorId);
        Assert.Equal(writes, lab.Google.WriteCount);
        Assert.Equal(0, lab.Mesh[2].Requests.MutatingCount);
    }

    [Fact]
    public async Task An_agent_of_another_version_is_replaced()
    {
        await using var lab = await StartAsync(LabPlatform.Eks);
        await RegisterAsync(lab, s_fleet);
        lab.Google.ConnectAgentVersion = "20260901-00-00";

        var registration = await FleetRegistration.CreateAsync(lab.Cluster(), s_fleet, lab.Client, lab.Log, CancellationToken.None);
        var change = Assert.Single(registration.Plan.Changes, change => change.Writes);
        Assert.Contains("create Deployment gke-connect-agent-20260901-00-00, delete Deployment gke-connect-agent-20260801-01-00", change.Description, StringComparison.Ordinal);
        await registration.ExecuteAsync(lab.Cluster(), GoogleLab.Fleet, _ => true, lab.Log, CancellationToken.None);

        Assert.Equal(["gke-connect-agent-20260901-00-00"], (await ConnectAgent.DeploymentsAsync(lab.Cluster(), CancellationToken.None)).Select(deployment => deployment.Name));
        Assert.Equal(ChangeOutcome.Unchanged, (await RegisterAsync(lab, s_fleet))!.Change);
    }

    [Fact]
    public async Task An_agent_that_does_not_come_up_says_why()
    {
        await using var lab = await StartAsync(LabPlatform.Eks);
        lab.Mesh[1].Faults.Add(new Fault(FaultKind.QuotaExceeded) { Resource = "pods" });

        var error = await Record.ExceptionAsync(() => RegisterAsync(lab, s_fleet with { Wait = true, Timeout = TimeSpan.FromSeconds(2) }));

        Assert.Contains("gke-connect-agent", error!.Message, StringComparison.Ordinal);
        Assert.Equal("QuotaExceeded", Assert.IsType<MeshException>(error).ErrorId);
    }

    [Fact]
    public async Task The_membership_of_an_attached_cluster_is_used_and_left_alone()
    {
        await using var lab = await StartAsync(LabPlatform.Eks);
        lab.Google.Attach("lab-1");

        var registration = await FleetRegistration.CreateAsync(lab.Cluster(), new FleetRegistrationOptions(GoogleLab.Project) { Label = false }, lab.Client, lab.Log, CancellationToken.None);
        var member = (await registration.ExecuteAsync(lab.Cluster(), GoogleLab.Project, _ => true, lab.Log, CancellationToken.None))!;
        Assert.Contains("GKE's multi-cloud API", Assert.Single(registration.Plan.Changes).Description, StringComparison.Ordinal);
        Assert.Equal(ChangeOutcome.Unchanged, member.Change);
        Assert.Equal("cn-lab-project-us-east4-attachedClusters-lab-1", member.ClusterId);
        Assert.EndsWith("/attachedClusters/lab-1", member.PlatformCluster, StringComparison.Ordinal);

        var kept = await Assert.ThrowsAsync<MeshException>(() => UnregisterAsync(lab, GoogleLab.Project));
        Assert.Equal("MembershipKeptElsewhere", kept.ErrorId);
        Assert.Equal(0, lab.Google.WriteCount);
        Assert.Equal(0, lab.Mesh.Writes());
    }

    [Fact]
    public async Task The_preparation_of_an_installation_registers_too_and_a_second_one_writes_nothing()
    {
        await using var lab = await StartAsync(LabPlatform.Aks, options: new MeshTools.Lab.GoogleCloudOptions());
        var wish = new CloudWish(GoogleLab.Fleet) { CertificateAuthority = MeshTools.Install.MeshAuthority.MeshCA };

        var made = await lab.PrepareAsync(wish);
        Assert.Equal(3, made.Count(change => change.Area is CloudChangeArea.Registration));
        Assert.Contains(made, change => change.Area is CloudChangeArea.ClusterLabel);
        var (google, kubernetes) = (lab.Google.WriteCount, Changed(lab));
        Assert.Empty(await lab.PrepareAsync(wish));
        Assert.Equal(google, lab.Google.WriteCount);
        Assert.Equal(kubernetes, Changed(lab));

        var reading = await CloudReading.ReadAsync(lab.Cluster(), wish, lab.Client, CancellationToken.None);
        Assert.Equal("cn-lab-fleet-global-lab-1", reading.Identity!.ClusterId);
        Assert.Equal("https://gkehub.googleapis.com/projects/lab-fleet/locations/global/memberships/lab-1", reading.Identity.IdentityProvider);
    }

    [Fact]
    public async Task Requirements_name_the_command_that_registers()
    {
        await using var lab = await StartAsync(LabPlatform.None);

        var finding = Assert.Single(await CheckAsync(lab), result => result.Id is "MT111");

        Assert.Equal("Register-FleetMembership -Cluster lab-1 -FleetProject lab-fleet -HasPrivateIssuer", finding.Fix);
        Assert.Equal(0, lab.Google.WriteCount);
    }

    [Fact]
    public async Task A_removal_that_was_cut_off_is_completed_by_the_next()
    {
        await using var lab = await StartAsync(LabPlatform.Eks);
        var member = (await RegisterAsync(lab, s_fleet))!;
        await lab.Client.Fleet.DeleteAsync(member.ResourceName, force: true, CancellationToken.None);

        var made = await UnregisterAsync(lab, GoogleLab.Fleet);

        Assert.Equal(2, made.Count);
        Assert.Null(lab.Mesh.Find(1, "namespaces", "gke-connect", ns: null));
        Assert.Null(lab.Mesh.Find(1, "memberships", "membership", ns: null, "hub.gke.io"));
    }

    [Theory]
    [InlineData("https://oidc.eks.us-east-1.amazonaws.com/id/X", true)]
    [InlineData("https://34.1.2.3", true)]
    [InlineData("https://kubernetes.default.svc.cluster.local", false)]
    [InlineData("https://kubernetes.default.svc", false)]
    [InlineData("https://10.0.0.1", false)]
    [InlineData("https://172.20.0.1:6443", false)]
    [InlineData("https://192.168.1.1", false)]
    [InlineData("https://[fd00::1]", false)]
    [InlineData("https://control-plane:6443", false)]
    [InlineData("http://issuer.example.com", false)]
    [InlineData("kubernetes/serviceaccount", false)]
    public void Google_reaches_only_public_issuers(string issuer, bool expected) => Assert.Equal(expected, ClusterIssuer.IsPublic(issuer));

    [Fact]
    public async Task A_membership_is_named_after_the_cluster()
    {
        await using var lab = await StartAsync(LabPlatform.Eks);
        var cluster = lab.Cluster();

        Assert.Equal("my-eks", OtherRegistration.MembershipNameOf(cluster with { Name = "arn:aws:eks:us-east-1:123456789012:cluster/my-eks" }, s_fleet));
        Assert.Equal("kubernetes-admin-cluster-local", OtherRegistration.MembershipNameOf(cluster with { Name = "kubernetes-admin@cluster.local" }, s_fleet));
        Assert.Equal("mine", OtherRegistration.MembershipNameOf(cluster, s_fleet with { MembershipName = "mine" }));
    }

    private static Task<GoogleLab> StartAsync(LabPlatform platform, int clusters = 1, MeshTools.Lab.GoogleCloudOptions? options = null) => GoogleLab.StartAsync(clusters, options ?? s_prepared, platform);

    private static async Task<FleetMembership?> RegisterAsync(GoogleLab lab, FleetRegistrationOptions options, int number = 1)
    {
        var cluster = lab.Cluster(number);
        var registration = await FleetRegistration.CreateAsync(cluster, options, lab.Client, lab.Log, CancellationToken.None);
        return await registration.ExecuteAsync(cluster, options.FleetProject, _ => true, lab.Log, CancellationToken.None);
    }

    private static async Task<IReadOnlyList<CloudChange>> UnregisterAsync(GoogleLab lab, string fleet)
    {
        var plan = await FleetUnregistration.CreateAsync(lab.Cluster(), fleet, force: false, lab.Client, lab.Log, CancellationToken.None);
        return await plan.ExecuteAsync(_ => true, TimeSpan.FromSeconds(30), lab.Log, CancellationToken.None);
    }

    private static async Task<IReadOnlyList<CheckResult>> CheckAsync(GoogleLab lab) => await RequirementCheck.RunAsync(
        [lab.Cluster()], new RequirementOptions { Cloud = _ => new CloudWish(GoogleLab.Fleet) }, lab.Client, lab.Log, CancellationToken.None).ToListAsync();

    // Dry runs are counted as requests that may write; what was really changed shows in the versions.
    private static IReadOnlyList<string> Changed(GoogleLab lab) =>
        [.. new[] { ("", "namespaces"), ("", "configmaps"), ("", "secrets"), ("apps", "deployments"), ("hub.gke.io", "memberships"), ("apiextensions.k8s.io", "customresourcedefinitions") }
            .SelectMany(type => lab.Mesh[1].Store.List(type.Item1, type.Item2).Items).Select(item => $"{item.Key} {item.Json["metadata"]!["generation"]} {item.Json["metadata"]!["managedFields"]?.ToJsonString().Length}")];
}
