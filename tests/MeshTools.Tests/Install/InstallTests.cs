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

namespace MeshTools.Tests.Install;

public sealed class InstallTests : IAsyncLifetime
{
    private readonly StandIn _standIn = new();
    private LabMesh _lab = null!;
    private MeshCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        _lab = await LabMesh.StartAsync(1, options => options with { ControlPlane = false });
        _cluster = _lab.Load()[0];
    }

    public async Task DisposeAsync()
    {
        await _lab.DisposeAsync();
        _standIn.Dispose();
    }

    [SkippableFact]
    public async Task An_empty_cluster_gets_a_control_plane_that_works_and_a_second_run_writes_nothing()
    {
        SkipOnWindows();
        var plan = await PlanAsync();
        Assert.Equal(0, _lab.Writes());
        Assert.All(plan.Changes, change => Assert.Equal(ChangeKind.Create, change.Kind));
        string[] tag = ["MutatingWebhookConfiguration istio-revision-tag-default", "ValidatingWebhookConfiguration istiod-default-validator", "Service istio-system/istiod-revision-tag-default"];
        Assert.Equal(tag, plan.Objects.TakeLast(3).Select(change => $"{change.Object}"));

        var installed = await plan.ExecuteAsync(_lab.Log, CancellationToken.None);

        Assert.Equal((ChangeOutcome.Created, "1-30-3", "1.30.3", true), (installed.Change, installed.Revision, installed.Version, installed.Ready));
        Assert.Equal(["default"], installed.Tags);
        Assert.Equal(CertificateAuthorityKind.SelfSigned, installed.CertificateAuthority);
        Assert.Contains(_lab.Log.ProgressUpdates, progress => progress.Status.Contains("Istiod installed", StringComparison.Ordinal));
        Assert.Contains(_lab.Log.Warnings, warning => warning.Contains("a root of its own", StringComparison.Ordinal));

        var writes = _lab.Writes();
        var again = await PlanAsync();
        Assert.All(again.Changes, change => Assert.Equal(ChangeKind.Unchanged, change.Kind));
        Assert.Equal(ChangeOutcome.Unchanged, (await again.ExecuteAsync(_lab.Log, CancellationToken.None)).Change);
        Assert.Equal(writes, _lab.Writes());
    }

    [SkippableFact]
    public async Task A_change_of_the_configuration_names_its_objects_and_fields()
    {
        SkipOnWindows();
        await (await PlanAsync()).ExecuteAsync(_lab.Log, CancellationToken.None);

        var plan = await PlanAsync(new InstallOptions { Options = ["envoy-access-log"], Wait = true });

        var change = Assert.Single(plan.Changes, change => change.Writes);
        Assert.Equal((ChangeKind.Update, "istio-1-30-3"), (change.Kind, change.Object.Name));
        Assert.Equal(["data.mesh"], change.Fields);
        Assert.Equal(ChangeOutcome.Updated, (await plan.ExecuteAsync(_lab.Log, CancellationToken.None)).Change);
    }

    [SkippableFact]
    public async Task Two_contexts_of_one_cluster_are_refused_and_one_cluster_ID_for_two_clusters_is_warned_of()
    {
        SkipOnWindows();
        await using var other = await LabMesh.StartAsync(1, options => options with { ControlPlane = false });
        var plan = await PlanAsync(new InstallOptions { ClusterId = "one" });
        var second = await InstallPlan.CreateAsync(other.Load()[0], _standIn.Path, new InstallOptions { ClusterId = "one" }, _lab.Log, CancellationToken.None);

        Assert.Equal("DuplicateCluster", Assert.Throws<MeshException>(() => InstallPlan.RequireDistinct([plan, plan], _lab.Log)).ErrorId);
        InstallPlan.RequireDistinct([plan, second], _lab.Log);
        Assert.Contains(_lab.Log.Warnings, warning => warning.Contains("would all have the cluster ID one", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task What_is_not_asked_for_stays_as_it_is_by_now_and_the_result_knows_it()
    {
        SkipOnWindows();
        _cluster = await ClusterProbe.EnsureAsync(_cluster, _lab.Log, CancellationToken.None);

        var installed = await (await PlanAsync(new InstallOptions { Network = "net", MeshId = "mesh", ClusterId = "one", Wait = true })).ExecuteAsync(_lab.Log, CancellationToken.None);

        Assert.Equal(("net", "mesh", "one", "cluster.local"), (installed.Cluster.Network, installed.Cluster.MeshId, installed.Cluster.ClusterId, installed.Cluster.TrustDomain));
        // The object that was there before the installation knows of no network.
        Assert.Null(_cluster.Network);
        Assert.All((await PlanAsync()).Changes, change => Assert.False(change.Writes));
        Assert.Equal("one", (await ClusterProbe.EnsureAsync(_cluster, _lab.Log, CancellationToken.None)).ClusterId);
    }

    [SkippableFact]
    public async Task What_an_earlier_run_made_and_the_next_one_removes_is_planned_and_what_others_made_stays()
    {
        SkipOnWindows();
        await (await PlanAsync()).ExecuteAsync(_lab.Log, CancellationToken.None);
        await GatewayAsync("istio-ingressgateway", OperatorDocument.Name);
        await GatewayAsync("istio-eastwestgateway", "eastwest");

        var plan = await PlanAsync();

        var removal = Assert.Single(plan.Changes, change => change.Writes);
        Assert.Equal((ChangeKind.Delete, "istio-ingressgateway"), (removal.Kind, removal.Object.Name));
        Assert.Equal(ChangeOutcome.Updated, (await plan.ExecuteAsync(_lab.Log, CancellationToken.None)).Change);
        var client = _cluster.Connect();
        Assert.Null(await client.FindAsync(ResourceTypes.ServiceAccount, LabMesh.Namespace, "istio-ingressgateway"));
        Assert.NotNull(await client.FindAsync(ResourceTypes.ServiceAccount, LabMesh.Namespace, "istio-eastwestgateway"));
        Assert.All((await PlanAsync()).Changes, change => Assert.False(change.Writes));
    }

    [SkippableFact]
    public async Task An_installation_without_a_revision_takes_the_default_tag_and_a_second_run_writes_nothing()
    {
        SkipOnWindows();
        var options = new InstallOptions { Revision = "default", Wait = true };
        await (await PlanAsync(options)).ExecuteAsync(_lab.Log, CancellationToken.None);
        Assert.All((await PlanAsync(options)).Changes, change => Assert.False(change.Writes));
        await (await PlanAsync(new InstallOptions { Revision = "canary", Wait = true })).ExecuteAsync(_lab.Log, CancellationToken.None);
        var moved = await RevisionTagPlan.CreateAsync(_cluster, "default", new RevisionTagOptions { Revision = "canary", Overwrite = true }, _lab.Log, CancellationToken.None);
        await moved.ExecuteAsync(_lab.Log, CancellationToken.None);

        // Somebody's choice is no difference; an istioctl that runs for another reason undoes it, and then that is said.
        Assert.All((await PlanAsync(options)).Changes, change => Assert.False(change.Writes));
        var changed = await PlanAsync(options with { Options = ["envoy-access-log"] });
        var back = Assert.Single(changed.Changes, change => change is { Writes: true, Object.Name: "istio-revision-tag-default" });
        Assert.Contains("before to canary", back.Description, StringComparison.Ordinal);
        await changed.ExecuteAsync(_lab.Log, CancellationToken.None);
        Assert.Equal("default", Assert.Single(await RevisionCatalog.GetTagsAsync(_cluster, LabMesh.Namespace, _lab.Log, CancellationToken.None)).Revision);
    }

    [SkippableFact]
    public async Task A_revision_that_becomes_the_default_beside_one_without_a_tag_says_what_it_puts_out_of_action()
    {
        SkipOnWindows();
        // As Helm installs: an injector that answers to istio-injection, and no tag.
        await (await PlanAsync(new InstallOptions { Revision = "default" })).ExecuteAsync(_lab.Log, CancellationToken.None);
        var client = _cluster.Connect();
        await client.DeleteAsync(ResourceTypes.MutatingWebhookConfiguration, null, "istio-revision-tag-default");
        var old = await client.GetAsync(ResourceTypes.MutatingWebhookConfiguration, null, "istio-sidecar-injector");
        foreach (var webhook in old.Json["webhooks"]!.AsArray())
            webhook!["namespaceSelector"] = System.Text.Json.Nodes.JsonNode.Parse("""{"matchLabels":{"istio-injection":"enabled"}}""");
        await client.UpdateAsync(old);

        var plan = await PlanAsync(new InstallOptions { Revision = "canary" });

        Assert.Contains(plan.Changes, change => change is { Kind: ChangeKind.Update, Object.Name: "istio-sidecar-injector" } && change.Description.Contains("no longer injects", StringComparison.Ordinal));
        await plan.ExecuteAsync(_lab.Log, CancellationToken.None);
        var after = await client.GetAsync(ResourceTypes.MutatingWebhookConfiguration, null, "istio-sidecar-injector");
        Assert.Equal("never-match", after.Json["webhooks"]![0].FindString("namespaceSelector", "matchLabels", "istio.io/deactivated"));
    }

    [SkippableFact]
    public async Task A_second_revision_stands_beside_the_first_and_the_default_stays_where_it_is()
    {
        SkipOnWindows();
        await (await PlanAsync(new InstallOptions { Revision = "one" })).ExecuteAsync(_lab.Log, CancellationToken.None);

        await (await PlanAsync(new InstallOptions { Revision = "two", Wait = true })).ExecuteAsync(_lab.Log, CancellationToken.None);

        var all = await InstallationCatalog.GetAsync(_cluster, LabMesh.Namespace, _lab.Log, CancellationToken.None);
        Assert.Equal(["one", "two"], all.Select(installation => installation.Revision));
        Assert.Equal([1, 0], all.Select(installation => installation.Tags.Count));
    }

    [SkippableFact]
    public async Task A_signing_certificate_is_there_before_istiod_starts()
    {
        SkipOnWindows();
        var log = _lab.Log;
        var root = CertificateIssuing.CreateRoot(new CertificateOptions { KeyAlgorithm = CertificateKeyAlgorithm.EcdsaP256 });
        var certificate = CertificateIssuing.CreateIntermediate(root, "lab-1", _cluster, new CertificateOptions { KeyAlgorithm = CertificateKeyAlgorithm.EcdsaP256 }, log);

        var installed = await (await PlanAsync(new InstallOptions { CertificateFor = _ => certificate, Wait = true })).ExecuteAsync(log, CancellationToken.None);

        Assert.Equal(CertificateAuthorityKind.PluggedIn, installed.CertificateAuthority);
        Assert.Contains(root.Fingerprint, MeshCertificate.FingerprintOf(System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(_lab[1].MeshRootPem)), StringComparison.Ordinal);
        Assert.All((await PlanAsync(new InstallOptions { CertificateFor = _ => certificate })).Changes, change => Assert.False(change.Writes));
    }

    [SkippableFact]
    public async Task An_istiod_that_has_published_nothing_yet_is_not_restarted_for_its_certificate()
    {
        SkipOnWindows();
        var root = CertificateIssuing.CreateRoot(new CertificateOptions { KeyAlgorithm = CertificateKeyAlgorithm.EcdsaP256 });
        var certificate = CertificateIssuing.CreateIntermediate(root, "lab-1", _cluster, new CertificateOptions { KeyAlgorithm = CertificateKeyAlgorithm.EcdsaP256 }, _lab.Log);
        var options = new InstallOptions { CertificateFor = _ => certificate, Wait = true };
        await (await PlanAsync(options)).ExecuteAsync(_lab.Log, CancellationToken.None);
        var client = _cluster.Connect();
        var none = Patch.Merge(new System.Text.Json.Nodes.JsonObject { ["spec"] = new System.Text.Json.Nodes.JsonObject { ["replicas"] = 0 } });
        await client.PatchAsync(ResourceTypes.Deployment, LabMesh.Namespace, "istiod-1-30-3", none);
        await client.WaitForRolloutAsync(ResourceTypes.Deployment, LabMesh.Namespace, "istiod-1-30-3", TimeSpan.FromSeconds(30));
        await client.DeleteAsync(ResourceTypes.ConfigMap, LabMesh.Namespace, "istio-ca-root-cert");

        Assert.DoesNotContain((await PlanAsync(options)).Changes, change => change.Description.Contains("rollout restart", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task A_newer_revision_and_another_version_under_the_same_name_are_refused()
    {
        SkipOnWindows();
        await (await PlanAsync(new InstallOptions { Revision = "now" })).ExecuteAsync(_lab.Log, CancellationToken.None);
        var older = _standIn.OfVersion("1.28.5-asm.12");

        var newer = await Assert.ThrowsAsync<MeshException>(() => PlanAsync(new InstallOptions(), older));
        Assert.Equal("RevisionNewer", newer.ErrorId);
        var taken = await Assert.ThrowsAsync<MeshException>(() => PlanAsync(new InstallOptions { Revision = "now" }, older));
        Assert.Equal("RevisionTaken", taken.ErrorId);
        var forced = await (await PlanAsync(new InstallOptions { Force = true }, older)).ExecuteAsync(_lab.Log, CancellationToken.None);
        Assert.Equal(("asm-1285-12", "1.28.5-asm.12"), (forced.Revision, forced.Version));
    }

    [SkippableFact]
    public async Task What_istioctl_does_wrong_is_said()
    {
        SkipOnWindows();
        Assert.Equal("IstioctlNotFound", (await Assert.ThrowsAsync<MeshException>(() => PlanAsync(path: "/no/such/istioctl"))).ErrorId);
        var wrong = await Assert.ThrowsAsync<MeshException>(() => PlanAsync(new InstallOptions { Release = IstioRelease.Parse("1.28.5-asm.12") }));
        Assert.Equal("IstioctlVersionWrong", wrong.ErrorId);
        Assert.Equal("IstioctlFailed", (await Assert.ThrowsAsync<MeshException>(() => PlanAsync(path: _standIn.Instead("version", "echo rubbish")))).ErrorId);
        var rubbish = await Assert.ThrowsAsync<MeshException>(() => PlanAsync(path: _standIn.Instead("manifest", "echo '<html>'")));
        Assert.Equal("IstioctlFailed", rubbish.ErrorId);
        Assert.Contains("no manifest", rubbish.Message, StringComparison.Ordinal);
        Assert.Equal(0, _lab.Writes());

        var killed = await PlanAsync(path: _standIn.Instead("install", "kill -9 $$"));
        var failure = await Assert.ThrowsAsync<MeshException>(() => killed.ExecuteAsync(_lab.Log, CancellationToken.None));
        Assert.Contains("exit code 137", failure.Message, StringComparison.Ordinal);

        // What was begun is completed.
        Assert.Equal(ChangeOutcome.Created, (await (await PlanAsync()).ExecuteAsync(_lab.Log, CancellationToken.None)).Change);
    }

    [SkippableFact]
    public async Task A_control_plane_that_cannot_start_comes_with_the_clusters_own_reason()
    {
        SkipOnWindows();
        await _cluster.Connect().CreateAsync(KubernetesObject.Create("v1", "Namespace", LabMesh.Namespace));
        var broken = KubernetesObject.Create("v1", "Secret", "cacerts", LabMesh.Namespace);
        broken.Json["data"] = new System.Text.Json.Nodes.JsonObject { ["ca-cert.pem"] = "bm90IGEgY2VydGlmaWNhdGU=", ["ca-key.pem"] = "eA==", ["root-cert.pem"] = "eA==", ["cert-chain.pem"] = "eA==" };
        await _cluster.Connect().CreateAsync(broken);

        var plan = await PlanAsync(new InstallOptions { Timeout = TimeSpan.FromSeconds(3) });
        var failure = await Assert.ThrowsAsync<MeshException>(() => plan.ExecuteAsync(_lab.Log, CancellationToken.None));

        Assert.Equal("InstallationFailed", failure.ErrorId);
        Assert.Contains("container discovery of pod istiod-", failure.Message, StringComparison.Ordinal);
        Assert.Contains("ends again and again", failure.Message, StringComparison.Ordinal);
        Assert.Contains("--previous", failure.RecommendedAction, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Missing_permissions_are_named_before_anything_is_changed()
    {
        SkipOnWindows();
        _lab[1].Faults.Add(new Fault(FaultKind.Forbidden) { Resource = "customresourcedefinitions", Verb = "create" });
        _lab[1].Faults.Add(new Fault(FaultKind.Forbidden) { Resource = "*", Verb = "*" });

        var refused = await Assert.ThrowsAsync<MeshException>(() => PlanAsync());

        Assert.Equal("PermissionMissing", refused.ErrorId);
        Assert.Contains("create customresourcedefinitions", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, _lab.Writes());
    }

    [SkippableFact]
    public async Task Uninstalling_everything_leaves_nothing()
    {
        SkipOnWindows();
        await (await PlanAsync(new InstallOptions { Wait = true })).ExecuteAsync(_lab.Log, CancellationToken.None);

        var plan = await UninstallPlan.CreateAsync(_cluster, new UninstallOptions { All = true, Purge = true, Wait = true }, _lab.Log, CancellationToken.None);
        var removed = await plan.ExecuteAsync(_lab.Log, CancellationToken.None);

        Assert.Equal(ChangeOutcome.Removed, Assert.Single(removed).Change);
        Assert.Empty(Remains());
        Assert.Empty((await UninstallPlan.CreateAsync(_cluster, new UninstallOptions { All = true, Purge = true }, _lab.Log, CancellationToken.None)).Changes);
    }

    [SkippableFact]
    public async Task Gateways_and_node_agents_of_the_installation_go_with_it_and_a_rerun_finds_what_a_cut_off_one_left()
    {
        SkipOnWindows();
        await (await PlanAsync(new InstallOptions { Wait = true })).ExecuteAsync(_lab.Log, CancellationToken.None);
        await GatewayAsync("istio-ingressgateway", OperatorDocument.Name);
        await GatewayAsync("istio-eastwestgateway", "eastwest");
        await GatewayAsync("istio-cni", OperatorDocument.Name, "Cni");
        var client = _cluster.Connect();
        var revocations = KubernetesObject.Create("v1", "ConfigMap", "istio-ca-crl", "default");
        await client.CreateAsync(revocations);

        await client.DeleteAsync(ResourceTypes.Deployment, LabMesh.Namespace, "istiod-1-30-3");
        await client.DeleteAsync(ResourceTypes.MutatingWebhookConfiguration, null, "istio-sidecar-injector-1-30-3");
        var rest = await UninstallPlan.CreateAsync(_cluster, new UninstallOptions { All = true }, _lab.Log, CancellationToken.None);
        string[] left = ["ServiceAccount istio-system/istio-ingressgateway", "ServiceAccount istio-system/istio-cni", "ConfigMap istio-system/istio-1-30-3", "ClusterRole istiod-clusterrole-1-30-3-istio-system"];
        Assert.Subset(rest.Changes.Select(change => $"{change.Object}").ToHashSet(StringComparer.Ordinal), left.ToHashSet(StringComparer.Ordinal));
        await rest.ExecuteAsync(_lab.Log, CancellationToken.None);

        Assert.Null(await client.FindAsync(ResourceTypes.ServiceAccount, LabMesh.Namespace, "istio-cni"));
        Assert.NotNull(await client.FindAsync(ResourceTypes.ServiceAccount, LabMesh.Namespace, "istio-eastwestgateway"));
        await UninstallAsync(new UninstallOptions { All = true, Purge = true });
        Assert.Null(await client.FindAsync(ResourceTypes.ConfigMap, "default", "istio-ca-crl"));
    }

    [SkippableFact]
    public async Task Webhooks_of_a_control_plane_in_another_namespace_are_not_this_ones()
    {
        SkipOnWindows();
        await (await PlanAsync(new InstallOptions { Revision = "one", Wait = true })).ExecuteAsync(_lab.Log, CancellationToken.None);
        var client = _cluster.Connect();
        var other = (await client.GetAsync(ResourceTypes.MutatingWebhookConfiguration, null, "istio-sidecar-injector-one")).WithoutServerFields();
        other.Json["metadata"]!["name"] = "istio-sidecar-injector-one-mesh";
        foreach (var webhook in other.Json["webhooks"]!.AsArray())
            webhook!["clientConfig"]!["service"]!["namespace"] = "mesh";
        await client.CreateAsync(other);

        var plan = await UninstallPlan.CreateAsync(_cluster, new UninstallOptions { All = true }, _lab.Log, CancellationToken.None);
        Assert.DoesNotContain(plan.Changes, change => change.Object.Name is "istio-sidecar-injector-one-mesh");
        await plan.ExecuteAsync(_lab.Log, CancellationToken.None);
        Assert.Empty(await RevisionCatalog.GetRevisionsAsync(_cluster, LabMesh.Namespace, _lab.Log, CancellationToken.None));
        Assert.NotNull(await client.FindAsync(ResourceTypes.MutatingWebhookConfiguration, null, "istio-sidecar-injector-one-mesh"));
    }

    [SkippableFact]
    public async Task A_revision_that_workloads_use_stays()
    {
        SkipOnWindows();
        await (await PlanAsync(new InstallOptions { Revision = "one" })).ExecuteAsync(_lab.Log, CancellationToken.None);
        await (await PlanAsync(new InstallOptions { Revision = "two", Wait = true })).ExecuteAsync(_lab.Log, CancellationToken.None);
        var client = _cluster.Connect();
        var ns = KubernetesObject.Create("v1", "Namespace", "shop");
        ns.Json["metadata"]!["labels"] = new System.Text.Json.Nodes.JsonObject { ["istio.io/rev"] = "two" };
        await client.CreateAsync(ns);
        var pod = KubernetesObject.Create("v1", "Pod", "app", "shop");
        pod.Json["spec"] = System.Text.Json.Nodes.JsonNode.Parse("""{"containers":[{"name":"app","image":"example.com/app:1"}]}""");
        await client.CreateAsync(pod);

        var used = await Assert.ThrowsAsync<MeshException>(() => UninstallAsync(new UninstallOptions { Revision = "two" }));
        Assert.Equal("RevisionInUse", used.ErrorId);
        Assert.Contains("1 pod in shop has a proxy of two", used.Message, StringComparison.Ordinal);
        Assert.Equal("RevisionAmbiguous", (await Assert.ThrowsAsync<MeshException>(() => UninstallAsync(new UninstallOptions()))).ErrorId);
        Assert.Equal("RevisionNotFound", (await Assert.ThrowsAsync<MeshException>(() => UninstallAsync(new UninstallOptions { Revision = "three" }))).ErrorId);

        await UninstallAsync(new UninstallOptions { Revision = "one" });
        Assert.Equal(["two"], (await InstallationCatalog.GetAsync(_cluster, LabMesh.Namespace, _lab.Log, CancellationToken.None)).Select(installation => installation.Revision));
        Assert.NotNull(_lab.Find(1, "serviceaccounts", LabMesh.Account));
        await UninstallAsync(new UninstallOptions { Revision = "two", Force = true });
        Assert.Null(_lab.Find(1, "serviceaccounts", LabMesh.Account));
    }

    // What istioctl made of a gateway in a document; its account stands for all of it.
    private async Task GatewayAsync(string name, string document, string component = "IngressGateways")
    {
        var account = KubernetesObject.Create("v1", "ServiceAccount", name, LabMesh.Namespace);
        account.Json["metadata"]!["labels"] = new System.Text.Json.Nodes.JsonObject
        {
            ["operator.istio.io/managed"] = "Reconcile", ["operator.istio.io/version"] = "1.30.3", ["operator.istio.io/component"] = component, ["istio.io/rev"] = "1-30-3",
            ["install.operator.istio.io/owning-resource"] = document, ["install.operator.istio.io/owning-resource-namespace"] = LabMesh.Namespace,
        };
        await _cluster.Connect().CreateAsync(account);
    }

    private async Task<IReadOnlyList<ServiceMeshInstallation>> UninstallAsync(UninstallOptions options) =>
        await (await UninstallPlan.CreateAsync(_cluster, options, _lab.Log, CancellationToken.None)).ExecuteAsync(_lab.Log, CancellationToken.None);

    private Task<InstallPlan> PlanAsync(InstallOptions? options = null, string? path = null) =>
        InstallPlan.CreateAsync(_cluster, path ?? _standIn.Path, options ?? new InstallOptions { Wait = true }, _lab.Log, CancellationToken.None);

    // Everything that an installation makes has the name in it.
    private IReadOnlyList<string> Remains() =>
    [
        .. new[] { ("", "namespaces"), ("", "serviceaccounts"), ("", "secrets"), ("", "services"), ("apps", "deployments"), ("rbac.authorization.k8s.io", "clusterroles"), ("rbac.authorization.k8s.io", "clusterrolebindings"),
                ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"), ("admissionregistration.k8s.io", "validatingwebhookconfigurations"), ("apiextensions.k8s.io", "customresourcedefinitions"), }
            .SelectMany(type => _lab[1].Store.List(type.Item1, type.Item2).Items.Select(item => $"{item.Key}")).Where(name => name.Contains("istio", StringComparison.Ordinal) || name.Contains("cacerts", StringComparison.Ordinal)),
    ];

    private static void SkipOnWindows() => Skip.If(OperatingSystem.IsWindows(), "the stand-in is a shell script.");
}
