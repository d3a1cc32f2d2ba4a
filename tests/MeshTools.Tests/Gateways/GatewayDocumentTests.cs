using System.Text.Json.Nodes;
using MeshTools.Gateways;
using MeshTools.Istioctl;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Tests.Discovery;
using Xunit;

namespace MeshTools.Tests.Gateways;

/// <summary>The forms of a gateway against what the script and istioctl were recorded to write, and against an istioctl that is here.</summary>
public sealed class GatewayDocumentTests
{
    // Fields in which the objects differ from those of istioctl, with the reason; docs/decisions/0006 says more.
    private static readonly Dictionary<string, string> s_deliberate = new(StringComparer.Ordinal)
    {
        ["metadata.labels['install.operator.istio.io/owning-resource']"] =
            "istioctl install writes its document's name here and deletes by it what is not in the document; only what istioctl made must carry it",
    };

    private static readonly Dictionary<string, GatewaySpecification> s_specifications = new(StringComparer.Ordinal)
    {
        ["network"] = Gateway("net1", null),
        ["network and revision"] = Gateway("net1", "1-30"),
        ["single cluster"] = Gateway(null, null),
        ["single cluster and revision"] = Gateway(null, "1-30"),
        ["a network like a boolean"] = Gateway("true", null),
        ["name and namespace"] = Gateway("net1", "1-30") with { Name = "way-in", Namespace = "edge" },
        ["replicas"] = Gateway("net1", null) with { Replicas = 3 },
        ["more replicas than the default maximum"] = Gateway("net1", null) with { Replicas = 8 },
        ["one replica"] = Gateway("net1", null) with { Replicas = 1 },
        ["service"] = Gateway("net1", null) with
        {
            LoadBalancerIP = "192.0.2.1",
            ServiceAnnotations = new Dictionary<string, string>(StringComparer.Ordinal) { ["networking.gke.io/load-balancer-type"] = "Internal" },
        },
        ["node ports"] = Gateway("net1", null) with { ServiceType = "NodePort" },
        ["image"] = Gateway("net1", null) with { Image = "registry.example/proxyv2:1.30.3" },
        ["resources"] = Gateway("net1", null) with
        {
            Resources = new GatewayResources(
                new Dictionary<string, string>(StringComparer.Ordinal) { ["cpu"] = "500m" },
                new Dictionary<string, string>(StringComparer.Ordinal) { ["memory"] = "2Gi", ["ephemeral-storage"] = "1Gi" }),
        },
        ["advertised address"] = Gateway("net1", null) with { AdvertisedAddresses = ["203.0.113.7", "gw.example.org"] },
    };

    public static TheoryData<string> Variants { get; } = new(s_specifications.Keys);

    public static TheoryData<string, string?, string?> Scripts { get; } = new()
    {
        { "eastwest-gke-network-rev.yaml", "my-fleet-default", "asm-1226-2" },
        { "eastwest-network-default-rev.yaml", "default", "asm-1233-2" },
        { "eastwest-network-default.yaml", "default", null },
        { "eastwest-single-cluster-rev.yaml", null, "asm-1233-2" },
        { "eastwest-single-cluster.yaml", null, null },
    };

    [Theory]
    [MemberData(nameof(Scripts))]
    public void The_IstioOperator_document_is_that_of_the_script(string recorded, string? network, string? revision)
    {
        var ours = GatewayOperatorDocument.Render(Gateway(network, revision));

        Assert.True(JsonNode.DeepEquals(KubernetesYaml.ParseAll(ProjectData.Text(recorded))[0], Reread(ours)), KubernetesYaml.Write(ours.Json));
    }

    [Theory]
    [InlineData("upstream-1.28-ambient.yaml", "gateway.networking.k8s.io/v1beta1")]
    [InlineData("upstream-1.30-ambient.yaml", "gateway.networking.k8s.io/v1")]
    public void The_ambient_gateway_is_that_of_the_script(string recorded, string apiVersion)
    {
        var ours = GatewayApiManifest.Ambient(Gateway("net1", null), apiVersion);

        Assert.True(JsonNode.DeepEquals(KubernetesYaml.ParseAll(ProjectData.Text(recorded))[0], Reread(ours)), KubernetesYaml.Write(ours.Json));
    }

    [Fact]
    public void The_ambient_gateway_names_its_revision_which_the_script_forgets() =>
        Assert.Equal("r1", GatewayApiManifest.Ambient(Gateway("net1", "r1"), "gateway.networking.k8s.io/v1").Labels["istio.io/rev"]);

    [Fact]
    public void A_network_that_YAML_would_read_as_something_else_stays_text()
    {
        foreach (var network in new[] { "n", "true", "0123", "1e3", "null" })
            Assert.Equal(network, Reread(GatewayOperatorDocument.Render(Gateway(network, null))).FindString("spec", "values", "global", "network"));
    }

    [Fact]
    public void The_Kubernetes_objects_are_those_that_istioctl_was_recorded_to_render() =>
        AssertSame(KubernetesYaml.ReadObjects(ProjectData.Text("manifest-generate-eastwest.yaml")), Gateway("my-fleet-default", "asm-1226-2"));

    [SkippableTheory]
    [MemberData(nameof(Variants))]
    public async Task The_Kubernetes_objects_are_those_that_istioctl_renders_from_the_document(string variant)
    {
        var program = IstioctlProgram.TryFind(Environment.GetEnvironmentVariable("MESHTOOLS_TEST_ISTIOCTL"));
        Skip.If(program is null, "no istioctl on the PATH or in MESHTOOLS_TEST_ISTIOCTL");
        var gateway = s_specifications[variant];
        var document = KubernetesYaml.Write(GatewayOperatorDocument.Render(gateway).Json);

        var rendered = await new IstioctlRun(program, ["manifest", "generate", "--filename", "-"]) { Input = document }.ExecuteAsync(CancellationToken.None);

        AssertSame(KubernetesYaml.ReadObjects(rendered), gateway);
    }

    private static GatewaySpecification Gateway(string? network, string? revision) =>
        new() { Name = EastWestGatewayOptions.DefaultName, Namespace = "istio-system", Network = network, Revision = revision };

    private static void AssertSame(IReadOnlyList<KubernetesObject> theirs, GatewaySpecification gateway)
    {
        var ours = GatewayManifest.Render(gateway).Select(item => item.Object).ToDictionary(obj => obj.Reference);
        Assert.Equal(theirs.Select(obj => obj.Reference.ToString()).Order(StringComparer.Ordinal), ours.Keys.Select(reference => reference.ToString()).Order(StringComparer.Ordinal));
        var differences =
            from their in theirs
            from path in FieldDifference.Between(Clean(their), Clean(ours[their.Reference]))
            where !s_deliberate.ContainsKey(path)
            select $"{their.Reference}: {path}";
        Assert.Empty(differences);
    }

    [Theory]
    [InlineData("2000m", "2")]
    [InlineData("500m", "500m")]
    [InlineData("0.5", "500m")]
    [InlineData("1.5", "1500m")]
    [InlineData("1024Mi", "1Gi")]
    [InlineData("1.5Gi", "1536Mi")]
    [InlineData("128Mi", "128Mi")]
    [InlineData("2000", "2k")]
    [InlineData("10", "10")]
    [InlineData("1e3", "1e3")]
    [InlineData("lots", "lots")]
    public void Quantities_are_spelt_as_the_server_stores_them(string given, string expected)
    {
        Assert.Equal(expected, CanonicalQuantity.Of(given));
        if (MeshTools.Lab.Quantities.TryCanonicalise(given, out var stored))
            Assert.Equal(stored, CanonicalQuantity.Of(given));
    }

    // A null, and a map without fields, mean the same as nothing; a quantity means the same however it is spelt.
    private static KubernetesObject Clean(KubernetesObject obj)
    {
        var copy = obj.Clone();
        Prune(copy.Json);
        foreach (var container in copy.Json.FindArray("spec", "template", "spec", "containers") ?? [])
        {
            foreach (var quantities in new[] { "limits", "requests" }.Select(kind => container.Find("resources", kind)).OfType<JsonObject>())
            {
                foreach (var (key, value) in quantities.ToList())
                    quantities[key] = MeshTools.Lab.Quantities.TryCanonicalise(JsonAccess.AsText(value), out var stored) ? stored : value?.DeepClone();
            }
        }

        return copy;
    }

    private static bool Prune(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var (key, value) in map.ToList())
                {
                    if (!Prune(value))
                        map.Remove(key);
                }

                return map.Count > 0;
            case JsonArray list:
                foreach (var item in list)
                    Prune(item);
                return list.Count > 0;
            default:
                return node is not null;
        }
    }

    private static JsonNode Reread(KubernetesObject document) => KubernetesYaml.ParseAll(KubernetesYaml.Write(document.Json))[0];
}
