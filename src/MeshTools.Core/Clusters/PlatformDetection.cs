namespace MeshTools.Clusters;

/// <summary>Tells platforms by what they write into kubeconfigs, server names, version numbers and nodes.</summary>
internal static class PlatformDetection
{
    /// <summary>What the context's name and the server's host tell.</summary>
    internal static ClusterPlatform FromKubeconfig(string context, Uri? server)
    {
        if (GkeName.TryParse(context) is not null || GatewayName.TryParse(context, server) is { IsGke: true })
            return ClusterPlatform.Gke;
        if (context.StartsWith("arn:aws:eks:", StringComparison.Ordinal) || context.StartsWith("arn:aws-", StringComparison.Ordinal))
            return ClusterPlatform.Eks;
        var host = server?.Host ?? "";
        if (EndsWith(host, ".eks.amazonaws.com") || EndsWith(host, ".eks.amazonaws.com.cn"))
            return ClusterPlatform.Eks;
        if (EndsWith(host, ".azmk8s.io") || EndsWith(host, ".cx.prod.service.azk8s.cn"))
            return ClusterPlatform.Aks;
        return EndsWith(host, ".gke.goog") ? ClusterPlatform.Gke : ClusterPlatform.Other;
    }

    /// <summary>What the cluster itself tells; <see langword="null"/> when it tells nothing.</summary>
    /// <param name="gitVersion">The API server's version: managed services put their name into it.</param>
    /// <param name="providerId">A node's <c>spec.providerID</c>; its scheme is the cloud provider's.</param>
    /// <param name="nodeLabels">A node's labels.</param>
    internal static ClusterPlatform? FromCluster(string? gitVersion, string? providerId, IReadOnlyDictionary<string, string>? nodeLabels)
    {
        var labels = nodeLabels ?? new Dictionary<string, string>(StringComparer.Ordinal);
        if (Contains(gitVersion, "-gke.") && (providerId is null || StartsWith(providerId, "gce://")))
            return ClusterPlatform.Gke;
        if (Contains(gitVersion, "-eks-"))
            return ClusterPlatform.Eks;
        if (StartsWith(providerId, "baremetal://") || labels.ContainsKey("baremetal.cluster.gke.io/node-pool") || labels.ContainsKey("onprem.gke.io/node-pool")
            || Contains(gitVersion, "-gke."))
            return ClusterPlatform.GoogleDistributedCloud;
        if (labels.ContainsKey("cloud.google.com/gke-nodepool"))
            return ClusterPlatform.Gke;
        if (labels.ContainsKey("eks.amazonaws.com/nodegroup") || labels.ContainsKey("eks.amazonaws.com/compute-type"))
            return ClusterPlatform.Eks;
        return labels.ContainsKey("kubernetes.azure.com/cluster") || labels.ContainsKey("kubernetes.azure.com/agentpool") ? ClusterPlatform.Aks
            : StartsWith(providerId, "gce://") ? ClusterPlatform.Gke
            : StartsWith(providerId, "azure://") ? ClusterPlatform.Aks
            : StartsWith(providerId, "aws://") ? ClusterPlatform.Eks
            : null;
    }

    private static bool EndsWith(string text, string end) => text.EndsWith(end, StringComparison.OrdinalIgnoreCase);

    private static bool StartsWith(string? text, string start) => text?.StartsWith(start, StringComparison.OrdinalIgnoreCase) ?? false;

    private static bool Contains(string? text, string part) => text?.Contains(part, StringComparison.OrdinalIgnoreCase) ?? false;
}
