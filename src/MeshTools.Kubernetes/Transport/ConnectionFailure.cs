using System.Net.Http;
using System.Net.Sockets;

namespace MeshTools.Kubernetes;

/// <summary>Turns what the network did into the exception for it.</summary>
internal static class ConnectionFailure
{
    /// <summary>Whether a GET that met this is worth another attempt: connection reset, unexpected end, HTTP/2 connection lost (client-go rest/with_retry.go).</summary>
    internal static bool IsLostConnection(Exception error)
    {
        for (var e = error; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case KubernetesException:
                    return false;
                case SocketException socket:
                    return socket.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown;
                case HttpProtocolException:
                case HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded or HttpRequestError.HttpProtocolError }:
                case EndOfStreamException:
                    return true;
            }
        }

        return false;
    }

    internal static Exception Map(Exception error, ClientConfiguration configuration)
    {
        for (var e = error; e is not null; e = e.InnerException)
        {
            if (e is EndpointUnreachableException { Endpoint: null } proxy)
                return Unreachable(proxy.Kind, proxy.Message, proxy.InnerException ?? proxy, configuration);
            if (e is KubernetesException known)
                return known;
        }

        var (kind, reason) = Classify(error);
        return Unreachable(kind, $"{configuration.Server.Authority} {reason}", error, configuration);
    }

    internal static EndpointUnreachableException TimedOut(TimeSpan limit, ApiRequest request, Exception? inner, ClientConfiguration configuration) =>
        Unreachable(
            UnreachableKind.Timeout, $"{configuration.Server.Authority} did not answer within {limit.TotalSeconds:0.#} s ({request.Describe()})", inner, configuration);

    private static EndpointUnreachableException Unreachable(UnreachableKind kind, string message, Exception? inner, ClientConfiguration configuration) =>
        new(kind, message, inner) { Endpoint = configuration.Server, ContextName = configuration.ContextName };

    private static (UnreachableKind Kind, string Reason) Classify(Exception error)
    {
        for (var e = error; e is not null; e = e.InnerException)
        {
            if (e is SocketException socket)
            {
                return socket.SocketErrorCode switch
                {
                    SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => (UnreachableKind.NameResolution, "has no address: the host name cannot be resolved"),
                    SocketError.ConnectionRefused => (UnreachableKind.ConnectionRefused, "refuses connections: nothing listens there, or a firewall says so"),
                    SocketError.TimedOut => (UnreachableKind.Timeout, "cannot be reached: the connection attempt timed out"),
                    SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => (UnreachableKind.Reset, "cut the connection"),
                    _ => (UnreachableKind.Other, $"cannot be reached: {socket.Message}"),
                };
            }

            if (e is TimeoutException)
                return (UnreachableKind.Timeout, "cannot be reached: the connection attempt timed out");
        }

        return IsLostConnection(error)
            ? (UnreachableKind.Reset, "cut the connection before the answer was complete")
            : (UnreachableKind.Other, $"cannot be used: {error.Message}");
    }
}
