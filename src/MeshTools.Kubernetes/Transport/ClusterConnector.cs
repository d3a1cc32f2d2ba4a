using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace MeshTools.Kubernetes;

/// <summary>
/// Opens connections to one API server: TCP, then a proxy's tunnel where one is configured, then TLS. TLS is done here and not by the HTTP handler,
/// because the handler would take the name to verify from the Host header; tls-server-name must change the name and leave the header alone.
/// </summary>
internal sealed class ClusterConnector
{
    private readonly ClientConfiguration _configuration;
    private readonly ClientCertificate? _certificate;
    private readonly X509Certificate2Collection? _authorities;

    internal ClusterConnector(ClientConfiguration configuration, ClientCertificate? certificate)
    {
        _configuration = configuration;
        _certificate = certificate;
        _authorities = configuration.GetCertificateAuthorities();
    }

    internal async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var target = new DnsEndPoint(Unbracket(context.DnsEndPoint.Host), context.DnsEndPoint.Port);
        var proxy = _configuration.GetProxy() ?? EnvironmentProxy.FromProcess().Find(_configuration.Server);
        var stream = proxy is null
            ? await OpenAsync(target, cancellationToken).ConfigureAwait(false)
            : await OpenThroughProxyAsync(proxy, target, cancellationToken).ConfigureAwait(false);
        if (_configuration.Server.Scheme is not "https")
            return stream;

        // Upgrades to WebSocket need HTTP/1.1; a connection that negotiated HTTP/2 could not carry them.
        var http2 = context.InitialRequestMessage.Version.Major >= 2;
        return await SecureAsync(stream, http2, cancellationToken).ConfigureAwait(false);
    }

    private static string Unbracket(string host) => host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host;

    private static async Task<Stream> OpenAsync(DnsEndPoint target, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // A watch is silent for minutes; without probes a connection that a firewall dropped would never end.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 30);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 15);
            await socket.ConnectAsync(target, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<Stream> OpenThroughProxyAsync(Uri proxy, DnsEndPoint target, CancellationToken cancellationToken)
    {
        Stream? stream = null;
        try
        {
            stream = await OpenAsync(new DnsEndPoint(proxy.IdnHost, proxy.Port > 0 ? proxy.Port : 1080), cancellationToken).ConfigureAwait(false);
            if (proxy.Scheme is "https")
                stream = await SecureProxyAsync(stream, proxy, cancellationToken).ConfigureAwait(false);
            if (proxy.Scheme is "socks5" or "socks5h")
                await ProxyTunnel.OpenSocks5Async(stream, proxy, target, cancellationToken).ConfigureAwait(false);
            else
                await ProxyTunnel.OpenHttpAsync(stream, proxy, target, cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch (Exception e)
        {
            if (stream is not null)
                await stream.DisposeAsync().ConfigureAwait(false);
            if (e is OperationCanceledException or EndpointUnreachableException)
                throw;
            throw new EndpointUnreachableException(
                UnreachableKind.Proxy, $"the proxy {proxy.Scheme}://{proxy.Authority} cannot be reached: {e.Message}", e);
        }
    }

    private static async Task<Stream> SecureProxyAsync(Stream stream, Uri proxy, CancellationToken cancellationToken)
    {
        var ssl = new SslStream(stream, leaveInnerStreamOpen: false);
        await ssl.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = proxy.IdnHost }, cancellationToken).ConfigureAwait(false);
        return ssl;
    }

    [SuppressMessage("Security", "CA5359", Justification = "Only where the kubeconfig says insecure-skip-tls-verify.")]
    private async Task<Stream> SecureAsync(Stream stream, bool http2, CancellationToken cancellationToken)
    {
        var name = _configuration.TlsServerName ?? Unbracket(_configuration.Server.IdnHost);
        var observer = new CertificateObserver(name, _authorities);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = name,
            ApplicationProtocols = http2 ? [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] : [SslApplicationProtocol.Http11],
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            ClientCertificateContext = _certificate?.GetContext(),
        };
        if (_configuration.SkipTlsVerify)
            options.RemoteCertificateValidationCallback = AcceptAny;
        else
            options.RemoteCertificateValidationCallback = observer.Observe;
        if (_authorities is not null)
            options.CertificateChainPolicy = PolicyOf(_authorities);

        var ssl = new SslStream(stream, leaveInnerStreamOpen: false);
        try
        {
            await ssl.AuthenticateAsClientAsync(options, cancellationToken).ConfigureAwait(false);
            return ssl;
        }
        catch (Exception e)
        {
            await ssl.DisposeAsync().ConfigureAwait(false);
            // A connection that is cut during the handshake says nothing about the certificate.
            if (e is OperationCanceledException || (e is IOException && !observer.FoundFault && ConnectionFailure.IsLostConnection(e)))
                throw;
            // A connection that ends during the handshake says nothing about the certificate.
            if (e is IOException)
            {
                throw new EndpointUnreachableException(UnreachableKind.Reset, $"{_configuration.Server.Authority} cut the connection during the TLS handshake", e)
                {
                    Endpoint = _configuration.Server, ContextName = _configuration.ContextName,
                };
            }

            throw observer.Explain(e, _configuration);
        }
    }

    /// <summary>Only the configured authorities count, never those of the system; names are checked by the framework as always.</summary>
    private static X509ChainPolicy PolicyOf(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private static bool AcceptAny(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => true;
}
