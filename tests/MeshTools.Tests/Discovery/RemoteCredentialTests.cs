using System.Text;
using MeshTools.Discovery;
using Xunit;

namespace MeshTools.Tests.Discovery;

public sealed class RemoteCredentialTests
{
    private static (RemoteCredential? Credential, IReadOnlyList<string> Problems) Read(string kubeconfig)
    {
        var problems = new List<string>();
        return (RemoteCredential.TryRead(Encoding.UTF8.GetBytes(kubeconfig), problems), problems);
    }

    private static string Kubeconfig(string user, string server = "https://c:1") => $$$"""
        apiVersion: v1
        kind: Config
        current-context: x
        clusters: [{name: x, cluster: {server: "{{{server}}}", certificate-authority-data: Q0E=}}]
        contexts: [{name: x, context: {cluster: x, user: x}}]
        users: [{name: x, user: {{{user}}} }]
        """;

    [Fact]
    public void What_was_written_is_read_again()
    {
        var written = new RemoteCredential("https://c:1", "name", Encoding.UTF8.GetBytes("CA"), "t");
        var (read, problems) = Read(written.ToKubeconfig("any"));
        Assert.Empty(problems);
        Assert.True(written.SameAs(read!));
    }

    [Theory]
    [InlineData("{token: t}", null)]
    [InlineData("{client-certificate-data: Q0E=, client-key-data: Q0E=}", null)]
    [InlineData("{username: u, password: p}", null)]
    [InlineData("{token: t, as: other}", null)]
    [InlineData("{auth-provider: {name: oidc}}", null)]
    [InlineData("{auth-provider: {name: gcp}}", "kubeconfig is not allowed: auth provider gcp is not allowed")]
    [InlineData("{client-key: /k, token: t}", "kubeconfig is not allowed: clientKey is not allowed")]
    [InlineData("{client-certificate: /c, token: t}", "kubeconfig is not allowed: clientCertificate is not allowed")]
    [InlineData("{tokenFile: /t}", "kubeconfig is not allowed: tokenFile is not allowed")]
    [InlineData("{exec: {command: gke-gcloud-auth-plugin}}", "kubeconfig is not allowed: exec is not allowed")]
    public void Users_that_istiod_refuses_are_named_in_its_words(string user, string? refusal)
    {
        var (credential, problems) = Read(Kubeconfig(user));
        Assert.Equal("https://c:1", credential!.Server);
        Assert.Equal(refusal is null ? [] : [refusal], problems);
    }

    [Theory]
    [InlineData("", "kubeconfig is empty")]
    [InlineData("[]", "kubeconfig is empty")]
    [InlineData("a: [", "kubeconfig cannot be loaded: ")]
    [InlineData("apiVersion: v1", "kubeconfig is not valid: its current context leads to no server")]
    [InlineData("{current-context: y, contexts: [{name: x, context: {cluster: x}}], clusters: [{name: x, cluster: {server: 'https://c'}}]}", "kubeconfig is not valid: ")]
    public void A_kubeconfig_that_leads_nowhere_is_none(string text, string problem)
    {
        var (credential, problems) = Read(text);
        Assert.Null(credential);
        Assert.StartsWith(problem, Assert.Single(problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://c:1", true)]
    [InlineData("https://c:1/", true)]
    [InlineData("https://C:1", true)]
    [InlineData("https://c:2", false)]
    [InlineData("https://c", false)]
    [InlineData("https://c:1/k8s/clusters/a", false)]
    public void Servers_are_compared_by_meaning(string server, bool same)
    {
        var (one, _) = Read(Kubeconfig("{token: t}"));
        var (other, _) = Read(Kubeconfig("{token: t}", server));
        Assert.Equal(same, one!.SameAs(other!));
    }

    [Fact]
    public void The_default_port_may_be_written_or_not() =>
        Assert.True(Read(Kubeconfig("{token: t}", "https://c")).Credential!.SameAs(Read(Kubeconfig("{token: t}", "https://c:443")).Credential!));

    [Fact]
    public void Another_token_or_authority_is_another_credential()
    {
        var one = new RemoteCredential("https://c", null, Encoding.UTF8.GetBytes("CA"), "t");
        Assert.False(one.SameAs(new RemoteCredential("https://c", null, Encoding.UTF8.GetBytes("CA"), "u")));
        Assert.False(one.SameAs(new RemoteCredential("https://c", null, Encoding.UTF8.GetBytes("CB"), "t")));
        Assert.False(one.SameAs(new RemoteCredential("https://c", "n", Encoding.UTF8.GetBytes("CA"), "t")));
    }
}
