using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Gateways;
using MeshTools.Kubernetes;
using MeshTools.Lab;
using MeshTools.Operations;
using Xunit;

namespace MeshTools.Tests.Scenarios;

/// <summary>An east-west gateway from first command to last, on the lab.</summary>
public sealed class EastWestGatewayTests
{
    private static readonly EastWestGatewayOptions s_wait = new() { Wait = true, Timeout = TimeSpan.FromSeconds(30) };

    [Fact]
    public async Task Three_clusters_get_gateways_a_second_run_writes_nothing_and_removal_leaves_what_was_there()
    {
        await using var mesh = await Networks(3);
        var clusters = mesh.Load();
        var before = clusters.Select((_, index) => Objects(mesh, index + 1)).ToArray();

        foreach (var cluster in clusters)
        {
            var gateway = await NewAsync(mesh, cluster, s_wait);
            Assert.Equal((ChangeOutcome.Created, true), (gateway.Change, gateway.Ready));
            Assert.NotEmpty(gateway.Addresses);
            Assert.Equal(gateway.Network, gateway.Cluster.Network);
        }

        var writes = mesh.Writes();
        foreach (var cluster in clusters)
            Assert.Equal((ChangeOutcome.Unchanged, true), (await NewAsync(mesh, cluster, s_wait)) is var again ? (again.Change, again.Ready) : default);
        Assert.Equal(writes, mesh.Writes());

        foreach (var cluster in clusters)
        {
            var removal = await RemovalAsync(mesh, cluster);
            await removal.ExecuteAsync(_ => true, mesh.Log, CancellationToken.None);
            await removal.WaitAsync(TimeSpan.FromSeconds(30), mesh.Log, CancellationToken.None);
            Assert.Empty(await EastWestGateways.ReadAsync(cluster, mesh.Log, CancellationToken.None));
        }

        for (var i = 0; i < before.Length; i++)
        {
            var number = i + 1;
            await Lab.Eventually.TrueAsync(() => before[number - 1].SequenceEqual(Objects(mesh, number)), () => string.Join(", ", Objects(mesh, number).Except(before[number - 1])));
        }
    }

    [Fact]
    public async Task Planning_writes_nothing_and_names_every_object()
    {
        await using var mesh = await Networks(1);

        var plan = await PlanAsync(mesh, mesh.Load()[0], s_wait with { Replicas = 2 });

        Assert.Equal(
            ["ServiceAccount", "Role", "RoleBinding", "Service", "Deployment", "HorizontalPodAutoscaler", "PodDisruptionBudget"],
            plan.Changes.Select(change => change.Object.Kind));
        Assert.All(plan.Changes, change => Assert.Equal(ChangeKind.Create, change.Kind));
        Assert.Equal(0, mesh.Writes());
    }

    [Fact]
    public async Task The_network_label_is_set_where_it_is_missing_and_taken_back_by_the_removal()
    {
        await using var mesh = await LabMesh.StartAsync(1, (_, cluster) => cluster with { Network = null });
        var cluster = mesh.Load()[0];
        Is(await Assert.ThrowsAsync<MeshException>(() => PlanAsync(mesh, cluster, s_wait)), ErrorCatalog.NetworkUnknown);

        await NewAsync(mesh, cluster, s_wait with { Network = "north" });
        Assert.Equal("north", (await HomeAsync(cluster)).Labels[EastWestGateways.NetworkLabel]);
        Assert.Contains(mesh.Log.Warnings, warning => warning.Contains("until they are restarted", StringComparison.Ordinal));

        await (await RemovalAsync(mesh, cluster)).ExecuteAsync(_ => true, mesh.Log, CancellationToken.None);
        Assert.False((await HomeAsync(cluster)).Labels.ContainsKey(EastWestGateways.NetworkLabel));
    }

    [Fact]
    public async Task The_label_stays_while_another_gateway_needs_it()
    {
        await using var mesh = await LabMesh.StartAsync(1, (_, cluster) => cluster with { Network = null });
        var cluster = mesh.Load()[0];
        await NewAsync(mesh, cluster, s_wait with { Network = "north" });
        await NewAsync(mesh, cluster, s_wait with { Network = "north", Name = "second" });

        var removal = await RemovalAsync(mesh, cluster, "second");

        Assert.DoesNotContain(removal.Changes, change => change.Object.Kind is "Namespace");
    }

    [Fact]
    public async Task Another_network_than_the_clusters_is_refused_with_what_would_follow()
    {
        await using var mesh = await Networks(1);

        var error = await Assert.ThrowsAsync<MeshException>(() => PlanAsync(mesh, mesh.Load()[0], s_wait with { Network = "elsewhere" }));

        Is(error, ErrorCatalog.NetworkDiffers);
        Assert.Contains("net-1", error.Message, StringComparison.Ordinal);
        Assert.Contains("restart", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_network_recreates_the_deployment_only_on_demand()
    {
        await using var mesh = await Networks(1);
        var cluster = mesh.Load()[0];
        await NewAsync(mesh, cluster, s_wait);
        var label = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { [EastWestGateways.NetworkLabel] = "moved" } } };
        await cluster.Connect().PatchAsync(ResourceTypes.Namespace, null, "istio-system", Patch.Merge(label));

        Is(await Assert.ThrowsAsync<MeshException>(() => PlanAsync(mesh, cluster, s_wait)), ErrorCatalog.GatewayRecreationNeeded);
        var plan = await PlanAsync(mesh, cluster, s_wait with { Recreate = true });
        Assert.Equal([ChangeKind.Delete, ChangeKind.Create], plan.Changes.Where(change => change.Object.Kind is "Deployment").Select(change => change.Kind));
        var gateway = await plan.ExecuteAsync(mesh.Log, CancellationToken.None);

        Assert.Equal(("moved", ChangeOutcome.Updated, true), (gateway.Network, gateway.Change, gateway.Ready));
    }

    [Fact]
    public async Task Of_two_revisions_one_must_be_named()
    {
        await using var mesh = await LabMesh.StartAsync(1, (_, cluster) => cluster with { Network = "north", Revision = "1-29" });
        var cluster = mesh.Load()[0];
        Is(await Assert.ThrowsAsync<MeshException>(() => PlanAsync(mesh, cluster, s_wait with { Revision = "1-31" })), ErrorCatalog.RevisionNotFound);
        await CloneRevisionAsync(mesh, "1-29", "1-30");

        var error = await Assert.ThrowsAsync<MeshException>(() => PlanAsync(mesh, cluster, s_wait));
        Is(error, ErrorCatalog.RevisionAmbiguous);
        Assert.Contains("1-29, 1-30", error.Message, StringComparison.Ordinal);

        var gateway = await NewAsync(mesh, cluster, s_wait with { Revision = "1-29" });
        Assert.Equal("1-29", gateway.Revision);
    }

    [Fact]
    public async Task Without_a_control_plane_there_is_no_gateway()
    {
        await using var mesh = await LabMesh.StartAsync(1, (_, cluster) => cluster with { ControlPlane = false });

        Is(await Assert.ThrowsAsync<MeshException>(() => PlanAsync(mesh, mesh.Load()[0], s_wait with { Network = "north" })), ErrorCatalog.ControlPlaneNotFound);
    }

    [Fact]
    public async Task A_namespace_that_injectors_leave_alone_is_refused()
    {
        await using var mesh = await Networks(1);

        var error = await Assert.ThrowsAsync<MeshException>(() => PlanAsync(mesh, mesh.Load()[0], s_wait with { Namespace = "kube-system" }));

        Is(error, ErrorCatalog.InjectorNotFound);
        Assert.Contains("kube-system", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("istio-injection=disabled", nameof(ErrorCatalog.InjectorNotFound))]
    [InlineData("istio.io/rev=other", nameof(ErrorCatalog.InjectorNotFound))]
    public async Task Labels_that_keep_the_injector_away_are_refused_before_any_write(string label, string expected)
    {
        await using var mesh = await Networks(1);
        var cluster = mesh.Load()[0];
        await LabelAsync(cluster, label);

        var error = await Assert.ThrowsAsync<MeshException>(() => PlanAsync(mesh, cluster, s_wait));

        Assert.Equal(expected, error.ErrorId);
        Assert.Contains(label, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_namespace_that_is_labelled_twice_is_warned_of()
    {
        await using var mesh = await Networks(1);
        var cluster = mesh.Load()[0];
        await LabelAsync(cluster, "istio-injection=enabled");
        await LabelAsync(cluster, "istio.io/rev=default");

        await PlanAsync(mesh, cluster, s_wait);

        Assert.Contains(mesh.Log.Warnings, warning => warning.Contains("only the first counts", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_name_that_something_else_has_is_refused()
    {
        await using var mesh = await Networks(1);
        var cluster = mesh.Load()[0];
        var taken = KubernetesYaml.ReadObjects("{ apiVersion: v1, kind: Service, metadata: { name: istio-eastwestgateway, namespace: istio-system }, spec: { ports: [{ port: 80 }] } }")[0];
        await cluster.Connect().CreateAsync(taken, new WriteOptions { FieldManager = "somebody" });

        var error = await Assert.ThrowsAsync<MeshException>(() => PlanAsync(mesh, cluster, s_wait));

        Is(error, ErrorCatalog.ForeignObject);
        Assert.Contains("Service istio-system/istio-eastwestgateway", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clusters_that_share_a_networks_name_are_warned_of()
    {
        await using var mesh = await LabMesh.StartAsync(2, (_, cluster) => cluster with { Network = "default" });
        var plans = await Task.WhenAll(mesh.Load().Select(cluster => PlanAsync(mesh, cluster, s_wait)));

        EastWestGatewayPlan.WarnOfSharedNetworks(plans, mesh.Log);

        Assert.Contains(mesh.Log.Warnings, warning => warning.StartsWith("lab-1, lab-2 are all in network default", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_load_balancer_that_gives_no_address_ends_the_wait_with_what_is_said_of_it()
    {
        await using var mesh = await LabMesh.StartAsync(1, (_, cluster) => cluster with { Network = "north", LoadBalancers = LoadBalancing.Never });
        var plan = await PlanAsync(mesh, mesh.Load()[0], s_wait with { Timeout = TimeSpan.FromSeconds(3) });

        var error = await Assert.ThrowsAsync<MeshException>(() => plan.ExecuteAsync(mesh.Log, CancellationToken.None));

        Is(error, ErrorCatalog.GatewayAddressPending);
    }

    [Fact]
    public async Task A_host_name_is_an_address_too()
    {
        await using var mesh = await LabMesh.StartAsync(1, (_, cluster) => cluster with { Network = "north", LoadBalancers = LoadBalancing.ByHostName });

        var gateway = await NewAsync(mesh, mesh.Load()[0], s_wait);

        Assert.EndsWith(".elb.example", Assert.Single(gateway.Addresses), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_internal_load_balancer_is_asked_for_in_the_platforms_words()
    {
        await using var mesh = await LabMesh.StartAsync(1, (_, cluster) => cluster with { Network = "north", Platform = LabPlatform.Gke });
        var cluster = mesh.Load()[0];

        await NewAsync(mesh, cluster, s_wait with { InternalLoadBalancer = true });

        var service = await cluster.Connect().GetAsync(ResourceTypes.Service, "istio-system", "istio-eastwestgateway");
        Assert.Equal("Internal", service.Annotations["networking.gke.io/load-balancer-type"]);
    }

    [Fact]
    public async Task A_cluster_that_goes_down_in_the_middle_is_completed_by_a_rerun()
    {
        await using var mesh = await Networks(1);
        var cluster = mesh.Load()[0];
        var plan = await PlanAsync(mesh, cluster, s_wait);
        mesh[1].Faults.Add(new Fault(FaultKind.Forbidden) { Verb = "patch", Resource = "deployments" });
        await Assert.ThrowsAnyAsync<KubernetesException>(() => plan.ExecuteAsync(mesh.Log, CancellationToken.None));
        mesh[1].Faults.Clear();

        var gateway = await NewAsync(mesh, cluster, s_wait);

        Assert.Equal((ChangeOutcome.Updated, true), (gateway.Change, gateway.Ready));
    }

    [Fact]
    public async Task A_single_cluster_gateway_has_no_network_and_is_in_order()
    {
        await using var mesh = await Networks(1);

        var gateway = await NewAsync(mesh, mesh.Load()[0], s_wait with { SingleCluster = true });

        Assert.Equal((null, true), (gateway.Network, gateway.Ready));
    }

    [Theory]
    [InlineData("replicas")]
    [InlineData("ambient single")]
    [InlineData("advertised single")]
    [InlineData("internal node port")]
    [InlineData("name")]
    [InlineData("ip")]
    [InlineData("short ip")]
    [InlineData("address")]
    public async Task Options_that_do_not_go_together_are_refused_before_a_cluster_is_asked(string what)
    {
        await using var mesh = await Networks(1);
        var options = what switch
        {
            "replicas" => s_wait with { Form = EastWestGatewayForm.GatewayApi, Replicas = 2 },
            "ambient single" => s_wait with { Form = EastWestGatewayForm.Ambient, SingleCluster = true },
            "advertised single" => s_wait with { SingleCluster = true, AdvertisedAddresses = ["192.0.2.1"] },
            "internal node port" => s_wait with { ServiceType = "NodePort", InternalLoadBalancer = true },
            "name" => s_wait with { Name = "Way_In" },
            "ip" => s_wait with { LoadBalancerIP = "gateway.example" },
            "short ip" => s_wait with { LoadBalancerIP = "1.2" },
            _ => s_wait with { AdvertisedAddresses = ["not an address"] },
        };
        mesh[1].Faults.Add(new Fault(FaultKind.Down));

        Is(await Assert.ThrowsAsync<MeshException>(() => PlanAsync(mesh, mesh.Load()[0], options)), ErrorCatalog.GatewayOptionUnsupported);
    }

    [Fact]
    public async Task Without_the_Gateway_API_its_forms_are_refused_and_the_others_are_not()
    {
        await using var mesh = await Networks(1);

        var error = await Assert.ThrowsAsync<MeshException>(() => PlanAsync(mesh, mesh.Load()[0], s_wait with { Form = EastWestGatewayForm.GatewayApi }));

        Assert.Contains(error.ErrorId, new[] { nameof(ErrorCatalog.GatewayApiNotServed), nameof(ErrorCatalog.GatewayClassNotFound) });
    }

    [Theory]
    [InlineData(EastWestGatewayForm.GatewayApi)]
    [InlineData(EastWestGatewayForm.Ambient)]
    public async Task The_Gateway_API_makes_one_that_a_second_run_leaves_and_that_goes_without_a_trace(EastWestGatewayForm form)
    {
        await using var mesh = await LabMesh.StartAsync(1, (_, cluster) => cluster with { Network = "north", GatewayApi = true });
        var cluster = mesh.Load()[0];
        // istiod makes its classes when it starts.
        var className = form is EastWestGatewayForm.Ambient ? "istio-east-west" : "istio";
        await Lab.Eventually.TrueAsync(() => mesh.Find(1, "gatewayclasses", className, null, "gateway.networking.k8s.io") is not null);
        var before = Objects(mesh, 1);
        var options = s_wait with { Form = form };

        var gateway = await NewAsync(mesh, cluster, options);
        Assert.Equal((ChangeOutcome.Created, form, "north", true), (gateway.Change, gateway.Form, gateway.Network, gateway.Ready));
        Assert.NotEmpty(gateway.Addresses);
        Assert.Equal(ChangeOutcome.Unchanged, (await NewAsync(mesh, cluster, options)).Change);
        Assert.Equal(form, Assert.Single(await EastWestGateways.ReadAsync(cluster, mesh.Log, CancellationToken.None)).Form);

        var removal = await RemovalAsync(mesh, cluster);
        await removal.ExecuteAsync(_ => true, mesh.Log, CancellationToken.None);
        await removal.WaitAsync(TimeSpan.FromSeconds(30), mesh.Log, CancellationToken.None);
        await Lab.Eventually.TrueAsync(() => before.SequenceEqual(Objects(mesh, 1)), () => string.Join(", ", Objects(mesh, 1).Except(before)));
    }

    [Fact]
    public async Task An_advertised_address_is_declared_in_the_other_clusters_and_the_service_goes_without_the_label()
    {
        await using var mesh = await LabMesh.StartAsync(2, (number, cluster) => cluster with { Network = $"net-{number}", GatewayApi = true });
        var (cluster, peer) = (mesh.Load()[0], mesh.Load()[1]);
        var options = s_wait with { AdvertisedAddresses = ["203.0.113.7"] };

        var plan = await EastWestGatewayPlan.CreateAsync(cluster, options, [peer], mesh.Log, CancellationToken.None);
        var gateway = await plan.ExecuteAsync(mesh.Log, CancellationToken.None);

        Assert.Equal(("net-1", true), (gateway.Network, gateway.Ready));
        Assert.Equal(["203.0.113.7"], gateway.Addresses);
        var service = await cluster.Connect().GetAsync(ResourceTypes.Service, "istio-system", "istio-eastwestgateway");
        Assert.False(service.Labels.ContainsKey(EastWestGateways.NetworkLabel));
        var types = (await GatewayApiTypes.FindAsync(peer, CancellationToken.None))!;
        var declared = await peer.Connect().GetAsync(types.Gateway, "istio-system", "istio-eastwestgateway-net-1");
        Assert.Equal(("istio-remote", "net-1"), (declared.FindString("spec", "gatewayClassName"), declared.Labels[EastWestGateways.NetworkLabel]));
        var again = await EastWestGatewayPlan.CreateAsync(cluster, options, [peer], mesh.Log, CancellationToken.None);
        Assert.All(again.Changes, change => Assert.False(change.Writes));

        var removal = await EastWestGatewayRemoval.PlanAsync(cluster, [gateway], [peer], mesh.Log, CancellationToken.None);
        await removal.ExecuteAsync(_ => true, mesh.Log, CancellationToken.None);
        Assert.Null(await peer.Connect().FindAsync(types.Gateway, "istio-system", "istio-eastwestgateway-net-1"));
    }

    [Fact]
    public async Task A_quota_that_leaves_no_room_is_named()
    {
        await using var mesh = await Networks(1);
        var cluster = mesh.Load()[0];
        mesh[1].Faults.Add(new Fault(FaultKind.QuotaExceeded) { Resource = "pods" });

        var error = await Assert.ThrowsAsync<MeshException>(() => NewAsync(mesh, cluster, s_wait with { Timeout = TimeSpan.FromSeconds(5) }));

        Is(error, ErrorCatalog.QuotaExceeded);
    }

    [Fact]
    public async Task A_policy_that_refuses_the_pods_is_quoted()
    {
        await using var mesh = await Networks(1);
        mesh[1].Faults.Add(new Fault(FaultKind.AdmissionRefused) { Resource = "pods", Message = "no proxies on Sundays" });

        var error = await Assert.ThrowsAsync<MeshException>(() => NewAsync(mesh, mesh.Load()[0], s_wait with { Timeout = TimeSpan.FromSeconds(5) }));

        Is(error, ErrorCatalog.AdmissionRefused);
        Assert.Contains("no proxies on Sundays", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_load_balancer_that_cannot_be_had_is_quoted_too()
    {
        await using var mesh = await LabMesh.StartAsync(1, (_, cluster) => cluster with { Network = "north", LoadBalancers = LoadBalancing.Failing("no addresses left") });

        var error = await Assert.ThrowsAsync<MeshException>(() => NewAsync(mesh, mesh.Load()[0], s_wait with { Timeout = TimeSpan.FromSeconds(5) }));

        Is(error, ErrorCatalog.GatewayAddressPending);
        Assert.Contains("no addresses left", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task By_istioctl_only_when_something_differs_and_its_failure_is_the_clusters()
    {
        Skip.If(OperatingSystem.IsWindows(), "the stand-in is a shell script");
        await using var mesh = await Networks(1);
        var cluster = mesh.Load()[0];
        var folder = Directory.CreateTempSubdirectory("meshtools-istioctl-");
        try
        {
            var script = Path.Combine(folder.FullName, "istioctl");
            await File.WriteAllTextAsync(script, "#!/bin/sh\ncat > $0.input; echo \"$*\" > $0.arguments; echo 'Error: no charts here' >&2; exit 1\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var options = s_wait with { Form = EastWestGatewayForm.IstioOperator, IstioctlPath = folder.FullName };

            var error = await Assert.ThrowsAsync<MeshException>(() => NewAsync(mesh, cluster, options));
            Is(error, ErrorCatalog.IstioctlFailed);
            Assert.Equal("lab-1: istioctl install failed: no charts here", error.Message);
            Assert.Contains("kind: IstioOperator", await File.ReadAllTextAsync(script + ".input"), StringComparison.Ordinal);
            var arguments = await File.ReadAllTextAsync(script + ".arguments");
            Assert.Contains("values.global.operatorManageWebhooks=true", arguments, StringComparison.Ordinal);
            Assert.DoesNotContain("spec.", arguments, StringComparison.Ordinal);

            await File.WriteAllTextAsync(script, "#!/bin/sh\ncat > /dev/null; echo done\n");
            error = await Assert.ThrowsAsync<MeshException>(() => NewAsync(mesh, cluster, options));
            Is(error, ErrorCatalog.IstioctlFailed);
            Assert.Contains("is not there", error.Message, StringComparison.Ordinal);

            await NewAsync(mesh, cluster, s_wait);
            Assert.Equal(ChangeOutcome.Unchanged, (await NewAsync(mesh, cluster, options)).Change);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [SkippableFact]
    public async Task Kubectl_sees_no_difference_after_the_apply()
    {
        await using var mesh = await Networks(1);
        var cluster = mesh.Load()[0];
        using var kubectl = Lab.Kubectl.For(await File.ReadAllTextAsync(mesh.KubeconfigPath));
        await NewAsync(mesh, cluster, s_wait with { Replicas = 2 });

        var manifest = await GatewayDocuments.TextAsync(cluster, s_wait with { Replicas = 2 }, mesh.Log, CancellationToken.None);
        var diff = await kubectl.RunWithInputAsync(manifest, "diff", "--server-side", "-f", "-");
        Assert.True(diff is { ExitCode: 0, Output: "" }, diff.Output + diff.Error);
        var apply = await kubectl.RunWithInputAsync(manifest, "apply", "--server-side", "-f", "-");
        Assert.Equal(0, apply.ExitCode);
        Assert.Equal(ChangeOutcome.Unchanged, (await NewAsync(mesh, cluster, s_wait with { Replicas = 2 })).Change);
    }

    private static void Is(MeshException error, ErrorDefinition expected) => Assert.Equal(expected.Id, error.ErrorId);

    private static Task<LabMesh> Networks(int count) => LabMesh.StartAsync(count, (number, cluster) => cluster with { Network = $"net-{number}" });

    private static Task<EastWestGatewayPlan> PlanAsync(LabMesh mesh, MeshCluster cluster, EastWestGatewayOptions options) =>
        EastWestGatewayPlan.CreateAsync(cluster, options, [], mesh.Log, CancellationToken.None);

    private static async Task<EastWestGateway> NewAsync(LabMesh mesh, MeshCluster cluster, EastWestGatewayOptions options) =>
        await (await PlanAsync(mesh, cluster, options)).ExecuteAsync(mesh.Log, CancellationToken.None);

    private static async Task<EastWestGatewayRemoval> RemovalAsync(LabMesh mesh, MeshCluster cluster, string? name = null)
    {
        var gateways = await EastWestGateways.ReadAsync(cluster, mesh.Log, CancellationToken.None);
        return await EastWestGatewayRemoval.PlanAsync(cluster, [.. gateways.Where(gateway => name is null || gateway.Name == name)], [], mesh.Log, CancellationToken.None);
    }

    private static Task<KubernetesObject> HomeAsync(MeshCluster cluster) => cluster.Connect().GetAsync(ResourceTypes.Namespace, null, "istio-system");

    private static Task<KubernetesObject> LabelAsync(MeshCluster cluster, string label)
    {
        var (key, value) = label.Split('=') is [var left, var right] ? (left, right) : default;
        return cluster.Connect().PatchAsync(
            ResourceTypes.Namespace, null, "istio-system", Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { [key] = value } } }));
    }

    // What a cluster holds, but for what comes and goes on its own.
    private static string[] Objects(LabMesh mesh, int number) =>
    [
        .. new[] { ("", "namespaces"), ("", "services"), ("", "serviceaccounts"), ("", "pods"), ("", "configmaps"), ("", "secrets"), ("apps", "deployments"), ("apps", "replicasets"),
                ("autoscaling", "horizontalpodautoscalers"), ("policy", "poddisruptionbudgets"), ("rbac.authorization.k8s.io", "roles"), ("rbac.authorization.k8s.io", "rolebindings"),
                ("discovery.k8s.io", "endpointslices"), }
            .SelectMany(type => mesh[number].Store.List(type.Item1, type.Item2).Items).Select(item => item.Key.ToString()!).Order(StringComparer.Ordinal),
    ];

    // A second control plane, as far as it is seen by what it leaves in the cluster.
    private static async Task CloneRevisionAsync(LabMesh mesh, string from, string to)
    {
        var client = mesh.Client(1);
        foreach (var (type, name) in new[] { (ResourceTypes.Deployment, "istiod"), (ResourceTypes.MutatingWebhookConfiguration, "istio-sidecar-injector") })
        {
            var source = (await client.GetAsync(type, type.Namespaced ? "istio-system" : null, $"{name}-{from}")).WithoutServerFields();
            var text = JsonText(source).Replace(from, to, StringComparison.Ordinal);
            await client.CreateAsync(new KubernetesObject((JsonObject)JsonNode.Parse(text)!));
        }
    }

    private static string JsonText(KubernetesObject obj) => obj.Json.ToJsonString();
}
