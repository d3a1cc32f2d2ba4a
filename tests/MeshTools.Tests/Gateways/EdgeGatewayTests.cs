using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Gateways;
using MeshTools.Kubernetes;
using MeshTools.Lab;
using MeshTools.Operations;
using MeshTools.Tests.Scenarios;
using Xunit;

namespace MeshTools.Tests.Gateways;

/// <summary>Gateways for calls from and to the world outside.</summary>
public sealed class EdgeGatewayTests
{
    private static readonly EdgeGatewayOptions s_options = new() { Namespace = "gateways", Wait = true, Timeout = TimeSpan.FromSeconds(60) };

    private static async Task<EdgeGateway> MakeAsync(LabMesh mesh, EdgeGatewayOptions? options = null)
    {
        var plan = await EdgeGatewayPlan.CreateAsync(mesh.Load()[0], options ?? s_options, mesh.Log, default);
        return await plan.ExecuteAsync(mesh.Log, default);
    }

    private static async Task<EdgeGateway> RemoveAsync(LabMesh mesh, EdgeGatewayOptions? options = null, bool withNamespace = false)
    {
        var plan = await EdgeGatewayRemoval.CreateAsync(mesh.Load()[0], options ?? s_options, withNamespace, mesh.Log, default);
        return await plan.ExecuteAsync(_ => true, mesh.Log, default);
    }

    private static async Task<MeshException> RefusedAsync(LabMesh mesh, string id, EdgeGatewayOptions? options = null)
    {
        var before = mesh.Writes();
        var refusal = await Assert.ThrowsAsync<MeshException>(() => EdgeGatewayPlan.CreateAsync(mesh.Load()[0], options ?? s_options, mesh.Log, default));
        Assert.Equal(id, refusal.ErrorId);
        Assert.Equal(before, mesh.Writes());
        return refusal;
    }

    private static Task<KubernetesObject> CreateAsync(LabMesh mesh, string yaml) => mesh.Client(1).CreateAsync(KubernetesYaml.ReadObjects(yaml)[0]);

    private static string[] Objects(LabMesh mesh) =>
    [
        .. mesh[1].Store.ListNamespace("gateways")
            .Where(item => item.Key.Plural is not ("events" or "configmaps") && item.Key is not { Plural: "serviceaccounts", Name: "default" })
            .Select(item => item.Key.Plural)
            .Where(plural => plural is not ("replicasets" or "pods" or "endpoints" or "endpointslices"))
            .Order(StringComparer.Ordinal),
    ];

    [Theory]
    [InlineData(EdgeGatewayDirection.Ingress, "istio-ingressgateway", "ingressgateway", "LoadBalancer", 3)]
    [InlineData(EdgeGatewayDirection.Egress, "istio-egressgateway", "egressgateway", "ClusterIP", 2)]
    public async Task The_seven_objects_of_the_sample_run_and_go_again(EdgeGatewayDirection direction, string name, string istio, string type, int replicas)
    {
        await using var mesh = await LabMesh.StartAsync(1);
        var options = s_options with { Direction = direction };
        var gateway = await MakeAsync(mesh, options);

        Assert.Equal((name, true, ChangeOutcome.Created), (gateway.Name, gateway.Ready, gateway.Change));
        Assert.Single(gateway.Addresses);
        Assert.Equal(
            ["deployments", "horizontalpodautoscalers", "poddisruptionbudgets", "rolebindings", "roles", "serviceaccounts", "services"], Objects(mesh));
        Assert.Equal("enabled", mesh.Find(1, "namespaces", "gateways", null)!.Json["metadata"]!["labels"]!["istio-injection"]!.GetValue<string>());
        Assert.Equal(type, mesh.Find(1, "services", name, "gateways")!.Json["spec"]!["type"]!.GetValue<string>());
        Assert.Equal(istio, mesh.Find(1, "poddisruptionbudgets", name, "gateways", "policy")!.Json["spec"]!["selector"]!["matchLabels"]!["istio"]!.GetValue<string>());
        Assert.Equal(replicas, mesh.Find(1, "horizontalpodautoscalers", name, "gateways", "autoscaling")!.Json["spec"]!["minReplicas"]!.GetValue<long>());
        var pod = mesh[1].Store.List("", "pods", "gateways").Items[0].Json;
        Assert.DoesNotContain("\"image\":\"auto\"", pod.ToJsonString(), StringComparison.Ordinal);

        var before = mesh.Writes();
        Assert.Equal(ChangeOutcome.Unchanged, (await MakeAsync(mesh, options)).Change);
        Assert.Equal(before, mesh.Writes());

        Assert.Equal(ChangeOutcome.Removed, (await RemoveAsync(mesh, options)).Change);
        Assert.Empty(Objects(mesh));
        Assert.NotNull(mesh.Find(1, "namespaces", "gateways", null));
        Assert.Equal(ChangeOutcome.Removed, (await RemoveAsync(mesh, options, withNamespace: true)).Change);
        await Lab.Eventually.TrueAsync(() => mesh.Find(1, "namespaces", "gateways", null) is null);
    }

    [Fact]
    public async Task A_revision_labels_the_namespace_with_its_name()
    {
        await using var mesh = await LabMesh.StartAsync(1, options => options with { Revision = "asm-1303-1" });
        var gateway = await MakeAsync(mesh);
        Assert.True(gateway.Ready);
        var labels = mesh.Find(1, "namespaces", "gateways", null)!.Json["metadata"]!["labels"]!.ToJsonString();
        Assert.Equal(gateway.Revision is "default" ? "istio-injection" : "istio.io/rev", labels.Contains("istio-injection", StringComparison.Ordinal) ? "istio-injection" : "istio.io/rev");
    }

    [Fact]
    public async Task A_namespace_whose_labels_lead_elsewhere_is_refused()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        await CreateAsync(mesh, "{apiVersion: v1, kind: Namespace, metadata: {name: gateways, labels: {istio-injection: disabled}}}");
        await RefusedAsync(mesh, nameof(ErrorCatalog.InjectorNotFound));
        await CreateAsync(mesh, "{apiVersion: v1, kind: Namespace, metadata: {name: other, labels: {istio.io/rev: gone}}}");
        await RefusedAsync(mesh, nameof(ErrorCatalog.InjectorNotFound), s_options with { Namespace = "other" });
        await RefusedAsync(mesh, nameof(ErrorCatalog.InjectorNotFound), s_options with { Namespace = "kube-system" });
        await CreateAsync(mesh, "{apiVersion: v1, kind: Namespace, metadata: {name: both, labels: {istio-injection: enabled, istio.io/rev: gone}}}");
        Assert.True((await MakeAsync(mesh, s_options with { Namespace = "both" })).Ready);
        Assert.Contains(mesh.Log.Warnings, warning => warning.Contains("only the first counts", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Other_pods_of_a_namespace_that_is_labelled_are_a_warning()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        await CreateAsync(mesh, "{apiVersion: v1, kind: Namespace, metadata: {name: gateways}}");
        await CreateAsync(mesh, "{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: gateways}, spec: {containers: [{name: web, image: web}]}}");
        var plan = await EdgeGatewayPlan.CreateAsync(mesh.Load()[0], s_options, mesh.Log, default);
        Assert.Equal(ChangeKind.Update, plan.Changes[0].Kind);
        Assert.Contains(mesh.Log.Warnings, warning => warning.Contains("istio-injection=enabled", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Others_objects_of_the_name_are_refused()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        await CreateAsync(mesh, "{apiVersion: v1, kind: Namespace, metadata: {name: gateways}}");
        await CreateAsync(mesh, "{apiVersion: v1, kind: Service, metadata: {name: istio-ingressgateway, namespace: gateways}, spec: {selector: {app: web}, ports: [{port: 80}]}}");
        Assert.Contains("app=web", (await RefusedAsync(mesh, nameof(ErrorCatalog.ForeignObject))).Message, StringComparison.Ordinal);
        var removal = await Assert.ThrowsAsync<MeshException>(() => RemoveAsync(mesh));
        Assert.Equal(nameof(ErrorCatalog.ForeignObject), removal.ErrorId);
    }

    [Fact]
    public async Task No_control_plane_and_bad_names_are_refused()
    {
        await using var mesh = await LabMesh.StartAsync(1, options => options with { ControlPlane = false });
        await RefusedAsync(mesh, nameof(ErrorCatalog.ControlPlaneNotFound));
        await RefusedAsync(mesh, nameof(ErrorCatalog.GatewayNameInvalid), s_options with { Name = "Not_a_name" });
    }

    [Fact]
    public async Task An_unknown_revision_is_refused()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        await RefusedAsync(mesh, nameof(ErrorCatalog.RevisionNotFound), s_options with { Revision = "canary" });
    }

    [Fact]
    public async Task Without_an_address_the_events_say_why()
    {
        await using var mesh = await LabMesh.StartAsync(1, options => options with { LoadBalancers = LoadBalancing.Failing("subnet full") });
        var failure = await Assert.ThrowsAsync<MeshException>(() => MakeAsync(mesh, s_options with { Timeout = TimeSpan.FromSeconds(5) }));
        Assert.Equal(nameof(ErrorCatalog.GatewayAddressPending), failure.ErrorId);
        Assert.Contains("subnet full", failure.Message, StringComparison.Ordinal);

        mesh[1].LoadBalancers = LoadBalancing.ByHostName;
        var gateway = await MakeAsync(mesh);
        Assert.EndsWith(".elb.example", gateway.Addresses[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(FaultKind.QuotaExceeded, "services", nameof(ErrorCatalog.QuotaExceeded))]
    [InlineData(FaultKind.AdmissionRefused, "deployments", nameof(ErrorCatalog.AdmissionRefused))]
    [InlineData(FaultKind.Down, "services", nameof(ErrorCatalog.EndpointUnreachable))]
    public async Task A_bad_day_is_an_error_and_a_rerun_completes_it(FaultKind kind, string resource, string id)
    {
        await using var mesh = await LabMesh.StartAsync(1);
        mesh[1].Faults.Add(new Fault(kind) { Resource = resource, Verb = kind is FaultKind.Down ? "patch" : "create" });
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => MakeAsync(mesh));
        Assert.Equal(id, ErrorCatalog.Describe(failure, mesh.Load()[0]).Id);

        mesh[1].Faults.Clear();
        Assert.True((await MakeAsync(mesh)).Ready);
    }

    [Fact]
    public async Task A_namespace_with_something_else_in_it_stays()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        await MakeAsync(mesh);
        await CreateAsync(mesh, "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: gateways}, spec: {selector: {app: web}, ports: [{port: 80}]}}");
        await RemoveAsync(mesh, withNamespace: true);
        Assert.NotNull(mesh.Find(1, "namespaces", "gateways", null));
        Assert.Contains(mesh.Log.Warnings, warning => warning.Contains("gateways/web", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Platforms_are_asked_for_internal_load_balancers()
    {
        await using var mesh = await LabMesh.StartAsync(1, options => options with { Platform = LabPlatform.Gke });
        await MakeAsync(mesh, s_options with { InternalLoadBalancer = true });
        Assert.Contains("networking.gke.io/load-balancer-type", mesh.Find(1, "services", "istio-ingressgateway", "gateways")!.Json.ToJsonString(), StringComparison.Ordinal);
    }
}
