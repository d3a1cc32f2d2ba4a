using MeshTools.Clusters;
using Xunit;

namespace MeshTools.Tests.Clusters;

public sealed class PlatformDetectionTests
{
    [Theory]
    [InlineData("gke_p_us-east1_c", "https://10.0.0.2", ClusterPlatform.Gke)]
    [InlineData("renamed", "https://gke-abc.us-east1.gke.goog", ClusterPlatform.Gke)]
    [InlineData("arn:aws:eks:us-east-1:123456789012:cluster/c", "https://x.example", ClusterPlatform.Eks)]
    [InlineData("arn:aws-cn:eks:cn-north-1:123456789012:cluster/c", "https://x.example", ClusterPlatform.Eks)]
    [InlineData("c", "https://ABC.gr7.us-east-1.EKS.amazonaws.com", ClusterPlatform.Eks)]
    [InlineData("c", "https://abc.sk1.cn-north-1.eks.amazonaws.com.cn", ClusterPlatform.Eks)]
    [InlineData("c", "https://c-dns-1.hcp.westeurope.azmk8s.io:443", ClusterPlatform.Aks)]
    [InlineData("c", "https://azmk8s.io.example", ClusterPlatform.Other)]
    [InlineData("kind-kind", "https://127.0.0.1:6443", ClusterPlatform.Other)]
    [InlineData("c", null, ClusterPlatform.Other)]
    public void A_kubeconfig_tells(string context, string? server, ClusterPlatform expected) =>
        Assert.Equal(expected, PlatformDetection.FromKubeconfig(context, server is null ? null : new Uri(server)));

    [Theory]
    [InlineData("v1.33.5-gke.1080000", null, null, ClusterPlatform.Gke)]
    [InlineData("v1.33.5-gke.1080000", "gce://p/us-east1-b/n", null, ClusterPlatform.Gke)]
    [InlineData("v1.33.5-gke.1080000", "baremetal://1.2.3.4", null, ClusterPlatform.GoogleDistributedCloud)]
    [InlineData("v1.33.5-gke.1080000", "vsphere://42", null, ClusterPlatform.GoogleDistributedCloud)]
    [InlineData("v1.33.5", "baremetal://1.2.3.4", null, ClusterPlatform.GoogleDistributedCloud)]
    [InlineData("v1.33.5", null, "baremetal.cluster.gke.io/node-pool", ClusterPlatform.GoogleDistributedCloud)]
    [InlineData("v1.33.5", null, "onprem.gke.io/node-pool", ClusterPlatform.GoogleDistributedCloud)]
    [InlineData("v1.33.5-eks-3025e55", null, null, ClusterPlatform.Eks)]
    [InlineData("v1.33.5", "aws:///us-east-1a/i-1", null, ClusterPlatform.Eks)]
    [InlineData("v1.33.5", null, "eks.amazonaws.com/compute-type", ClusterPlatform.Eks)]
    [InlineData("v1.33.5", "azure:///subscriptions/x", null, ClusterPlatform.Aks)]
    [InlineData("v1.33.5", null, "kubernetes.azure.com/cluster", ClusterPlatform.Aks)]
    [InlineData("v1.33.5", "gce://p/us-east1-b/n", null, ClusterPlatform.Gke)]
    [InlineData("v1.33.5", "kind://docker/kind/kind-control-plane", null, null)]
    [InlineData(null, null, null, null)]
    public void A_cluster_tells(string? version, string? providerId, string? label, ClusterPlatform? expected)
    {
        var labels = label is null ? null : new Dictionary<string, string>(StringComparer.Ordinal) { [label] = "x" };
        Assert.Equal(expected, PlatformDetection.FromCluster(version, providerId, labels));
    }
}
