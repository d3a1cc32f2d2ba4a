using System.Net.WebSockets;

namespace MeshTools.Kubernetes;

/// <summary>Opens WebSockets to a pod's subresources over the client's own connections: same TLS, same proxy, same credentials.</summary>
internal static class PodSocket
{
    internal static async Task<ClientWebSocket> OpenAsync(
        ClusterTransport transport,
        ClientConfiguration configuration,
        KubernetesClientOptions options,
        ApiRequest request,
        IReadOnlyList<string> protocols,
        CancellationToken cancellationToken)
    {
        for (var refreshed = false; ; refreshed = true)
        {
            var endpoint = await transport.PrepareStreamingAsync(request.PathAndQuery, cancellationToken).ConfigureAwait(false);
            using var observer = new UpgradeObserver(endpoint.Invoker);
            try
            {
                return await ConnectAsync(endpoint, observer, options, protocols, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                throw ConnectionFailure.TimedOut(options.RequestTimeout, request, e, configuration);
            }
            catch (Exception e) when (e is WebSocketException or HttpRequestException or IOException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (observer.RefusedWith is null)
                    throw ConnectionFailure.Map(e, configuration);
                if ((int)observer.RefusedWith == 401 && !refreshed && transport.Invalidate(endpoint.Credential))
                    continue;
                if ((int)observer.RefusedWith == 200)
                {
                    throw new StreamingException($"{configuration.Server.Authority} answers {request.Describe()} without a WebSocket", e)
                    {
                        Endpoint = configuration.Server, ContextName = configuration.ContextName,
                    };
                }

                throw ApiFailure.From(configuration, request, observer.RefusedWith.Value, observer.Body, retryAfter: null, location: null);
            }
        }
    }

    private static async Task<ClientWebSocket> ConnectAsync(
        StreamingEndpoint endpoint, UpgradeObserver observer, KubernetesClientOptions options, IReadOnlyList<string> protocols, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        try
        {
            foreach (var (name, value) in endpoint.Headers)
                socket.Options.SetRequestHeader(name, value);
            foreach (var protocol in protocols)
                socket.Options.AddSubProtocol(protocol);
            using var invoker = new HttpMessageInvoker(observer, disposeHandler: false);
            using var timer = new CancellationTokenSource(options.RequestTimeout, options.TimeProvider);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
            await socket.ConnectAsync(endpoint.Address, invoker, both.Token).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
