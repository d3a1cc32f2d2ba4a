using MeshTools.Gateways;
using Xunit;

namespace MeshTools.Tests.Gateways;

public sealed class HostPatternTests
{
    [Theory]
    [InlineData("*", "helloworld.sample.svc.cluster.local", true)]
    [InlineData("*.local", "helloworld.sample.svc.cluster.local", true)]
    [InlineData("*.local", "*.sample.svc.cluster.local", true)]
    [InlineData("*.sample.svc.cluster.local", "*.local", false)]
    [InlineData("*.sample.svc.cluster.local", "helloworld.other.svc.cluster.local", false)]
    [InlineData("*.sample.svc.cluster.local", "sample.svc.cluster.local", false)]
    [InlineData("sample/*.local", "HelloWorld.sample.svc.cluster.local", true)]
    [InlineData("a.global", "a.global", true)]
    [InlineData("a.global", "*", false)]
    public void OneCoversTheOther(string pattern, string host, bool covers) => Assert.Equal(covers, HostPattern.Covers(pattern, host));

    [Theory]
    [InlineData("*.local", "*.global", false)]
    [InlineData("*.sample.svc.cluster.local", "*.local", true)]
    [InlineData("*.sample.svc.cluster.local", "*.other.svc.cluster.local", false)]
    [InlineData("*", "a.global", true)]
    public void TwoOverlapOrDoNot(string one, string other, bool overlap)
    {
        Assert.Equal(overlap, HostPattern.Overlap(one, other));
        Assert.Equal(overlap, HostPattern.Overlap(other, one));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("*.local")]
    [InlineData("./*.local")]
    [InlineData("sample/helloworld.sample.svc.cluster.local")]
    public void ItIsAHost(string host) => Assert.Null(HostPattern.Problem(host));

    [Theory]
    [InlineData("helloworld", "short name")]
    [InlineData("a.*.local", "star")]
    [InlineData("a*.local", "star")]
    [InlineData("a..local", "empty")]
    [InlineData("under_score.local", "under_score")]
    [InlineData("a/b/c.local", "'/'")]
    [InlineData("No Name/c.local", "namespace")]
    [InlineData("", "short name")]
    public void ItIsNone(string host, string reason) => Assert.Contains(reason, HostPattern.Problem(host), StringComparison.Ordinal);
}
