using System.Text;
using MeshTools.Lab;
using Xunit;

namespace MeshTools.Tests.Lab.ControlPlane;

public sealed class RemoteKubeconfigTests
{
    [Fact]
    public void What_istioctl_writes_is_read()
    {
        var parsed = RemoteKubeconfig.Parse(Encoding.UTF8.GetBytes(Kubeconfig("token: t0")));

        Assert.Equal(("https://127.0.0.1:6443/", "t0"), (parsed.Server.ToString(), parsed.Token));
    }

    [Theory]
    [InlineData("", "kubeconfig is empty")]
    [InlineData("a: [", "kubeconfig cannot be loaded: yaml: line")]
    [InlineData("- a", "kubeconfig cannot be loaded: couldn't get version/kind")]
    [InlineData("kind: Pod\napiVersion: v1", "kubeconfig cannot be loaded: no kind \"Pod\"")]
    [InlineData("kind: Config\napiVersion: v1", "kubeconfig is not valid: invalid configuration: no configuration has been provided")]
    [InlineData("current-context: x", "kubeconfig is not valid: invalid configuration: context was not found for specified context: x")]
    public void A_broken_one_is_refused_in_istiods_words(string yaml, string message) =>
        Assert.StartsWith(message, Refusal(yaml), StringComparison.Ordinal);

    [Theory]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1, command: gke-gcloud-auth-plugin}", "exec is not allowed")]
    [InlineData("auth-provider: {name: gcp}", "auth provider gcp is not allowed")]
    [InlineData("tokenFile: /var/run/token", "tokenFile is not allowed")]
    [InlineData("client-certificate: a.crt", "clientCertificate is not allowed")]
    [InlineData("client-key: a.key", "clientKey is not allowed")]
    [InlineData("{exec: {command: a}, tokenFile: b, client-key: c}", "clientKey is not allowed")]
    public void A_user_that_opens_files_or_starts_programs_is_refused(string user, string message) =>
        Assert.Equal("kubeconfig is not allowed: " + message, Refusal(Kubeconfig(user)));

    [Theory]
    [InlineData("auth-provider: {name: oidc}")]
    [InlineData("{username: a, password: b}")]
    [InlineData("{token: a, as: someone}")]
    public void Other_users_are_let_through(string user) =>
        Assert.Equal("127.0.0.1", RemoteKubeconfig.Parse(Encoding.UTF8.GetBytes(Kubeconfig(user))).Server.Host);

    [Theory]
    [InlineData("user: nobody", "user \"nobody\" was not found for context \"c\"")]
    [InlineData("cluster: nothing", "cluster \"nothing\" was not found for context \"c\"")]
    public void A_reference_that_leads_nowhere_is_refused(string change, string message)
    {
        var key = change.Split(':')[0];
        var yaml = Kubeconfig("token: t").Replace($"    {key}: c\n", $"    {change}\n", StringComparison.Ordinal);

        Assert.Equal("kubeconfig is not valid: invalid configuration: " + message, Refusal(yaml));
    }

    [Fact]
    public void An_address_without_a_scheme_is_https_where_there_is_an_authority()
    {
        var pem = Convert.ToBase64String("-----BEGIN CERTIFICATE-----"u8);
        var yaml = Kubeconfig("token: t").Replace(
            "server: https://127.0.0.1:6443", $"server: 127.0.0.1:6443\n    certificate-authority-data: {pem}", StringComparison.Ordinal);

        Assert.Equal("https://127.0.0.1:6443/", RemoteKubeconfig.Parse(Encoding.UTF8.GetBytes(yaml)).Server.ToString());
    }

    [Fact]
    public void A_credential_is_not_printed()
    {
        var parsed = RemoteKubeconfig.Parse(Encoding.UTF8.GetBytes(Kubeconfig("token: canary")));

        Assert.DoesNotContain("canary", parsed.ToString(), StringComparison.Ordinal);
    }

    private static string Refusal(string yaml) =>
        Assert.Throws<RemoteKubeconfigException>(() => RemoteKubeconfig.Parse(Encoding.UTF8.GetBytes(yaml))).Message;

    private static string Kubeconfig(string user) => $$"""
        apiVersion: v1
        kind: Config
        current-context: c
        clusters:
        - name: c
          cluster:
            server: https://127.0.0.1:6443
        users:
        - name: c
          user:
            {{user}}
        contexts:
        - name: c
          context:
            cluster: c
            user: c

        """.ReplaceLineEndings("\n");
}
