using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Fleet;
using MeshTools.GoogleCloud;
using MeshTools.Install;
using MeshTools.Lab;
using MeshTools.Operations;
using MeshTools.Requirements;
using MeshTools.Tests.GoogleCloud;
using MeshTools.Tests.Scenarios;
using MeshTools.Trust;
using MeshTools.Verify;
using Xunit;

namespace MeshTools.Tests.Install;

/// <summary>Installations on empty clusters with everything that they need from Google Cloud.</summary>
public sealed class CloudInstallTests : IDisposable
{
    private static readonly IReadOnlySet<CloudChangeArea> s_all = Enum.GetValues<CloudChangeArea>().ToHashSet();

    private readonly StandIn _standIn = new();

    public static TheoryData<LabPlatform, string, string> Installations
    {
        get
        {
            var data = new TheoryData<LabPlatform, string, string>();
            string[] authorities = ["MeshCA", "CaService", "CaService with template", "IstioCA", "IstioCA with certificate"];
            foreach (var authority in authorities)
            {
                data.Add(LabPlatform.Gke, GoogleLab.Project, authority);
                data.Add(LabPlatform.Gke, GoogleLab.Fleet, authority);
            }

            data.Add(LabPlatform.Eks, GoogleLab.Fleet, "MeshCA");
            data.Add(LabPlatform.Aks, GoogleLab.Fleet, "CaService with template");
            data.Add(LabPlatform.Eks, GoogleLab.Fleet, "CaService");
            data.Add(LabPlatform.Eks, GoogleLab.Fleet, "IstioCA");
            data.Add(LabPlatform.Aks, GoogleLab.Fleet, "IstioCA with certificate");
            return data;
        }
    }

    public void Dispose() => _standIn.Dispose();

    [SkippableTheory]
    [MemberData(nameof(Installations))]
    public async Task What_is_missing_is_named_made_once_and_used(LabPlatform platform, string fleet, string authority)
    {
        SkipOnWindows();
        await using var lab = await GoogleLab.StartAsync(platform: platform);
        var options = Options(lab, fleet, authority);
        var (googleWrites, clusterWrites) = (lab.Google.WriteCount, lab.Mesh.Writes());

        // What is missing.
        var cluster = (await lab.Mesh.ProbeAsync())[0];
        var wish = CloudScope.WishOf(cluster, options, lab.Client.Environment)!;
        var missing = await RequirementCheck.RunAsync([cluster], new RequirementOptions { Cloud = _ => wish, IstioctlPath = _standIn.Path }, lab.Client, lab.Log, CancellationToken.None)
            .Where(result => result.Severity is CheckSeverity.Error).Select(result => result.Id).Distinct().ToListAsync();
        Assert.Superset(new HashSet<string>(["MT111", "MT112", "MT113", "MT117"], StringComparer.Ordinal), missing.ToHashSet(StringComparer.Ordinal));
        var refused = await Assert.ThrowsAsync<MeshException>(() => PlanAsync(lab, options with { Enabled = new HashSet<CloudChangeArea> { CloudChangeArea.ClusterRole } }));
        Assert.Equal("RequirementNotMet", refused.ErrorId);
        Assert.All(missing, id => Assert.Contains($"({id},", refused.Message, StringComparison.Ordinal));
        Assert.Contains("-EnableApi", refused.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains("gcloud services enable mesh.googleapis.com", refused.RecommendedAction, StringComparison.Ordinal);

        // The plan.
        var plan = await PlanAsync(lab, options);
        Assert.Contains(plan.CloudChanges, change => change is { Area: CloudChangeArea.Api, Writes: true });
        Assert.Contains(plan.Changes, change => change is { Kind: ChangeKind.Create, Object.Kind: "Deployment" });
        Assert.Equal((googleWrites, clusterWrites), (lab.Google.WriteCount, lab.Mesh.Writes()));

        var installed = await plan.ExecuteAsync(lab.Log, CancellationToken.None);

        Assert.Equal((ChangeOutcome.Created, true), (installed.Change, installed.Ready));
        Assert.Equal(KindOf(authority), installed.CertificateAuthority);
        Assert.Equal(fleet == GoogleLab.Project ? "proj-111111111111" : "proj-222222222222", installed.MeshId);
        Assert.Equal(platform is LabPlatform.Gke ? "lab-project-default" : "default", installed.Network);
        Assert.Equal(platform is LabPlatform.Gke ? "cn-lab-project-us-central1-c-lab-1" : "cn-lab-fleet-global-lab-1", installed.ClusterId);
        Assert.Equal(options.Authority is MeshAuthority.IstioCA ? "cluster.local" : $"{fleet}.svc.id.goog", installed.TrustDomain);
        Assert.Equal(fleet, installed.Cluster.FleetProject);

        // Again.
        (googleWrites, clusterWrites) = (lab.Google.WriteCount, lab.Mesh.Writes());
        var again = await PlanAsync(lab, options);
        Assert.All(again.CloudChanges, change => Assert.False(change.Writes, change.ToString()));
        Assert.All(again.Changes, change => Assert.False(change.Writes, change.ToString()));
        Assert.Equal(ChangeOutcome.Unchanged, (await again.ExecuteAsync(lab.Log, CancellationToken.None)).Change);
        Assert.Equal((googleWrites, clusterWrites), (lab.Google.WriteCount, lab.Mesh.Writes()));

        // And gone.
        var removal = await UninstallPlan.CreateAsync(lab.Cluster(), new UninstallOptions { All = true, Purge = true, Wait = true }, lab.Log, CancellationToken.None);
        await removal.ExecuteAsync(lab.Log, CancellationToken.None);
        Assert.Empty(Remains(lab));
        Assert.DoesNotContain(lab.Log.VerboseLines.Concat(lab.Log.Warnings), line => line.Contains(lab.Google.Token, StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task A_cluster_without_a_kubeconfig_is_installed_through_a_private_one_that_is_gone_afterwards()
    {
        SkipOnWindows();
        await using var lab = await GoogleLab.StartAsync();
        var gke = Assert.Single(await GkeConnection.ListAsync(lab.Client, GoogleLab.Project, null, CancellationToken.None));
        var cluster = GkeConnection.Connect(gke, lab.Client, GkeEndpoint.Default);
        // It notes what it was started with.
        using var notes = new TemporaryFile();
        var path = _standIn.Instead("install", $"echo \"$@\" > '{notes.Path}'; echo \"$KUBECONFIG\" >> '{notes.Path}'; stat -c %a \"$KUBECONFIG\" \"$(dirname \"$KUBECONFIG\")/token\" \"$(dirname \"$KUBECONFIG\")\" >> '{notes.Path}'; exec '{_standIn.Path}' \"$@\"");

        var plan = await InstallPlan.CreateAsync(cluster, path, Options(lab, GoogleLab.Project, "MeshCA"), lab.Log, CancellationToken.None, lab.Client);
        var installed = await plan.ExecuteAsync(lab.Log, CancellationToken.None);

        Assert.Equal((ChangeOutcome.Created, true), (installed.Change, installed.Ready));
        var lines = await File.ReadAllLinesAsync(notes.Path);
        Assert.DoesNotContain(lab.Google.Token, lines[0], StringComparison.Ordinal);
        Assert.Contains("--context gke_lab-project_us-central1-c_lab-1", lines[0], StringComparison.Ordinal);
        Assert.Equal(["600", "600", "700"], lines[2..]);
        Assert.False(Directory.Exists(Path.GetDirectoryName(lines[1])));
    }

    [SkippableFact]
    public async Task The_private_kubeconfig_is_gone_also_when_istioctl_fails_or_is_stopped()
    {
        SkipOnWindows();
        await using var lab = await GoogleLab.StartAsync();
        var gke = Assert.Single(await GkeConnection.ListAsync(lab.Client, GoogleLab.Project, null, CancellationToken.None));
        var cluster = GkeConnection.Connect(gke, lab.Client, GkeEndpoint.Default);
        using var notes = new TemporaryFile();
        var fails = _standIn.Instead("install", $"echo \"$KUBECONFIG\" > '{notes.Path}'; exit 3");
        var hangs = _standIn.Instead("install", $"echo \"$KUBECONFIG\" > '{notes.Path}.part'; mv '{notes.Path}.part' '{notes.Path}'; exec sleep 600");
        var options = Options(lab, GoogleLab.Project, "MeshCA");

        var failing = await InstallPlan.CreateAsync(cluster, fails, options, lab.Log, CancellationToken.None, lab.Client);
        await Assert.ThrowsAsync<MeshException>(() => failing.ExecuteAsync(lab.Log, CancellationToken.None));
        var first = (await File.ReadAllTextAsync(notes.Path)).Trim();
        Assert.False(Directory.Exists(Path.GetDirectoryName(first)));

        File.Delete(notes.Path);
        using var stop = new CancellationTokenSource();
        var hanging = await InstallPlan.CreateAsync(cluster, hangs, options, lab.Log, CancellationToken.None, lab.Client);
        var run = hanging.ExecuteAsync(lab.Log, stop.Token);
        while (!File.Exists(notes.Path) && !run.IsCompleted)
            await Task.Yield();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.False(Directory.Exists(Path.GetDirectoryName((await File.ReadAllTextAsync(notes.Path)).Trim())));
    }

    [SkippableFact]
    public async Task Only_what_is_enabled_is_made_and_the_rest_is_named_with_its_switch()
    {
        SkipOnWindows();
        await using var lab = await GoogleLab.StartAsync();
        var options = Options(lab, GoogleLab.Fleet, "MeshCA");
        // The user is an administrator already, and what is installed needs no leave of its own.
        foreach (var area in s_all.Except([CloudChangeArea.ClusterRole, CloudChangeArea.ManagedControlPlane]))
        {
            var without = await Assert.ThrowsAsync<MeshException>(() => PlanAsync(lab, options with { Enabled = s_all.Except([area]).ToHashSet() }));
            Assert.Equal("RequirementNotMet", without.ErrorId);
            Assert.Contains($"-Enable{area} ", without.RecommendedAction, StringComparison.Ordinal);
            Assert.All(s_all.Except([area]), other => Assert.DoesNotContain($"-Enable{other})", without.Message, StringComparison.Ordinal));
        }

        Assert.Equal((0, 0), (lab.Google.WriteCount, lab.Mesh.Writes()));
    }

    [SkippableFact]
    public async Task Preparing_alone_installs_nothing_and_an_installation_without_leave_then_needs_none()
    {
        SkipOnWindows();
        await using var lab = await GoogleLab.StartAsync();
        var options = Options(lab, GoogleLab.Fleet, "MeshCA");

        var preparation = await ClusterPreparation.PlanAsync(lab.Cluster(), options, lab.Client, lab.Log, CancellationToken.None, onlyEnabled: true);
        var made = await preparation.ExecuteAsync(new CloudRun(), lab.Log, CancellationToken.None);

        Assert.Contains(made, item => item is { Area: CloudChangeArea.Namespace, Change: ChangeOutcome.Created });
        Assert.Contains(made, item => item is { Area: CloudChangeArea.Registration, Change: ChangeOutcome.Created });
        Assert.Empty(await InstallationCatalog.GetAsync(lab.Cluster(), LabMesh.Namespace, lab.Log, CancellationToken.None));
        var writes = lab.Google.WriteCount;
        var plan = await PlanAsync(lab, options with { Enabled = new HashSet<CloudChangeArea>() });
        Assert.Equal(ChangeOutcome.Created, (await plan.ExecuteAsync(lab.Log, CancellationToken.None)).Change);
        Assert.Equal(writes, lab.Google.WriteCount);
    }

    [SkippableFact]
    public async Task Preparing_in_one_area_leaves_the_others_to_somebody_else()
    {
        SkipOnWindows();
        await using var lab = await GoogleLab.StartAsync();
        var options = Options(lab, GoogleLab.Fleet, "MeshCA") with { Enabled = new HashSet<CloudChangeArea> { CloudChangeArea.Api } };

        var preparation = await ClusterPreparation.PlanAsync(lab.Cluster(), options, lab.Client, lab.Log, CancellationToken.None, onlyEnabled: true);
        var made = await preparation.ExecuteAsync(new CloudRun(), lab.Log, CancellationToken.None);

        Assert.All(made.Where(item => item.Change is not ChangeOutcome.Unchanged), item => Assert.Equal(CloudChangeArea.Api, item.Area));
        Assert.Equal(2, made.Count(item => item.Change is ChangeOutcome.Updated));
        Assert.Equal(0, lab.Mesh.Writes());
        Assert.Null((await lab.Client.Clusters.GetAsync(GoogleLab.Project, "us-central1-c", "lab-1", CancellationToken.None)).WorkloadPool);
    }

    [SkippableFact]
    public async Task A_cluster_whose_issuer_Google_cannot_read_is_registered_by_itself_first()
    {
        SkipOnWindows();
        await using var lab = await GoogleLab.StartAsync(platform: LabPlatform.None);

        var refused = await Assert.ThrowsAsync<MeshException>(() => PlanAsync(lab, Options(lab, GoogleLab.Fleet, "MeshCA")));

        Assert.Equal("RequirementNotMet", refused.ErrorId);
        Assert.Contains("Register-FleetMembership -Cluster lab-1 -FleetProject lab-fleet -HasPrivateIssuer", refused.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal((0, 0), (lab.Google.WriteCount, lab.Mesh.Writes()));
    }

    [SkippableFact]
    public async Task Clusters_of_one_fleet_have_what_they_share_made_once()
    {
        SkipOnWindows();
        await using var lab = await GoogleLab.StartAsync(3);
        var options = Options(lab, GoogleLab.Fleet, "MeshCA");
        var plans = await Task.WhenAll(Enumerable.Range(1, 3).Select(number => PlanAsync(lab, options, number)));

        var run = new CloudRun();
        var installed = await Task.WhenAll(plans.Select(plan => plan.ExecuteAsync(lab.Log, CancellationToken.None, run)));

        Assert.All(installed, item => Assert.True(item.Ready));
        Assert.Equal(1, lab.Google.Requests.Count(request => request.StartsWith("POST ", StringComparison.Ordinal) && request.Contains("features", StringComparison.Ordinal)));
        Assert.Equal(2, lab.Google.Requests.Count(request => request.Contains(":initialize", StringComparison.Ordinal)));
        Assert.Equal(3, lab.Google.Requests.Count(request => request.StartsWith("POST ", StringComparison.Ordinal) && request.Contains("/memberships", StringComparison.Ordinal)));
    }

    [SkippableFact]
    public async Task Without_a_label_the_control_plane_tells_that_everything_was_prepared()
    {
        SkipOnWindows();
        await using var lab = await GoogleLab.StartAsync();
        var options = Options(lab, GoogleLab.Fleet, "MeshCA") with { Label = false };
        await (await PlanAsync(lab, options)).ExecuteAsync(lab.Log, CancellationToken.None);
        Assert.Empty((await lab.Client.Clusters.GetAsync(GoogleLab.Project, "us-central1-c", "lab-1", CancellationToken.None)).Labels);

        var writes = lab.Google.WriteCount;
        Assert.Equal(ChangeOutcome.Unchanged, (await (await PlanAsync(lab, options)).ExecuteAsync(lab.Log, CancellationToken.None)).Change);
        Assert.Equal(writes, lab.Google.WriteCount);
    }

    [SkippableFact]
    public async Task The_network_is_what_was_asked_for_else_what_it_is_else_that_of_the_VPC()
    {
        SkipOnWindows();
        await using var lab = await GoogleLab.StartAsync();
        var options = Options(lab, GoogleLab.Project, "MeshCA");
        Assert.Equal("mine", (await PlanAsync(lab, options with { Network = "mine" })).Configuration.Settings.Network);
        Assert.Equal("lab-project-default", (await PlanAsync(lab, options)).Configuration.Settings.Network);
        var ns = MeshTools.Kubernetes.KubernetesObject.Create("v1", "Namespace", LabMesh.Namespace);
        ns.Json["metadata"]!["labels"] = new System.Text.Json.Nodes.JsonObject { ["topology.istio.io/network"] = "theirs" };
        await lab.Cluster().Connect().CreateAsync(ns);
        Assert.Equal("theirs", (await PlanAsync(lab, options)).Configuration.Settings.Network);
    }

    [SkippableFact]
    public async Task A_cluster_of_GKE_that_is_said_to_be_another_is_treated_as_one_outside()
    {
        SkipOnWindows();
        await using var lab = await GoogleLab.StartAsync();
        var other = new ClusterOverrides { Platform = ClusterPlatform.Other }.ApplyTo(lab.Cluster());

        var plan = await InstallPlan.CreateAsync(other, _standIn.Path, new InstallOptions { Enabled = s_all, Wait = true }, lab.Log, CancellationToken.None, lab.Client);

        Assert.Empty(plan.CloudChanges);
        Assert.Equal("default", plan.Configuration.Settings.Network);
        Assert.Empty(lab.Google.Requests);
    }

    [Fact]
    public async Task The_fleet_is_the_one_that_was_named_else_the_clusters_project_and_last_the_environments()
    {
        await using var lab = await GoogleLab.StartAsync();
        var environment = new GoogleEnvironment(name => name is "CLOUDSDK_CORE_PROJECT" ? "of-environment" : null);
        var unnamed = Options(lab, GoogleLab.Fleet, "MeshCA") with { FleetProject = null };
        var bare = lab.Cluster() with { FleetProject = null, ProjectId = null };

        Assert.Equal("named", CloudScope.WishOf(bare with { FleetProject = "of-cluster" }, unnamed with { FleetProject = "named" }, environment)!.FleetProject);
        Assert.Equal("of-cluster", CloudScope.WishOf(bare with { FleetProject = "of-cluster", ProjectId = "home" }, unnamed, environment)!.FleetProject);
        Assert.Equal("home", CloudScope.WishOf(bare with { ProjectId = "home" }, unnamed, environment)!.FleetProject);
        Assert.Equal("of-environment", CloudScope.WishOf(bare, unnamed, environment)!.FleetProject);
    }

    [SkippableFact]
    public async Task Without_a_fleet_nothing_is_asked_of_Google_and_no_leave_is_needed()
    {
        SkipOnWindows();
        await using var lab = await GoogleLab.StartAsync(platform: LabPlatform.Eks);

        var plan = await PlanAsync(lab, new InstallOptions { Wait = true });
        var strict = await Assert.ThrowsAsync<MeshException>(() => PlanAsync(lab, new InstallOptions { Enabled = new HashSet<CloudChangeArea> { CloudChangeArea.ClusterRole } }));
        var fleet = await Assert.ThrowsAsync<MeshException>(() => InstallPlan.CreateAsync(
            lab.Cluster(), _standIn.Path, new InstallOptions { Authority = MeshAuthority.MeshCA }, lab.Log, CancellationToken.None, lab.Open(options => options with { Environment = new GoogleEnvironment(_ => null) })));

        Assert.Equal(ChangeOutcome.Created, (await plan.ExecuteAsync(lab.Log, CancellationToken.None)).Change);
        Assert.Contains("-EnableNamespace", strict.Message, StringComparison.Ordinal);
        Assert.Equal("FleetProjectMissing", fleet.ErrorId);
        Assert.Empty(lab.Google.Requests);
    }

    private static CertificateAuthorityKind KindOf(string authority) => authority switch
    {
        "MeshCA" => CertificateAuthorityKind.MeshCa,
        "IstioCA" => CertificateAuthorityKind.SelfSigned,
        "IstioCA with certificate" => CertificateAuthorityKind.PluggedIn,
        _ => CertificateAuthorityKind.CaService,
    };

    private static InstallOptions Options(GoogleLab lab, string fleet, string authority)
    {
        var pool = $"projects/{fleet}/locations/us-central1/caPools/lab-pool";
        var options = new InstallOptions { FleetProject = fleet, Enabled = s_all, Wait = true };
        return authority switch
        {
            "MeshCA" => options with { Authority = MeshAuthority.MeshCA },
            "CaService" => options with { Authority = MeshAuthority.CaService, CaPool = pool },
            "CaService with template" => options with { Authority = MeshAuthority.CaService, CaPool = $"{pool}:projects/{fleet}/locations/us-central1/certificateTemplates/lab-template" },
            "IstioCA with certificate" => options with { CertificateFor = Certificate(lab) },
            _ => options,
        };
    }

    private static Func<MeshCluster, MeshCertificate?> Certificate(GoogleLab lab)
    {
        var how = new CertificateOptions { KeyAlgorithm = CertificateKeyAlgorithm.EcdsaP256 };
        var certificate = CertificateIssuing.CreateIntermediate(CertificateIssuing.CreateRoot(how), "lab-1", lab.Cluster(), how, lab.Log);
        return _ => certificate;
    }

    private static IReadOnlyList<string> Remains(GoogleLab lab) =>
    [
        .. new[] { ("", "namespaces"), ("", "serviceaccounts"), ("", "secrets"), ("", "services"), ("apps", "deployments"), ("rbac.authorization.k8s.io", "clusterroles"), ("rbac.authorization.k8s.io", "clusterrolebindings"),
                ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"), ("admissionregistration.k8s.io", "validatingwebhookconfigurations"), ("apiextensions.k8s.io", "customresourcedefinitions"), }
            .SelectMany(type => lab.Mesh[1].Store.List(type.Item1, type.Item2).Items.Select(item => $"{item.Key}")).Where(name => name.Contains("istio", StringComparison.Ordinal) || name.Contains("cacerts", StringComparison.Ordinal)),
    ];

    private static void SkipOnWindows() => Skip.If(OperatingSystem.IsWindows(), "the stand-in is a shell script.");

    private Task<InstallPlan> PlanAsync(GoogleLab lab, InstallOptions options, int number = 1) =>
        InstallPlan.CreateAsync(lab.Cluster(number), _standIn.Path, options, lab.Log, CancellationToken.None, lab.Client);

    private sealed class TemporaryFile : IDisposable
    {
        public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"meshtools-note-{Guid.NewGuid():N}");

        public void Dispose() => File.Delete(Path);
    }
}
