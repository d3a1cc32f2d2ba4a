using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Errors;

namespace MeshTools.Gateways;

/// <summary>An east-west gateway with everything decided that its forms have in common. A form is a rendering of this and of nothing else.</summary>
internal sealed record GatewaySpecification
{
    internal required string Name { get; init; }

    internal required string Namespace { get; init; }

    internal string ControlPlaneNamespace { get; init; } = ControlPlaneRevision.DefaultNamespace;

    /// <summary><see langword="null"/> for a single cluster.</summary>
    internal string? Network { get; init; }

    /// <summary>A revision or tag; <see langword="null"/> for an installation without one.</summary>
    internal string? Revision { get; init; }

    internal int? Replicas { get; init; }

    internal IReadOnlyDictionary<string, string> ServiceAnnotations { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    internal string? LoadBalancerIP { get; init; }

    internal string? ServiceType { get; init; }

    internal string? Image { get; init; }

    internal GatewayResources? Resources { get; init; }

    internal IReadOnlyList<string> AdvertisedAddresses { get; init; } = [];

    /// <summary>Decides what the options leave open.</summary>
    /// <param name="cluster">The cluster, as far as it is known.</param>
    /// <param name="options">The options.</param>
    /// <param name="revision">The revision that pods name.</param>
    /// <exception cref="MeshException">The network is unknown or cannot be one, or the platform's internal load balancers are not known.</exception>
    internal static GatewaySpecification From(MeshCluster cluster, EastWestGatewayOptions options, string? revision)
    {
        var annotations = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in options.InternalLoadBalancer ? InternalLoadBalancer.Annotations(cluster) : [])
            annotations[key] = value;
        // What the user says of the same annotation wins.
        foreach (var (key, value) in options.ServiceAnnotations)
            annotations[key] = value;
        return new GatewaySpecification
        {
            Name = options.Name,
            Namespace = options.Namespace,
            ControlPlaneNamespace = options.ControlPlaneNamespace,
            Network = options.SingleCluster ? null : GatewayNetwork.Choose(cluster, options.Network),
            Revision = revision,
            Replicas = options.Replicas,
            ServiceAnnotations = annotations,
            LoadBalancerIP = options.LoadBalancerIP,
            ServiceType = options.ServiceType,
            Image = options.Image,
            Resources = options.Resources,
            AdvertisedAddresses = options.AdvertisedAddresses,
        };
    }

    /// <summary>The label map of the script: what proxies are selected by.</summary>
    internal IEnumerable<KeyValuePair<string, string>> Selector
    {
        get
        {
            yield return new(EastWestGateways.SelectorKey, EastWestGateways.SelectorValue);
            yield return new("app", Name);
            if (Network is not null)
                yield return new(EastWestGateways.NetworkLabel, Network);
        }
    }

    /// <summary>
    /// The Service's annotations. A declared address is noted there, so that whoever reads the Service knows it.
    /// </summary>
    internal IReadOnlyDictionary<string, string> Annotations => AdvertisedAddresses.Count == 0
        ? ServiceAnnotations
        : new Dictionary<string, string>(ServiceAnnotations, StringComparer.Ordinal)
        {
            [GatewayAddresses.AdvertisedAnnotation] = string.Join(',', AdvertisedAddresses),
        };

    /// <summary>The ports, as the script gives them (istio samples/multicluster/gen-eastwest-gateway.sh).</summary>
    internal static IReadOnlyList<GatewayPort> Ports { get; } =
    [
        new("status-port", 15021, 15021), new("tls", 15443, 15443), new("tls-istiod", 15012, 15012), new("tls-webhook", 15017, 15017),
    ];

    internal string ServiceAccount => $"{Name}-service-account";

    internal string SecretsRole => $"{Name}-sds";

    /// <summary>The most proxies the autoscaler makes: Istio's five, or as many as are asked for at least.</summary>
    internal int MaxReplicas => Math.Max(Replicas ?? 1, 5);
}
