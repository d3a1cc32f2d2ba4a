using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Gateways;
using MeshTools.Kubernetes;
using MeshTools.Lab;
using MeshTools.Operations;
using MeshTools.Tests.Scenarios;
using Xunit;

namespace MeshTools.Tests.Gateways;

/// <summary>Services and control planes are let in from other networks, and no longer.</summary>
public sealed class ServiceExposureTests
{
    private const string Group = "networking.istio.io";

    private static readonly ServiceExposureOptions s_options = new();

    private static async Task<ServiceExposure> PublishAsync(LabMesh mesh, ServiceExposureOptions? options = null, MeshCluster? cluster = null)
    {
        var plan = await ServiceExposurePlan.CreateAsync(cluster ?? mesh.Load()[0], options ?? s_options, mesh.Log, default);
        return await plan.ExecuteAsync(_ => true, mesh.Log, default);
    }

    private static async Task<ServiceExposure> UnpublishAsync(LabMesh mesh, ServiceExposureOptions? options = null)
    {
        var plan = await ServiceExposureRemoval.CreateAsync(mesh.Load()[0], options ?? s_options, mesh.Log, default);
        return await plan.ExecuteAsync(_ => true, mesh.Log, default);
    }

    private static async Task<MeshException> RefusedAsync(LabMesh mesh, string id, ServiceExposureOptions? options = null)
    {
        var before = mesh.Writes();
        var refusal = await Assert.ThrowsAsync<MeshException>(() => ServiceExposurePlan.CreateAsync(mesh.Load()[0], options ?? s_options, mesh.Log, default));
        Assert.Equal(id, refusal.ErrorId);
        Assert.Equal(before, mesh.Writes());
        return refusal;
    }

    private static Task<KubernetesObject> CreateAsync(LabMesh mesh, string yaml) => mesh.Client(1).CreateAsync(KubernetesYaml.ReadObjects(yaml)[0]);

    private static string Gateway(string name, string selector, string hosts, string ns = "istio-system") => $$"""
        apiVersion: networking.istio.io/v1alpha3
        kind: Gateway
        metadata: { name: {{name}}, namespace: {{ns}} }
        spec:
          selector: { {{selector}} }
          servers:
          - port: { number: 15443, name: tls, protocol: tls }
            tls: { mode: AUTO_PASSTHROUGH }
            hosts: [{{hosts}}]
        """;

    private static void Proxy(LabMesh mesh) => mesh[1].Store.Create(
        new ResourceKey("apps", "deployments", "istio-system", "istio-eastwestgateway"),
        (System.Text.Json.Nodes.JsonObject)System.Text.Json.Nodes.JsonNode.Parse(
            """
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"labels":{"istio":"eastwestgateway"}},"spec":{"replicas":0,"selector":{"matchLabels":{"istio":"eastwestgateway"}},
             "template":{"metadata":{"labels":{"istio":"eastwestgateway","app":"gw"}},"spec":{"containers":[{"name":"istio-proxy","image":"auto"}]}}}}
            """)!,
        "test");

    [Fact]
    public async Task Services_are_let_in_once_and_then_nothing_changes()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        Proxy(mesh);
        var first = await PublishAsync(mesh);
        Assert.Equal(ChangeOutcome.Created, first.Change);
        Assert.Equal("networking.istio.io/v1 Gateway istio-system/cross-network-gateway", $"{first.Objects[0].ApiVersion} {first.Objects[0]}");
        Assert.NotNull((await ExposureReader.ReadAsync(mesh.Load()[0], default)).Find("helloworld.sample.svc.cluster.local"));
        Assert.Empty(mesh.Log.Warnings);

        var before = mesh.Writes();
        Assert.Equal(ChangeOutcome.Unchanged, (await PublishAsync(mesh)).Change);
        Assert.Equal(before, mesh.Writes());

        Assert.Equal(ChangeOutcome.Updated, (await PublishAsync(mesh, s_options with { Hosts = ["*.sample.svc.cluster.local"] })).Change);
        Assert.Null((await ExposureReader.ReadAsync(mesh.Load()[0], default)).Find("a.other.svc.cluster.local"));

        Assert.Equal(ChangeOutcome.Removed, (await UnpublishAsync(mesh)).Change);
        Assert.Null(mesh.Find(1, "gateways", "cross-network-gateway", group: Group));
        before = mesh.Writes();
        Assert.Equal(ChangeOutcome.Unchanged, (await UnpublishAsync(mesh)).Change);
        Assert.Equal(before, mesh.Writes());
    }

    [Theory]
    [InlineData("networking.istio.io/v1beta1", "v1")]
    [InlineData("networking.istio.io/v1alpha3", "v1", "v1beta1")]
    public async Task The_best_version_that_is_served_is_used(string apiVersion, params string[] unserved)
    {
        await using var mesh = await LabMesh.StartAsync(1);
        foreach (var plural in new[] { "gateways", "virtualservices" })
        {
            var key = new ResourceKey("apiextensions.k8s.io", "customresourcedefinitions", null, $"{plural}.networking.istio.io");
            mesh[1].Store.Mutate(
                key,
                json =>
                {
                    foreach (var version in json["spec"]!["versions"]!.AsArray())
                    {
                        if (unserved.Contains(version!["name"]!.GetValue<string>()))
                            version["served"] = false;
                    }

                    return json;
                },
                "test");
        }

        var exposure = await PublishAsync(mesh, s_options with { ControlPlane = true });
        Assert.All(exposure.Objects, item => Assert.Equal(apiVersion, item.ApiVersion));
    }

    [Fact]
    public async Task Nobody_behind_the_selector_is_a_warning()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        await PublishAsync(mesh);
        Assert.Contains(mesh.Log.Warnings, warning => warning.Contains("no gateway has pods with istio=eastwestgateway", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, "istiod-vs", "istiod.istio-system.svc.cluster.local", "*")]
    [InlineData("asm-1303-1", "istiod-vs-asm-1303-1", "istiod-asm-1303-1.istio-system.svc.cluster.local", "istiod-asm-1303-1.istio-system.svc")]
    public async Task A_control_plane_is_let_in_under_its_names(string? revision, string route, string service, string name)
    {
        await using var mesh = await LabMesh.StartAsync(1, options => options with { Revision = revision });
        Proxy(mesh);
        var options = s_options with { ControlPlane = true };
        var exposure = await PublishAsync(mesh, options);
        Assert.Equal((ChangeOutcome.Created, revision ?? "default"), (exposure.Change, exposure.ControlPlane));
        Assert.Equal(3, exposure.Objects.Count);
        var text = mesh.Find(1, "virtualservices", route, group: Group)!.Json.ToJsonString();
        Assert.Contains($"\"host\":\"{service}\"", text, StringComparison.Ordinal);
        Assert.Contains($"\"{name}\"", text, StringComparison.Ordinal);
        Assert.Equal(ChangeOutcome.Unchanged, (await PublishAsync(mesh, options)).Change);

        await UnpublishAsync(mesh);
        Assert.NotNull(mesh.Find(1, "gateways", "istiod-gateway", group: Group));
        Assert.Contains(mesh.Log.Warnings, warning => warning.Contains("-ControlPlane", StringComparison.Ordinal));
        await UnpublishAsync(mesh, options);
        Assert.Empty(mesh[1].Store.List(Group, "gateways").Items);
        Assert.Empty(mesh[1].Store.List(Group, "virtualservices").Items);
    }

    [Fact]
    public async Task A_gateway_that_another_route_uses_stays()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        await PublishAsync(mesh, s_options with { ControlPlane = true });
        await CreateAsync(mesh, """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: { name: istiod-vs-canary, namespace: istio-system }
            spec: { hosts: ["*"], gateways: [istiod-gateway] }
            """);

        await UnpublishAsync(mesh, s_options with { ControlPlane = true, Revision = "default" });
        Assert.NotNull(mesh.Find(1, "gateways", "istiod-gateway", group: Group));
        Assert.Null(mesh.Find(1, "virtualservices", "istiod-vs", group: Group));
    }

    [Fact]
    public async Task What_kubectl_applied_of_the_sample_is_left_as_it_is()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        await CreateAsync(mesh, Gateway("cross-network-gateway", "istio: eastwestgateway", "'*.local'"));
        var before = mesh.Writes();
        Assert.Equal(ChangeOutcome.Unchanged, (await PublishAsync(mesh)).Change);
        Assert.Equal(before, mesh.Writes());
    }

    [Fact]
    public async Task A_foreign_gateway_of_the_name_is_refused_and_taken_over_when_told_to()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        await CreateAsync(mesh, Gateway("cross-network-gateway", "istio: eastwestgateway", "'*.other.svc.cluster.local'"));
        await RefusedAsync(mesh, nameof(ErrorCatalog.ForeignObject));
        Assert.Equal(ChangeOutcome.Updated, (await PublishAsync(mesh, s_options with { ForceConflicts = true })).Change);
        Assert.NotNull((await ExposureReader.ReadAsync(mesh.Load()[0], default)).Find("helloworld.sample.svc.cluster.local"));
    }

    [Fact]
    public async Task A_selector_that_would_keep_foreign_labels_is_refused_even_then()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        await CreateAsync(mesh, Gateway("cross-network-gateway", "app: other", "'*.local'"));
        await RefusedAsync(mesh, nameof(ErrorCatalog.ForeignObject), s_options with { ForceConflicts = true });
    }

    [Theory]
    [InlineData("istio: eastwestgateway", "'*.local'", true)]
    [InlineData("app: gw", "'*.sample.svc.cluster.local'", true)]
    [InlineData("istio: ingressgateway", "'*.local'", false)]
    [InlineData("istio: eastwestgateway", "'*.global'", false)]
    public async Task A_second_gateway_for_the_same_is_refused(string selector, string hosts, bool refused)
    {
        await using var mesh = await LabMesh.StartAsync(1);
        Proxy(mesh);
        await CreateAsync(mesh, Gateway("mine", selector, hosts, "default"));
        if (refused)
            Assert.Contains("default/mine", (await RefusedAsync(mesh, nameof(ErrorCatalog.ExposureConflict))).Message, StringComparison.Ordinal);
        else
            Assert.Equal(ChangeOutcome.Created, (await PublishAsync(mesh)).Change);
    }

    [Fact]
    public async Task A_listener_of_the_gateway_api_is_exposure_enough()
    {
        await using var mesh = await LabMesh.StartAsync(1, options => options with { GatewayApi = true });
        await CreateAsync(mesh, """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: { name: east, namespace: istio-system, labels: { topology.istio.io/network: lab-network } }
            spec:
              gatewayClassName: istio
              listeners:
              - { name: cross-network, hostname: "*.local", port: 15443, protocol: TLS, tls: { mode: Passthrough } }
            """);
        var before = mesh.Writes();
        var exposure = await PublishAsync(mesh);
        Assert.Equal(("east", ChangeOutcome.Unchanged), (exposure.Name, exposure.Change));
        Assert.Equal(before, mesh.Writes());
    }

    [Fact]
    public async Task Without_definitions_there_is_a_clear_error_and_nothing_to_remove()
    {
        await using var mesh = await LabMesh.StartAsync(1, options => options with { ControlPlane = false });
        await RefusedAsync(mesh, nameof(ErrorCatalog.IstioDefinitionsMissing));
        Assert.Equal(ChangeOutcome.Unchanged, (await UnpublishAsync(mesh)).Change);
    }

    [Fact]
    public async Task Hosts_and_revisions_that_cannot_be_are_refused()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        await RefusedAsync(mesh, nameof(ErrorCatalog.GatewayHostInvalid), s_options with { Hosts = ["helloworld"] });
        await RefusedAsync(mesh, nameof(ErrorCatalog.NamespaceNotFound), s_options with { Namespace = "nowhere" });
        await RefusedAsync(mesh, nameof(ErrorCatalog.RevisionNotFound), s_options with { ControlPlane = true, Revision = "canary" });
    }

    [Theory]
    [InlineData(FaultKind.Down, nameof(ErrorCatalog.EndpointUnreachable))]
    [InlineData(FaultKind.Forbidden, nameof(ErrorCatalog.KubeForbidden))]
    [InlineData(FaultKind.AdmissionRefused, nameof(ErrorCatalog.AdmissionRefused))]
    public async Task A_bad_day_is_an_error_and_a_rerun_completes_it(FaultKind kind, string id)
    {
        await using var mesh = await LabMesh.StartAsync(1);
        mesh[1].Faults.Add(new Fault(kind) { Resource = "gateways", Verb = kind is FaultKind.AdmissionRefused ? "create" : null });
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => PublishAsync(mesh));
        Assert.Equal(id, ErrorCatalog.Describe(failure, mesh.Load()[0]).Id);

        mesh[1].Faults.Clear();
        Assert.Equal(ChangeOutcome.Created, (await PublishAsync(mesh)).Change);
    }
}
