using MeshTools.Clusters;
using MeshTools.Discovery;
using Xunit;

namespace MeshTools.Tests.Discovery;

public sealed class ServerReachabilityTests
{
    private static readonly MeshCluster s_cluster = KubeconfigClusters.One("c", "https://c.example");

    [Theory]
    [InlineData("https://127.0.0.1:6443", "loopback")]
    [InlineData("https://127.1.2.3", "loopback")]
    [InlineData("https://[::1]:6443", "loopback")]
    [InlineData("https://[::ffff:127.0.0.1]", "loopback")]
    [InlineData("https://localhost", "loopback")]
    [InlineData("https://LOCALHOST:6443", "loopback")]
    [InlineData("https://c.localhost", "loopback")]
    [InlineData("https://0.0.0.0:6443", "listen on")]
    [InlineData("https://[::]:6443", "listen on")]
    [InlineData("https://169.254.1.1", "link-local")]
    [InlineData("https://[fe80::1]", "link-local")]
    [InlineData("https://10.0.0.1", "private address")]
    [InlineData("https://172.16.0.1", "private address")]
    [InlineData("https://172.31.255.254", "private address")]
    [InlineData("https://192.168.49.2:8443", "private address")]
    [InlineData("https://100.64.0.1", "private address")]
    [InlineData("https://[fd00::1]", "private address")]
    [InlineData("https://host.docker.internal:6443", "container engine")]
    [InlineData("https://kubernetes.docker.internal:6443", "container engine")]
    [InlineData("https://kubernetes", "without a domain")]
    [InlineData("https://kubernetes.default.svc", "private network")]
    [InlineData("https://api.crc.local", "private network")]
    [InlineData("https://c.privatelink.azmk8s.io", "private endpoint")]
    public void Doubtful(string server, string word) => Assert.Contains(word, ServerReachability.Doubt(s_cluster, new Uri(server)), StringComparison.Ordinal);

    [Theory]
    [InlineData("https://34.1.2.3")]
    [InlineData("https://172.15.0.1")]
    [InlineData("https://172.32.0.1")]
    [InlineData("https://100.63.0.1")]
    [InlineData("https://100.128.0.1")]
    [InlineData("https://[2001:db8::1]:443")]
    [InlineData("https://api.example.com:6443")]
    [InlineData("https://local.example.com")]
    [InlineData("https://abc.gr7.us-east-1.eks.amazonaws.com")]
    public void Fine(string server) => Assert.Null(ServerReachability.Doubt(s_cluster, new Uri(server)));

    [Fact]
    public void A_lab_is_made_for_loopback() =>
        Assert.Null(ServerReachability.Doubt(KubeconfigClusters.One("c", "https://127.0.0.1", lab: true), new Uri("https://127.0.0.1")));
}
