using System.Net;
using MeshTools.Kubernetes;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace MeshTools.Tests.Kubernetes;

public class RequestTests
{
    private static readonly FixedCredential s_token = new(Credential.Bearer("canary-token"));

    [Fact]
    public async Task Credentials_never_go_over_plain_http()
    {
        await using var server = await TestApiServer.StartAsync(context => TestApiServer.JsonAsync(context, "{}"), tls: false);
        using var client = new KubernetesClient(new ClientConfiguration { Server = server.Url, Credentials = s_token, Impersonation = new Impersonation("x") });
        await client.GetVersionAsync();
        Assert.DoesNotContain(server.Requests.Single().Headers, h => h.Key is "Authorization" or "Impersonate-User");
    }

    [Fact]
    public async Task A_redirect_to_another_host_is_not_followed()
    {
        await using var other = await TestApiServer.StartAsync(context => TestApiServer.JsonAsync(context, "{}"));
        await using var server = await TestApiServer.StartAsync(context =>
        {
            context.Response.Redirect(other.Url + "version?token=canary-token");
            return Task.CompletedTask;
        });
        using var client = server.Client(credentials: s_token);
        var error = await Assert.ThrowsAsync<KubernetesApiException>(() => client.GetVersionAsync());
        Assert.Equal(HttpStatusCode.Redirect, error.StatusCode);
        Assert.Contains(other.Url.Authority, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task A_get_follows_a_redirect_on_the_same_host()
    {
        await using var server = await TestApiServer.StartAsync(context =>
        {
            if (context.Request.Path == "/elsewhere")
                return TestApiServer.JsonAsync(context, """{"major":"7"}""");
            context.Response.Redirect("/elsewhere", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        });
        using var client = server.Client(credentials: s_token);
        Assert.Equal("7", (await client.GetVersionAsync()).Major);
        Assert.All(server.Requests, r => Assert.Equal("Bearer canary-token", r.Headers["Authorization"]));
    }

    [Fact]
    public async Task A_write_follows_no_redirect()
    {
        await using var server = await TestApiServer.StartAsync(context =>
        {
            context.Response.Redirect("/elsewhere", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        });
        using var client = server.Client();
        await Assert.ThrowsAsync<KubernetesApiException>(() => client.CreateAsync(KubernetesObject.Create("v1", "ConfigMap", "a", "b")));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_path_of_the_server_is_kept()
    {
        await using var server = await TestApiServer.StartAsync(context => TestApiServer.JsonAsync(context, "{}"));
        using var client = new KubernetesClient(new ClientConfiguration { Server = new Uri(server.Url, "/k8s/clusters/c-1/"), CertificateAuthorityPem = server.Authority.Pem });
        await client.GetVersionAsync();
        Assert.Equal("/k8s/clusters/c-1/version", server.Requests.Single().Path);
    }

    [Fact]
    public async Task Impersonation_and_user_agent_are_sent()
    {
        await using var server = await TestApiServer.StartAsync(context => TestApiServer.JsonAsync(context, "{}"));
        var configuration = new ClientConfiguration
        {
            Server = server.Url,
            CertificateAuthorityPem = server.Authority.Pem,
            Impersonation = new Impersonation("jane") { Groups = ["a", "b"], Extra = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["acme.org/p"] = ["1"] } },
        };
        using var client = new KubernetesClient(configuration);
        await client.GetVersionAsync();
        var headers = server.Requests.Single().Headers;
        Assert.Equal(("jane", "a,b", "1"), (headers["Impersonate-User"], headers["Impersonate-Group"].Replace(" ", "", StringComparison.Ordinal), headers["Impersonate-Extra-acme.org%2Fp"]));
        Assert.StartsWith("meshtools/", headers["User-Agent"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Warnings_are_reported_once()
    {
        await using var server = await TestApiServer.StartAsync(context =>
        {
            context.Response.Headers.Append("Warning", "299 - \"unknown field \\\"spec.replica\\\"\", 299 - \"second, with a comma\" \"Sat, 25 Aug 2012 23:34:45 GMT\"");
            context.Response.Headers.Append("Warning", "199 - \"not for people\"");
            return TestApiServer.JsonAsync(context, "{}");
        });
        var warnings = new List<string>();
        using var client = server.Client(new KubernetesClientOptions { OnWarning = warnings.Add });
        await client.GetVersionAsync();
        await client.GetVersionAsync();
        Assert.Equal(["unknown field \"spec.replica\"", "second, with a comma"], warnings);
    }

    [Fact]
    public async Task Compressed_answers_are_read()
    {
        await using var server = await TestApiServer.StartAsync(async context =>
        {
            Assert.Contains("gzip", context.Request.Headers.AcceptEncoding.ToString(), StringComparison.Ordinal);
            context.Response.Headers.ContentEncoding = "gzip";
            await using var zip = new System.IO.Compression.GZipStream(context.Response.Body, System.IO.Compression.CompressionLevel.Fastest);
            await zip.WriteAsync("""{"major":"9"}"""u8.ToArray());
        });
        using var client = server.Client();
        Assert.Equal("9", (await client.GetVersionAsync()).Major);
    }

    [Fact]
    public async Task An_answer_that_does_not_come_is_a_timeout()
    {
        var clock = new ManualClock();
        await using var server = await TestApiServer.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        using var client = server.Client(new KubernetesClientOptions { TimeProvider = clock, RequestTimeout = TimeSpan.FromSeconds(5) });
        var request = client.GetVersionAsync();
        await clock.PassAsync(TimeSpan.FromSeconds(5));
        var error = await Assert.ThrowsAsync<EndpointUnreachableException>(() => request);
        Assert.Equal(UnreachableKind.Timeout, error.Kind);
        Assert.Contains("within 5 s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancellation_is_cancellation()
    {
        await using var server = await TestApiServer.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        using var client = server.Client();
        using var stop = new CancellationTokenSource();
        var request = client.GetVersionAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
    }

    [Fact]
    public async Task Nobody_listening_is_told_apart()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using var client = new KubernetesClient(new ClientConfiguration { Server = new Uri($"https://127.0.0.1:{port}"), ContextName = "down" });
        var error = await Assert.ThrowsAsync<EndpointUnreachableException>(() => client.GetVersionAsync());
        Assert.Equal((UnreachableKind.ConnectionRefused, "down"), (error.Kind, error.ContextName));
    }

    [Fact]
    public async Task A_name_without_an_address_is_told_apart()
    {
        using var client = new KubernetesClient(new ClientConfiguration { Server = new Uri("https://no-such-host.invalid"), Proxy = null });
        var error = await Assert.ThrowsAsync<EndpointUnreachableException>(() => client.GetVersionAsync());
        Assert.True(error.Kind is UnreachableKind.NameResolution or UnreachableKind.Proxy, error.ToString());
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("a%2fb")]
    public async Task Names_that_would_change_the_path_are_refused_before_anything_is_sent(string name)
    {
        await using var server = await TestApiServer.StartAsync(context => TestApiServer.JsonAsync(context, "{}"));
        using var client = server.Client();
        await Assert.ThrowsAsync<ArgumentException>(() => client.GetAsync(ResourceTypes.Secret, "ns", name));
        await Assert.ThrowsAsync<ArgumentException>(() => client.GetAsync(ResourceTypes.Secret, name, "name"));
        Assert.Empty(server.Requests);
    }
}
