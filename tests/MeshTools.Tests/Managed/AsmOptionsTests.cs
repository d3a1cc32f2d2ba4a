using MeshTools.Install;
using MeshTools.Managed;
using Xunit;

namespace MeshTools.Tests.Managed;

public sealed class AsmOptionsTests
{
    private const string Pool = "projects/p/locations/l/caPools/n";

    [Theory]
    [InlineData(null, "CA=PRIVATECA;CAAddr=" + Pool)]
    [InlineData("", "CA=PRIVATECA;CAAddr=" + Pool)]
    [InlineData("CNI=on", "CNI=on;CA=PRIVATECA;CAAddr=" + Pool)]
    [InlineData("CA=PRIVATECA;CAAddr=other;CNI=on;flag", "CA=PRIVATECA;CAAddr=" + Pool + ";CNI=on;flag")]
    [InlineData("CAAddr=newest;CA=PRIVATECA;CAAddr=older;", "CAAddr=" + Pool + ";CA=PRIVATECA")]
    public void A_pool_replaces_the_authority_and_leaves_everything_else(string? before, string after) =>
        Assert.Equal(after, AsmOptions.Parse(before).With(MeshAuthority.CaService, Pool).ToString());

    [Fact]
    public void Mesh_CA_is_what_there_is_without_an_authority()
    {
        var options = AsmOptions.Parse("CA=PRIVATECA;CAAddr=" + Pool + ";CNI=on");
        Assert.Equal((MeshAuthority.CaService, Pool), (options.Signer, options.Pool));
        Assert.Equal("CNI=on", options.With(MeshAuthority.MeshCA, null).ToString());
        Assert.Equal(MeshAuthority.MeshCA, AsmOptions.Parse("CNI=on").Signer);
        Assert.Null(AsmOptions.Parse("CA=MANAGEDCAS").Signer);
    }

    [Fact]
    public void Order_and_writing_make_no_difference()
    {
        Assert.True(AsmOptions.Parse("a=1; b=2;").SaysTheSameAs(AsmOptions.Parse("b=2;a=1")));
        Assert.False(AsmOptions.Parse("a=1").SaysTheSameAs(AsmOptions.Parse("a=2")));
        Assert.False(AsmOptions.Parse("a=1").SaysTheSameAs(AsmOptions.Parse("a=1;b")));
    }
}
