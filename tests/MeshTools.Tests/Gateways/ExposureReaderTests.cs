using System.Text.Json.Nodes;
using MeshTools.Gateways;
using MeshTools.Kubernetes;
using MeshTools.Lab;
using MeshTools.Tests.Scenarios;
using Xunit;

namespace MeshTools.Tests.Gateways;

/// <summary>What a cluster is seen to let in from other networks.</summary>
public sealed class ExposureReaderTests
{
    private const string Host = "helloworld.sample.svc.cluster.local";

    private static readonly Dictionary<string, string> s_pod = new(StringComparer.Ordinal) { ["istio"] = "eastwestgateway", ["app"] = "istio-eastwestgateway" };

    private static KubernetesObject Gateway(string name, string selector, params string[] hosts) => KubernetesYaml.ReadObjects($$"""
        apiVersion: networking.istio.io/v1beta1
        kind: Gateway
        metadata: { name: {{name}}, namespace: istio-system }
        spec:
          selector: { {{selector}} }
          servers:
          - port: { number: 15443, name: tls, protocol: TLS }
            tls: { mode: AUTO_PASSTHROUGH }
            hosts: [{{string.Join(", ", hosts.Select(host => $"'{host}'"))}}]
        """)[0];

    [Fact]
    public async Task AGatewayOfTheSampleExposesEveryService()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        var cluster = mesh.Load()[0];
        await cluster.Connect().CreateAsync(Gateway("cross-network-gateway", "istio: eastwestgateway", "*.local"));

        var exposure = await ExposureReader.ReadAsync(cluster, default);

        Assert.True(exposure.Served);
        Assert.Equal("cross-network-gateway", exposure.Find(Host, s_pod)!.Gateway.Name);
        Assert.Null(exposure.WhyNot(Host, s_pod));
    }

    [Fact]
    public async Task WhatIsMissingIsSaid()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        var cluster = mesh.Load()[0];
        Assert.Contains("no Gateway", (await ExposureReader.ReadAsync(cluster, default)).WhyNot(Host), StringComparison.Ordinal);

        await cluster.Connect().CreateAsync(Gateway("narrow", "istio: eastwestgateway", "*.other.svc.cluster.local"));
        Assert.Contains("*.other.svc", (await ExposureReader.ReadAsync(cluster, default)).WhyNot(Host), StringComparison.Ordinal);

        await cluster.Connect().CreateAsync(Gateway("mislabelled", "istio: ingressgateway", "*.local"));
        var exposure = await ExposureReader.ReadAsync(cluster, default);
        Assert.Contains("istio=ingressgateway", exposure.WhyNot(Host, s_pod), StringComparison.Ordinal);
        Assert.Null(exposure.WhyNot(Host));
    }

    [Fact]
    public async Task WithoutDefinitionsNothingIsServed()
    {
        await using var mesh = await LabMesh.StartAsync(1, options => options with { ControlPlane = false });
        var exposure = await ExposureReader.ReadAsync(mesh.Load()[0], default);
        Assert.False(exposure.Served);
        Assert.Contains("not installed", exposure.WhyNot(Host), StringComparison.Ordinal);
    }
}
