using System.Security.Cryptography.X509Certificates;
using MeshTools.Kubernetes;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Xunit;

namespace MeshTools.Tests.Kubernetes;

public class TlsTests
{
    private static Task<TestApiServer> ServeAsync(TestAuthority authority, X509Certificate2 certificate, HttpProtocols protocols = HttpProtocols.Http1AndHttp2) =>
        TestApiServer.StartAsync(context => TestApiServer.JsonAsync(context, """{"major":"1"}"""), certificate, authority, protocols: protocols);

    private static async Task<TlsVerificationException> RefusedAsync(TestApiServer server, ClientConfiguration configuration)
    {
        using var client = new KubernetesClient(configuration);
        var error = await Assert.ThrowsAsync<TlsVerificationException>(() => client.GetVersionAsync());
        Assert.Empty(server.Requests);
        Assert.Equal(("test", server.Url), (error.ContextName, error.Endpoint));
        return error;
    }

    [Fact]
    public async Task The_right_authority_with_the_wrong_name_is_refused()
    {
        var authority = new TestAuthority();
        await using var server = await ServeAsync(authority, authority.IssueServer("other.example", "10.0.0.9"));
        var error = await RefusedAsync(server, server.Configuration(new FixedCredential(Credential.Bearer("t"))));
        Assert.Equal(TlsFailure.NameMismatch, error.Failure);
        Assert.Equal(["other.example", "10.0.0.9"], error.PresentedNames);
        Assert.Equal("127.0.0.1", error.ExpectedName);
    }

    [Fact]
    public async Task Another_authority_is_refused()
    {
        var authority = new TestAuthority();
        using var other = new TestAuthority("other-ca");
        await using var server = await ServeAsync(authority, other.IssueServer("127.0.0.1"));
        var error = await RefusedAsync(server, server.Configuration());
        Assert.Equal((TlsFailure.UntrustedChain, "CN=server", "CN=other-ca"), (error.Failure, error.PresentedSubject, error.PresentedIssuer));
    }

    [Fact]
    public async Task An_authority_of_the_same_name_is_refused()
    {
        var authority = new TestAuthority();
        using var twin = new TestAuthority();
        await using var server = await ServeAsync(authority, twin.IssueServer("127.0.0.1"));
        Assert.Equal(TlsFailure.UntrustedChain, (await RefusedAsync(server, server.Configuration())).Failure);
    }

    [Fact]
    public async Task An_intermediate_authority_is_enough()
    {
        using var root = new TestAuthority("root-ca");
        var authority = new TestAuthority("intermediate-ca", root);
        await using var server = await ServeAsync(authority, authority.IssueServer("127.0.0.1"));
        using var client = new KubernetesClient(server.Configuration());
        Assert.Equal("1", (await client.GetVersionAsync()).Major);
    }

    [Fact]
    public async Task An_intermediate_authority_does_not_vouch_for_its_twin()
    {
        using var root = new TestAuthority("root-ca");
        var authority = new TestAuthority("intermediate-ca", root);
        using var twin = new TestAuthority("intermediate-ca", root);
        await using var server = await ServeAsync(authority, twin.IssueServer("127.0.0.1"));
        Assert.Equal(TlsFailure.UntrustedChain, (await RefusedAsync(server, server.Configuration())).Failure);
    }

    [Fact]
    public async Task An_intermediate_authority_changes_nothing_about_names_and_dates()
    {
        using var root = new TestAuthority("root-ca");
        var authority = new TestAuthority("intermediate-ca", root);
        await using var named = await ServeAsync(authority, authority.IssueServer("other.example"));
        Assert.Equal(TlsFailure.NameMismatch, (await RefusedAsync(named, named.Configuration())).Failure);
        await using var old = await ServeAsync(authority, authority.IssueServer(DateTimeOffset.UtcNow.AddDays(-1), "127.0.0.1"));
        Assert.Equal(TlsFailure.Expired, (await RefusedAsync(old, old.Configuration())).Failure);
    }

    [Fact]
    public async Task A_self_signed_server_is_refused_without_an_authority()
    {
        var authority = new TestAuthority();
        await using var server = await ServeAsync(authority, authority.IssueServer("127.0.0.1"));
        var error = await RefusedAsync(server, new ClientConfiguration { Server = server.Url, ContextName = "test" });
        Assert.Equal(TlsFailure.UntrustedChain, error.Failure);
    }

    [Fact]
    public async Task An_expired_certificate_is_refused()
    {
        var authority = new TestAuthority();
        await using var server = await ServeAsync(authority, authority.IssueServer(DateTimeOffset.UtcNow.AddDays(-1), "127.0.0.1"));
        Assert.Equal(TlsFailure.Expired, (await RefusedAsync(server, server.Configuration())).Failure);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1AndHttp2, "HTTP/2")]
    [InlineData(HttpProtocols.Http1, "HTTP/1.1")]
    public async Task Http2_is_used_where_it_is_offered(HttpProtocols offered, string used)
    {
        var authority = new TestAuthority();
        await using var server = await ServeAsync(authority, authority.IssueServer("127.0.0.1"), offered);
        using var client = server.Client();
        await client.GetVersionAsync();
        Assert.Equal(used, server.Requests.Single().Protocol);
    }

    [Fact]
    public async Task Parallel_requests_share_one_connection()
    {
        var connections = new System.Collections.Concurrent.ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        await using var server = await TestApiServer.StartAsync(context =>
        {
            connections[context.Connection.Id.Split(':')[0]] = true;
            return TestApiServer.JsonAsync(context, "{}");
        });
        using var client = server.Client();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.GetVersionAsync()));
        Assert.Single(connections);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1AndHttp2)]
    [InlineData(HttpProtocols.Http1)]
    public async Task Tls_server_name_changes_the_name_and_not_the_host_header(HttpProtocols offered)
    {
        var authority = new TestAuthority();
        await using var server = await ServeAsync(authority, authority.IssueServer("api.internal.example"), offered);
        var configuration = new ClientConfiguration { Server = server.Url, CertificateAuthorityPem = authority.Pem, TlsServerName = "api.internal.example" };
        using var client = new KubernetesClient(configuration);
        await client.GetVersionAsync();
        Assert.Equal(server.Url.Authority, server.Requests.Single().Host);
    }

    [Fact]
    public async Task Verification_can_be_skipped()
    {
        var authority = new TestAuthority();
        await using var server = await ServeAsync(authority, authority.IssueServer("other.example"));
        using var client = new KubernetesClient(new ClientConfiguration { Server = server.Url, SkipTlsVerify = true });
        Assert.Equal("1", (await client.GetVersionAsync()).Major);
    }

    [Fact]
    public async Task A_client_certificate_authenticates()
    {
        await using var server = await TestApiServer.StartAsync(context => TestApiServer.JsonAsync(context, "{}"));
        using var certificate = server.Authority.IssueClient("jane");
        using var client = server.Client(credentials: new FixedCredential(Credential.Certificate(certificate)));
        await client.GetVersionAsync();
        Assert.Equal("CN=jane", server.Requests.Single().ClientSubject);
    }

    [Fact]
    public async Task A_certificate_and_a_token_of_a_kubeconfig_go_together()
    {
        await using var server = await TestApiServer.StartAsync(context => TestApiServer.JsonAsync(context, "{}"));
        using var certificate = server.Authority.IssueClient("jane");
        using var key = certificate.GetECDsaPrivateKey()!;
        var yaml = KubeconfigTestData.One(
            $"server: \"{server.Url}\", certificate-authority-data: {Base64(server.Authority.Pem)}",
            $"token: tok, client-certificate-data: {Base64(certificate.ExportCertificatePem())}, client-key-data: {Base64(key.ExportPkcs8PrivateKeyPem())}");
        using var client = new KubernetesClient(Kubeconfig.Parse(yaml).CreateConfiguration());
        await client.GetVersionAsync();
        var seen = server.Requests.Single();
        Assert.Equal(("CN=jane", "Bearer tok"), (seen.ClientSubject, seen.Headers["Authorization"]));

        static string Base64(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));
    }

    [Fact]
    public void A_key_that_does_not_fit_is_a_credential_error()
    {
        using var authority = new TestAuthority();
        using var certificate = authority.IssueClient("jane");
        var error = Assert.Throws<CredentialException>(() => ClientCertificate.FromPem(
            System.Text.Encoding.UTF8.GetBytes(certificate.ExportCertificatePem()), System.Text.Encoding.UTF8.GetBytes("no key"), "user \"u\""));
        Assert.Contains("user \"u\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_tls_is_explained()
    {
        await using var server = await TestApiServer.StartAsync(context => TestApiServer.JsonAsync(context, "{}"), tls: false);
        var url = new UriBuilder(server.Url) { Scheme = "https" }.Uri;
        using var client = new KubernetesClient(new ClientConfiguration { Server = url, Credentials = new FixedCredential(Credential.Bearer("t")) });
        Assert.Equal(TlsFailure.Other, (await Assert.ThrowsAsync<TlsVerificationException>(() => client.GetVersionAsync())).Failure);
    }
}
