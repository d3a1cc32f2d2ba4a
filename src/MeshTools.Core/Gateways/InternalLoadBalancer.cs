using MeshTools.Clusters;
using MeshTools.Errors;

namespace MeshTools.Gateways;

/// <summary>How a platform is asked for a load balancer that only its own network reaches.</summary>
internal static class InternalLoadBalancer
{
    /// <summary>The annotations of the Service.</summary>
    /// <exception cref="MeshException">The platform is not known (<c>InternalLoadBalancerUnknown</c>).</exception>
    internal static IEnumerable<KeyValuePair<string, string>> Annotations(MeshCluster cluster) => cluster.Platform switch
    {
        // Global access, since clusters of other regions call it too (cloud.google.com/kubernetes-engine/docs/concepts/service-load-balancer-parameters).
        ClusterPlatform.Gke =>
        [
            new("networking.gke.io/load-balancer-type", "Internal"),
            new("networking.gke.io/internal-load-balancer-allow-global-access", "true"),
        ],
        ClusterPlatform.Eks =>
        [
            new("service.beta.kubernetes.io/aws-load-balancer-scheme", "internal"),
            new("service.beta.kubernetes.io/aws-load-balancer-internal", "true"),
        ],
        ClusterPlatform.Aks => [new("service.beta.kubernetes.io/azure-load-balancer-internal", "true")],
        _ => throw new MeshException(ErrorCatalog.InternalLoadBalancerUnknown, $"{cluster.Name}: internal load balancers of platform {cluster.Platform} are not known", cluster),
    };
}
