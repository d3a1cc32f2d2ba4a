namespace MeshTools.Gateways;

/// <summary>Requests and limits of a gateway's proxy, by resource (<c>cpu</c>, <c>memory</c>), as Kubernetes quantities. What is not named keeps Istio's defaults.</summary>
/// <param name="Requests">Requests.</param>
/// <param name="Limits">Limits.</param>
public sealed record GatewayResources(IReadOnlyDictionary<string, string> Requests, IReadOnlyDictionary<string, string> Limits);

/// <summary>How to make an east-west gateway.</summary>
public sealed record EastWestGatewayOptions
{
    /// <summary>The name that Istio's scripts and charts give it.</summary>
    public const string DefaultName = "istio-eastwestgateway";

    /// <summary>Its form.</summary>
    public EastWestGatewayForm Form { get; init; }

    /// <summary>The network it leads into; <see langword="null"/> for the cluster's.</summary>
    public string? Network { get; init; }

    /// <summary>The revision or tag whose injector makes its proxy; <see langword="null"/> for the one that runs.</summary>
    public string? Revision { get; init; }

    /// <summary>Its name; a DNS label.</summary>
    public string Name { get; init; } = DefaultName;

    /// <summary>Its namespace.</summary>
    public string Namespace { get; init; } = ControlPlane.ControlPlaneRevision.DefaultNamespace;

    /// <summary>The control plane's namespace, whose label says the cluster's network.</summary>
    public string ControlPlaneNamespace { get; init; } = ControlPlane.ControlPlaneRevision.DefaultNamespace;

    /// <summary>Make its namespace where it is missing.</summary>
    public bool CreateNamespace { get; init; }

    /// <summary>The least number of proxies, at least 1; <see langword="null"/> for Istio's default (1, up to 5).</summary>
    public int? Replicas { get; init; }

    /// <summary>Annotations of its Service, for the platform's load balancer.</summary>
    public IReadOnlyDictionary<string, string> ServiceAnnotations { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The address that the load balancer is to have.</summary>
    public string? LoadBalancerIP { get; init; }

    /// <summary>A load balancer that only the cloud's own network reaches; the annotations follow from the platform.</summary>
    public bool InternalLoadBalancer { get; init; }

    /// <summary>The type of its Service: <c>LoadBalancer</c>, <c>NodePort</c> or <c>ClusterIP</c>; <see langword="null"/> for <c>LoadBalancer</c>.</summary>
    public string? ServiceType { get; init; }

    /// <summary>The proxy's image; <see langword="null"/> for the one that the injector puts in.</summary>
    public string? Image { get; init; }

    /// <summary>Requests and limits; <see langword="null"/> for Istio's defaults.</summary>
    public GatewayResources? Resources { get; init; }

    /// <summary>For a single cluster (virtual machines, an exposed control plane): without a network.</summary>
    public bool SingleCluster { get; init; }

    /// <summary>Where the other clusters reach it, when they cannot know from its Service: behind address translation, or without a load balancer.</summary>
    public IReadOnlyList<string> AdvertisedAddresses { get; init; } = [];

    /// <summary>Recreate a gateway whose network or name has changed, which its immutable selector makes necessary: calls fail meanwhile.</summary>
    public bool Recreate { get; init; }

    /// <summary>Take over fields that other managers own.</summary>
    public bool ForceConflicts { get; init; }

    /// <summary>Wait until its proxies run and it has an address.</summary>
    public bool Wait { get; init; }

    /// <summary>How long to wait.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Where istioctl is, for <see cref="EastWestGatewayForm.IstioOperator"/>: a file, or a folder that holds it; <see langword="null"/> for the PATH.</summary>
    public string? IstioctlPath { get; init; }

    /// <summary>Refuses what no run could make good, before any cluster is asked.</summary>
    /// <exception cref="Errors.MeshException">Options do not go together, or one of them cannot be used (<c>GatewayOptionUnsupported</c>).</exception>
    public void Validate() => GatewayOptionsCheck.Require(this);
}
