using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Gateways;
using MeshTools.Kubernetes;
using MeshTools.Lab;
using MeshTools.Tests.Lab;
using MeshTools.Tests.Scenarios;
using Xunit;

namespace MeshTools.Tests.Gateways;

/// <summary>Which Services are taken for east-west gateways, and what is said of them.</summary>
public sealed class EastWestGatewayReadingTests : IAsyncLifetime
{
    private LabMesh _mesh = null!;
    private MeshCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        _mesh = await LabMesh.StartAsync(1, options => options with { Configure = (_, cluster) => cluster with { Network = "north" } });
        _cluster = _mesh.Load()[0];
    }

    public async Task DisposeAsync() => await _mesh.DisposeAsync();

    [Fact]
    public async Task One_that_works_has_an_address_its_ports_and_no_problem()
    {
        await WriteAsync(Service(), Deployment());

        var gateway = await WithAsync(gateway => gateway.Ready);

        Assert.Equal(("istio-eastwestgateway", "istio-system", "north", "1-30", EastWestGatewayForm.Kubernetes),
            (gateway.Name, gateway.Namespace, gateway.Network, gateway.Revision, gateway.Form));
        Assert.Single(gateway.Addresses);
        Assert.Equal(["status-port:15021", "tls:15443"], gateway.Ports.Select(port => port.ToString()));
        Assert.Empty(gateway.Problems);
    }

    [Fact]
    public async Task A_service_of_any_namespace_and_name_with_the_network_label_is_one()
    {
        await _cluster.Connect().CreateAsync(KubernetesObject.Create("v1", "Namespace", "edge"));
        await WriteAsync(Service(name: "way-in", ns: "edge", type: "ClusterIP"));

        var gateway = await WithAsync(_ => true);

        Assert.Equal(("way-in", "edge", false), (gateway.Name, gateway.Namespace, gateway.Ready));
        Assert.Contains(gateway.Problems, problem => problem.Contains("type ClusterIP", StringComparison.Ordinal));
        Assert.Contains(gateway.Problems, problem => problem.Contains("no proxy of it is ready", StringComparison.Ordinal) || problem.Contains("no Deployment", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("port: 443", "topology.istio.io/network: north", "neither port 15443 nor port 15008")]
    [InlineData("port: 15443", "networking.istio.io/gatewayPort: '9443', topology.istio.io/network: north", "neither port 9443")]
    [InlineData("port: 15443", "networking.istio.io/gatewayPort: tls, topology.istio.io/network: north", "which is no port")]
    [InlineData("port: 15443", "topology.istio.io/network: south", "the cluster's endpoints are in network north")]
    [InlineData("port: 15443", "a: b", "no label topology.istio.io/network")]
    public async Task What_is_wrong_is_said(string port, string labels, string expected)
    {
        await WriteAsync(Service(port: port, labels: labels), Deployment());

        var gateway = await WithAsync(_ => true);

        Assert.Contains(gateway.Problems, problem => problem.Contains(expected, StringComparison.Ordinal));
        Assert.False(gateway.Ready);
    }

    [Fact]
    public async Task A_proxy_that_looks_into_another_network_is_a_problem()
    {
        await WriteAsync(Service(), Deployment(view: "elsewhere"));

        var gateway = await WithAsync(_ => true);

        Assert.Contains(gateway.Problems, problem => problem.Contains("endpoints of network elsewhere", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_cluster_whose_namespace_has_no_network_is_called_directly()
    {
        await _cluster.Connect().PatchAsync(
            ResourceTypes.Namespace, null, "istio-system", Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["topology.istio.io/network"] = null } } }));
        await WriteAsync(Service(), Deployment());

        var gateway = await WithAsync(_ => true);

        Assert.Contains(gateway.Problems, problem => problem.Contains("called directly", StringComparison.Ordinal));
    }

    [Fact]
    public async Task External_addresses_count_besides_those_of_the_load_balancer_and_nodes_only_when_they_are_chosen()
    {
        await WriteAsync(Service(extra: "externalIPs: [192.0.2.7]"), Deployment());
        Assert.Contains("192.0.2.7", (await WithAsync(gateway => gateway.Addresses.Count == 2)).Addresses);

        await _cluster.Connect().DeleteAsync(ResourceTypes.Service, "istio-system", "istio-eastwestgateway");
        await WriteAsync(Service(type: "NodePort"));
        Assert.Contains((await WithAsync(_ => true)).Problems, problem => problem.Contains("traffic.istio.io/nodeSelector", StringComparison.Ordinal));
    }

    [Fact]
    public void Nodes_that_the_annotation_chooses_give_their_external_addresses()
    {
        var service = KubernetesYaml.ReadObjects(Service(type: "NodePort", annotations: """traffic.istio.io/nodeSelector: '{"pool": "edge"}'"""))[0];
        var nodes = KubernetesYaml.ReadObjects("""
            { apiVersion: v1, kind: Node, metadata: { name: a, labels: { pool: edge } }, status: { addresses: [{ type: ExternalIP, address: 198.51.100.4 }, { type: InternalIP, address: 10.0.0.4 }] } }
            ---
            { apiVersion: v1, kind: Node, metadata: { name: b, labels: { pool: other } }, status: { addresses: [{ type: ExternalIP, address: 198.51.100.5 }] } }
            """);

        Assert.Equal(["198.51.100.4"], GatewayAddresses.Of(service, nodes));
    }

    [Fact]
    public async Task Where_only_the_control_planes_namespace_may_be_read_that_one_is()
    {
        await WriteAsync(Service(), Deployment());
        _mesh[1].Faults.Add(new Fault(FaultKind.Forbidden) { Verb = "list", Resource = "services", Times = 2 });

        var gateways = await EastWestGateways.ReadAsync(_cluster, _mesh.Log, CancellationToken.None);

        Assert.Single(gateways);
    }

    private async Task<EastWestGateway> WithAsync(Func<EastWestGateway, bool> condition)
    {
        EastWestGateway? found = null;
        await Eventually.TrueAsync(async () =>
        {
            found = Assert.Single(await EastWestGateways.ReadAsync(_cluster, _mesh.Log, CancellationToken.None));
            return condition(found);
        });
        return found!;
    }

    private async Task WriteAsync(params string[] documents)
    {
        foreach (var document in documents.SelectMany(text => KubernetesYaml.ReadObjects(text)))
            await _cluster.Connect().CreateAsync(document);
    }

    private static string Service(
        string port = "port: 15443", string labels = "topology.istio.io/network: north", string name = "istio-eastwestgateway", string ns = "istio-system",
        string type = "LoadBalancer", string extra = "", string annotations = "") => $$"""
        apiVersion: v1
        kind: Service
        metadata:
          name: {{name}}
          namespace: {{ns}}
          labels: { istio: eastwestgateway, {{labels}} }
          annotations: { {{annotations}} }
        spec:
          type: {{type}}
          selector: { istio: eastwestgateway }
          ports: [{ name: status-port, port: 15021 }, { name: tls, {{port}} }]
          {{extra}}
        """;

    private static string Deployment(string view = "north") => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: istio-eastwestgateway, namespace: istio-system }
        spec:
          selector: { matchLabels: { istio: eastwestgateway } }
          template:
            metadata: { labels: { istio: eastwestgateway, istio.io/rev: 1-30 } }
            spec:
              containers: [{ name: istio-proxy, image: proxy, env: [{ name: ISTIO_META_REQUESTED_NETWORK_VIEW, value: {{view}} }] }]
        """;
}
