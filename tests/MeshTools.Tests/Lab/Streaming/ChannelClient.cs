using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using MeshTools.Lab;

namespace MeshTools.Tests.Lab.Streaming;

/// <summary>A client of Kubernetes' channel framing over a bare WebSocket.</summary>
internal sealed class ChannelClient : IDisposable
{
    private readonly ClientWebSocket socket;
    private readonly HttpMessageInvoker invoker;

    private ChannelClient(ClientWebSocket socket, HttpMessageInvoker invoker) => (this.socket, this.invoker) = (socket, invoker);

    public string? Protocol => socket.SubProtocol;

    public static async Task<ChannelClient> ConnectAsync(LabCluster cluster, string path, params string[] protocols)
    {
        var certificate = X509Certificate2.CreateFromPem(cluster.Administrator.CertificatePem, cluster.Administrator.KeyPem);
        var transport = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = LabHttp.Trust(cluster.CertificateAuthorityPem),
                ClientCertificates = [certificate],
            },
        });
        var connecting = new ClientWebSocket();
        connecting.Options.CollectHttpResponseDetails = true;
        foreach (var protocol in protocols)
        {
            connecting.Options.AddSubProtocol(protocol);
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var address = new UriBuilder(new Uri(cluster.Server, path)) { Scheme = "wss" }.Uri;
        try
        {
            await connecting.ConnectAsync(address, transport, limit.Token);
        }
        catch (WebSocketException exception)
        {
            throw new InvalidOperationException($"refused with {(int)connecting.HttpStatusCode}", exception);
        }

        return new ChannelClient(connecting, transport);
    }

    public Task SendAsync(byte channel, byte[] payload) =>
        socket.SendAsync(new ReadOnlyMemory<byte>([channel, .. payload]), WebSocketMessageType.Binary, true, CancellationToken.None).AsTask();

    /// <summary>Everything the server sends until it closes, by channel.</summary>
    public async Task<Dictionary<byte, byte[]>> ReadToEndAsync()
    {
        var channels = new Dictionary<byte, byte[]>();
        while (await ReadAsync() is { } message)
        {
            channels[message[0]] = [.. channels.GetValueOrDefault(message[0]) ?? [], .. message[1..]];
        }

        return channels;
    }

    /// <summary>The next message, or null at the end.</summary>
    public async Task<byte[]?> ReadAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var message = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var result = await socket.ReceiveAsync(buffer, limit.Token);
            if (result.MessageType is WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
                return null;
            }

            message.Write(buffer, 0, result.Count);
            if (result.EndOfMessage)
            {
                return message.ToArray();
            }
        }
    }

    public void Dispose()
    {
        socket.Dispose();
        invoker.Dispose();
    }
}
