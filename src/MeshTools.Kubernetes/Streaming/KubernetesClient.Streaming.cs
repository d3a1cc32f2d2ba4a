using System.Globalization;
using System.Net;

namespace MeshTools.Kubernetes;

/// <content>Exec and port-forward.</content>
public sealed partial class KubernetesClient
{
    private static readonly ResourceType s_pods = ResourceTypes.Pod;

    /// <summary>Runs a command in a container and waits for its end.</summary>
    /// <param name="ns">The pod's namespace.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="options">The command.</param>
    /// <param name="cancellationToken">Ends the session; the command itself may go on in the container.</param>
    /// <returns>The exit code and what was printed. A command that fails is a result, not an exception.</returns>
    /// <exception cref="StreamingException">The command could not be run, or the session broke off.</exception>
    public async Task<ExecResult> ExecAsync(string ns, string pod, ExecOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Command.Count == 0)
            throw new ArgumentException("the command is empty", nameof(options));
        var query = new QueryText(ResourcePath.Of(s_pods, ns, pod, "exec"));
        foreach (var argument in options.Command)
            query.AddEven("command", argument);
        query.Add("container", options.Container)
            .AddIf(options.Stdin is not null, "stdin", "true")
            .Add("stdout", "true")
            .AddIf(!options.Tty, "stderr", "true")
            .AddIf(options.Tty, "tty", "true");
        using var socket = await PodSocket.OpenAsync(
            _transport, Configuration, _options, Connect(ns, pod, query.ToString(), "exec"), [ExecSession.Version5, ExecSession.Version4], cancellationToken)
            .ConfigureAwait(false);
        if (socket.SubProtocol is not (ExecSession.Version5 or ExecSession.Version4))
            throw Unsupported("exec");
        using var session = new ExecSession(socket, options);
        try
        {
            return await session.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (StreamingException e) when (e.Endpoint is null)
        {
            throw new StreamingException($"{ns}/{pod}: {e.Message}", e.InnerException)
            {
                Status = e.Status, Endpoint = Configuration.Server, ContextName = Configuration.ContextName,
            };
        }
    }

    /// <summary>Opens one connection to a port of a pod.</summary>
    /// <param name="ns">The pod's namespace.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="port">The port inside the pod, 1 to 65535.</param>
    /// <param name="cancellationToken">Cancels the opening; what is read and written later has its own.</param>
    /// <returns>
    /// The connection, both ways. A port where nothing listens shows as a <see cref="StreamingException"/> from the first read. Disposing closes it.
    /// </returns>
    public async Task<Stream> PortForwardAsync(string ns, string pod, int port, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, 65535);
        var query = new QueryText(ResourcePath.Of(s_pods, ns, pod, "portforward")).Add("ports", port.ToString(CultureInfo.InvariantCulture));
        var socket = await PodSocket.OpenAsync(
            _transport, Configuration, _options, Connect(ns, pod, query.ToString(), "portforward"), [PortForwardStream.Protocol], cancellationToken)
            .ConfigureAwait(false);
        if (socket.SubProtocol is PortForwardStream.Protocol)
            return new PortForwardStream(socket);
        socket.Dispose();
        throw Unsupported("port-forward");
    }

    /// <summary>Sends a plain HTTP GET to a port of a pod, through one port-forward.</summary>
    /// <param name="ns">The pod's namespace.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="port">The port inside the pod.</param>
    /// <param name="pathAndQuery">What to get, starting with a slash.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The answer, whatever its status, its body in memory. No credential is sent to the pod.</returns>
    /// <exception cref="StreamingException">Nothing listens there, or what answers speaks no HTTP.</exception>
    public async Task<HttpResponseMessage> GetThroughPodAsync(
        string ns, string pod, int port, string pathAndQuery, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(pathAndQuery);
        if (pathAndQuery[0] != '/')
            throw new ArgumentException("the path must start with a slash", nameof(pathAndQuery));
        var stream = await PortForwardAsync(ns, pod, port, cancellationToken).ConfigureAwait(false);
        await using var owned = stream.ConfigureAwait(false);
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ActivityHeadersPropagator = null,
            ConnectCallback = (_, _) => new ValueTask<Stream>(stream),
        };
        using var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://localhost:{port}{pathAndQuery}")) { Version = HttpVersion.Version11 };
        request.Headers.ConnectionClose = true;
        request.Headers.TryAddWithoutValidation("User-Agent", _options.UserAgent);
        using var timer = new CancellationTokenSource(_options.RequestTimeout, _options.TimeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        HttpResponseMessage? response = null;
        try
        {
            response = await invoker.SendAsync(request, both.Token).ConfigureAwait(false);
            await response.Content.LoadIntoBufferAsync().WaitAsync(both.Token).ConfigureAwait(false);
            return response;
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException or StreamingException)
        {
            response?.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            var reason = e is OperationCanceledException ? $"no answer within {_options.RequestTimeout.TotalSeconds:0.#} s" : Innermost(e).Message;
            throw new StreamingException($"GET {pathAndQuery} from port {port} of {ns}/{pod}: {reason}", e)
            {
                Endpoint = Configuration.Server, ContextName = Configuration.ContextName,
            };
        }
    }

    private static Exception Innermost(Exception error)
    {
        while (error is not StreamingException && error.InnerException is { } inner)
            error = inner;
        return error;
    }

    private static ApiRequest Connect(string ns, string pod, string pathAndQuery, string subresource) => new()
    {
        Method = HttpMethod.Get, PathAndQuery = pathAndQuery, Verb = subresource, ResourceType = s_pods, Namespace = ns, Name = pod,
    };

    private StreamingException Unsupported(string what) =>
        new($"{Configuration.Server.Authority} does not offer {what} over WebSocket in a version this client speaks")
        {
            Endpoint = Configuration.Server, ContextName = Configuration.ContextName,
        };
}
