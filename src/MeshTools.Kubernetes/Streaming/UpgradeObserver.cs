using System.Net;

namespace MeshTools.Kubernetes;

/// <summary>Keeps the answer of a server that refuses a WebSocket: it holds the Status that says why, and ClientWebSocket would throw it away.</summary>
internal sealed class UpgradeObserver(HttpMessageInvoker inner) : HttpMessageHandler
{
    private const int BodyLimit = 64 * 1024;

    internal HttpStatusCode? RefusedWith { get; private set; }

    internal byte[] Body { get; private set; } = [];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await inner.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.SwitchingProtocols)
            return response;
        RefusedWith = response.StatusCode;
        try
        {
            await response.Content.LoadIntoBufferAsync(BodyLimit).WaitAsync(cancellationToken).ConfigureAwait(false);
            Body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // The status alone has to do.
        }

        return response;
    }
}
