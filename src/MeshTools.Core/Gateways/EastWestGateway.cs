using MeshTools.Clusters;
using MeshTools.Operations;

namespace MeshTools.Gateways;

/// <summary>A port that a gateway offers to other clusters.</summary>
/// <param name="Name">Its name: <c>tls</c>, <c>tls-istiod</c>.</param>
/// <param name="Port">The port of the Service, 1 to 65535.</param>
/// <param name="TargetPort">The port of the proxy; <see langword="null"/> when it is named.</param>
public sealed record GatewayPort(string Name, int Port, int? TargetPort)
{
    /// <summary>Name and port.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Name}:{Port.ToString(System.Globalization.CultureInfo.InvariantCulture)}";
}

/// <summary>How a gateway is declared.</summary>
public enum EastWestGatewayForm
{
    /// <summary>A Deployment and a Service.</summary>
    Kubernetes,

    /// <summary>An IstioOperator document for istioctl.</summary>
    IstioOperator,

    /// <summary>A Gateway of the Kubernetes Gateway API, class <c>istio</c>.</summary>
    GatewayApi,

    /// <summary>A Gateway of the Kubernetes Gateway API, class <c>istio-east-west</c>, that takes HBONE.</summary>
    Ambient,
}

/// <summary>The gateway through which other networks reach the services of a cluster. Immutable.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Name">The name of the Service (or of the Gateway).</param>
/// <param name="Namespace">Its namespace.</param>
public sealed record EastWestGateway(MeshCluster Cluster, string Name, string Namespace)
{
    /// <summary>The form it has.</summary>
    public EastWestGatewayForm Form { get; init; }

    /// <summary>The network that it leads into; <see langword="null"/> when it does not say.</summary>
    public string? Network { get; init; }

    /// <summary>The revision of its proxy; <see langword="null"/> when it does not say.</summary>
    public string? Revision { get; init; }

    /// <summary>Where other networks reach it: IP addresses or host names.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Its ports.</summary>
    public IReadOnlyList<GatewayPort> Ports { get; init; } = [];

    /// <summary>Whether its proxies run, it has an address, and nothing is wrong with it.</summary>
    public bool Ready { get; init; }

    /// <summary>What happened to it; <see langword="null"/> when it was only looked at.</summary>
    public ChangeOutcome? Change { get; init; }

    /// <summary>What is wrong with it, a sentence each; empty when nothing is.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>Cluster, namespace and name.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Cluster.Name}: {Namespace}/{Name}";
}
