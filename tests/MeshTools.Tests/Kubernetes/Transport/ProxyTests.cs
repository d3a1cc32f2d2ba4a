using System.Net;
using System.Net.Sockets;
using System.Text;
using MeshTools.Kubernetes;
using Xunit;

namespace MeshTools.Tests.Kubernetes;

public class ProxyTests
{
    [Theory]
    [InlineData("http")]
    [InlineData("socks5")]
    public async Task Requests_go_through_the_proxy_with_its_login_and_tls_to_the_server(string scheme)
    {
        await using var server = await TestApiServer.StartAsync(context => TestApiServer.JsonAsync(context, """{"major":"1"}"""));
        await using var proxy = new TunnelProxy(scheme);
        using var client = new KubernetesClient(new ClientConfiguration
        {
            Server = server.Url, CertificateAuthorityPem = server.Authority.Pem, Proxy = new Uri($"{scheme}://user:p%40ss@127.0.0.1:{proxy.Port}"),
        });
        Assert.Equal("1", (await client.GetVersionAsync()).Major);
        Assert.Equal(["user:p@ss"], proxy.Logins);
        Assert.Equal([server.Url.Authority], proxy.Targets);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("socks5")]
    public async Task A_proxy_that_refuses_is_to_blame(string scheme)
    {
        await using var server = await TestApiServer.StartAsync(context => TestApiServer.JsonAsync(context, "{}"));
        await using var proxy = new TunnelProxy(scheme, refuse: true);
        using var client = new KubernetesClient(new ClientConfiguration
        {
            Server = server.Url, CertificateAuthorityPem = server.Authority.Pem, Proxy = new Uri($"{scheme}://user:canary@127.0.0.1:{proxy.Port}"),
        });
        var error = await Assert.ThrowsAsync<EndpointUnreachableException>(() => client.GetVersionAsync());
        Assert.Equal((UnreachableKind.Proxy, server.Url), (error.Kind, error.Endpoint));
        Assert.DoesNotContain("canary", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData("https://api.example.com", "", true)]
    [InlineData("https://localhost:6443", "", false)]
    [InlineData("https://127.0.0.1", "", false)]
    [InlineData("https://[::1]", "", false)]
    [InlineData("https://api.example.com", "*", false)]
    [InlineData("https://api.example.com", "example.com", false)]
    [InlineData("https://example.com", "example.com", false)]
    [InlineData("https://example.com", ".example.com", true)]
    [InlineData("https://badexample.com", "example.com", true)]
    [InlineData("https://api.example.com:8443", "api.example.com:443", true)]
    [InlineData("https://api.example.com:8443", "x, api.example.com:8443", false)]
    [InlineData("https://10.1.2.3", "10.1.0.0/16", false)]
    [InlineData("https://10.2.2.3", "10.1.0.0/16", true)]
    [InlineData("https://10.1.2.3", "10.1.2.3", false)]
    public void The_environment_is_read_as_go_reads_it(string server, string exceptions, bool proxied) =>
        Assert.Equal(proxied, new EnvironmentProxy("proxy.example:3128", null, exceptions).Find(new Uri(server)) is { Port: 3128 });

    /// <summary>A proxy for a test: CONNECT or SOCKS 5 with a login.</summary>
    private sealed class TunnelProxy : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly bool _socks;
        private readonly bool _refuse;
        private readonly Task _loop;

        internal TunnelProxy(string scheme, bool refuse = false)
        {
            _socks = scheme is "socks5";
            _refuse = refuse;
            _listener.Start();
            _loop = Task.Run(AcceptAsync);
        }

        internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        internal List<string> Logins { get; } = [];

        internal List<string> Targets { get; } = [];

        private async Task AcceptAsync()
        {
            var open = new List<Task>();
            try
            {
                while (true)
                    open.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
            catch (OperationCanceledException)
            {
                await Task.WhenAll(open);
            }
        }

        private async Task ServeAsync(TcpClient client)
        {
            using var owned = client;
            var stream = client.GetStream();
            try
            {
                var target = _socks ? await ReadSocksAsync(stream) : await ReadConnectAsync(stream);
                if (_refuse)
                    return;
                Targets.Add(target);
                using var upstream = new TcpClient();
                var endpoint = IPEndPoint.Parse(target);
                await upstream.ConnectAsync(endpoint.Address, endpoint.Port, _stop.Token);
                await Task.WhenAny(stream.CopyToAsync(upstream.GetStream(), _stop.Token), upstream.GetStream().CopyToAsync(stream, _stop.Token));
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The client is done.
            }
        }

        private async Task<string> ReadConnectAsync(NetworkStream stream)
        {
            var header = new StringBuilder();
            while (!header.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
                header.Append((char)(await ReadAsync(stream, 1))[0]);
            var lines = header.ToString().Split("\r\n");
            var login = lines.Single(l => l.StartsWith("Proxy-Authorization: Basic ", StringComparison.Ordinal))["Proxy-Authorization: Basic ".Length..];
            Logins.Add(Encoding.UTF8.GetString(Convert.FromBase64String(login)));
            await stream.WriteAsync(Encoding.ASCII.GetBytes(_refuse ? "HTTP/1.1 403 Forbidden\r\n\r\n" : "HTTP/1.1 200 OK\r\n\r\n"));
            return lines[0].Split(' ')[1];
        }

        private async Task<string> ReadSocksAsync(NetworkStream stream)
        {
            var methods = await ReadAsync(stream, (await ReadAsync(stream, 2))[1]);
            Assert.Contains((byte)2, methods);
            await stream.WriteAsync(new byte[] { 5, 2 });
            var name = await ReadAsync(stream, (await ReadAsync(stream, 2))[1]);
            var password = await ReadAsync(stream, (await ReadAsync(stream, 1))[0]);
            Logins.Add($"{Encoding.UTF8.GetString(name)}:{Encoding.UTF8.GetString(password)}");
            await stream.WriteAsync(new byte[] { 1, 0 });
            Assert.Equal([5, 1, 0, 1], await ReadAsync(stream, 4));
            var address = new IPAddress(await ReadAsync(stream, 4));
            var port = await ReadAsync(stream, 2);
            await stream.WriteAsync(new byte[] { 5, _refuse ? (byte)5 : (byte)0, 0, 1, 127, 0, 0, 1, 0, 0 });
            return $"{address}:{(port[0] << 8) | port[1]}";
        }

        private async Task<byte[]> ReadAsync(NetworkStream stream, int count)
        {
            var buffer = new byte[count];
            await stream.ReadExactlyAsync(buffer, _stop.Token);
            return buffer;
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Stop();
            await _loop;
            _stop.Dispose();
        }
    }
}
