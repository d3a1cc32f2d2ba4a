using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Operations;

namespace MeshTools.Gateways;

/// <summary>Which way the calls go that a gateway at the edge of the mesh takes.</summary>
public enum EdgeGatewayDirection
{
    /// <summary>Into the mesh.</summary>
    Ingress,

    /// <summary>Out of the mesh.</summary>
    Egress,
}

/// <summary>How to make a gateway at the edge of the mesh.</summary>
public sealed record EdgeGatewayOptions
{
    /// <summary>Which way the calls go.</summary>
    public EdgeGatewayDirection Direction { get; init; }

    /// <summary>Its name; <see langword="null"/> for <c>istio-ingressgateway</c> or <c>istio-egressgateway</c>.</summary>
    public string? Name { get; init; }

    /// <summary>Its namespace, which is made when it is missing.</summary>
    public required string Namespace { get; init; }

    /// <summary>The control plane's namespace.</summary>
    public string ControlPlaneNamespace { get; init; } = ControlPlaneRevision.DefaultNamespace;

    /// <summary>The revision or tag whose injector makes its proxies; <see langword="null"/> for the default, or the only one there is.</summary>
    public string? Revision { get; init; }

    /// <summary>The fewest proxies, at least 1; <see langword="null"/> for three (ingress) or two (egress).</summary>
    public int? Replicas { get; init; }

    /// <summary>The type of its Service; <see langword="null"/> for LoadBalancer (ingress) or ClusterIP (egress).</summary>
    public string? ServiceType { get; init; }

    /// <summary>Annotations of its Service.</summary>
    public IReadOnlyDictionary<string, string> ServiceAnnotations { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether its load balancer is one that only the platform's own network reaches.</summary>
    public bool InternalLoadBalancer { get; init; }

    /// <summary>The address that its load balancer should get.</summary>
    public string? LoadBalancerIP { get; init; }

    /// <summary>Whether to wait until its proxies run and it has an address.</summary>
    public bool Wait { get; init; }

    /// <summary>How long to wait.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether fields that other managers own are taken over.</summary>
    public bool ForceConflicts { get; init; }

    internal string EffectiveName => Name ?? (Direction is EdgeGatewayDirection.Egress ? "istio-egressgateway" : "istio-ingressgateway");

    internal string EffectiveServiceType => ServiceType ?? (Direction is EdgeGatewayDirection.Egress ? "ClusterIP" : "LoadBalancer");

    internal int EffectiveReplicas => Replicas ?? (Direction is EdgeGatewayDirection.Egress ? 2 : 3);

    /// <summary>The labels of its pods. <c>istio</c> is the name without the word that all of Istio's begin with, as its Helm chart has it.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Selector =>
    [
        new("app", EffectiveName),
        new("istio", EffectiveName.StartsWith("istio-", StringComparison.Ordinal) ? EffectiveName["istio-".Length..] : EffectiveName),
    ];
}

/// <summary>A gateway at the edge of the mesh, for calls from or to the world outside. Immutable.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Name">Its name.</param>
/// <param name="Namespace">Its namespace.</param>
public sealed record EdgeGateway(MeshCluster Cluster, string Name, string Namespace)
{
    /// <summary>Which way the calls go.</summary>
    public EdgeGatewayDirection Direction { get; init; }

    /// <summary>The revision or tag that its namespace has its proxies made by.</summary>
    public string? Revision { get; init; }

    /// <summary>Where it is reached: IP addresses or host names; those of the cluster itself for one without a load balancer.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Its ports.</summary>
    public IReadOnlyList<GatewayPort> Ports { get; init; } = [];

    /// <summary>The labels by which Istio's Gateways select it.</summary>
    public IReadOnlyDictionary<string, string> Selector { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether all its proxies run and it has an address.</summary>
    public bool Ready { get; init; }

    /// <summary>What happened to it.</summary>
    public ChangeOutcome? Change { get; init; }

    /// <summary>Cluster, namespace and name.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Cluster.Name}: {Namespace}/{Name}";
}
