using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MeshTools.Lab;

/// <summary>The kubelets' side of exec, port-forward and log, connected to what <see cref="PodPrograms"/> says runs in the pod.</summary>
internal sealed class PodStreams(PodPrograms programs) : IPodStreams
{
    /// <summary>Where a request carries what cuts its connection, when that is to happen in the middle of a command's output.</summary>
    internal const string CutItem = "meshtools.cut";

    public async Task ExecAsync(HttpContext context, string @namespace, string pod, StoredObject podObject)
    {
        var query = context.Request.Query;
        var command = query["command"].OfType<string>().ToList();
        if (command.Count == 0)
        {
            await FailAsync(context, 400, "BadRequest", "you must specify at least 1 container, command to exec").ConfigureAwait(false);
            return;
        }

        if (await ContainerAsync(context, podObject).ConfigureAwait(false) is not { } container)
        {
            return;
        }

        if (podObject.Json.Text("status", "phase") is "Succeeded" or "Failed")
        {
            await FailAsync(
                context, 400, "BadRequest", $"cannot exec into a container in a completed pod; current phase is {podObject.Json.Text("status", "phase")}")
                .ConfigureAwait(false);
            return;
        }

        if (await AcceptAsync(context, StreamProtocols.ForExec).ConfigureAwait(false) is not { } socket)
        {
            return;
        }

        using (socket)
        {
            var exec = new WebSocketExec(socket, IsTrue(query["stdin"]), IsTrue(query["stdout"]), IsTrue(query["stderr"]), IsTrue(query["tty"]))
            {
                Cut = context.Items[CutItem] as Action,
            };
            await exec.RunAsync(container, command, programs.Find(podObject.Uid)?.Exec, context.RequestAborted).ConfigureAwait(false);
        }
    }

    public async Task PortForwardAsync(HttpContext context, string @namespace, string pod, StoredObject podObject)
    {
        var ports = new List<int>();
        foreach (var text in context.Request.Query["ports"].OfType<string>().SelectMany(value => value.Split(',')))
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
            {
                await FailAsync(context, 400, "BadRequest", $"unable to parse \"{text}\" as a port").ConfigureAwait(false);
                return;
            }

            ports.Add(port);
        }

        if (await AcceptAsync(context, StreamProtocols.ForPortForward, ports.Count > 0).ConfigureAwait(false) is not { } socket)
        {
            return;
        }

        using (socket)
        {
            await new WebSocketPortForward(socket, pod, podObject.Uid)
                .RunAsync(ports, programs.Find(podObject.Uid), context.RequestAborted).ConfigureAwait(false);
        }
    }

    public async Task LogAsync(HttpContext context, string @namespace, string pod, StoredObject podObject)
    {
        if (await ContainerAsync(context, podObject).ConfigureAwait(false) is not { } container)
        {
            return;
        }

        var lines = programs.Find(podObject.Uid)?.Logs?.Invoke(container) ?? [];
        if (int.TryParse(context.Request.Query["tailLines"], NumberStyles.None, CultureInfo.InvariantCulture, out var tail))
        {
            lines = [.. lines.TakeLast(tail)];
        }

        var text = string.Concat(lines.Select(line => line + "\n"));
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.ContentType = "text/plain";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), context.RequestAborted).ConfigureAwait(false);
    }

    private static bool IsTrue(string? value) => value is "true" or "1" or "True";

    /// <summary>The container asked for, or the pod's default one; null when an error was answered (k8s pkg/registry/core/pod/strategy.go).</summary>
    private static async Task<string?> ContainerAsync(HttpContext context, StoredObject pod)
    {
        var names = pod.Json.Objects("spec", "containers").Select(container => container.Text("name")).OfType<string>().ToList();
        var wanted = context.Request.Query["container"].ToString();
        if (wanted.Length > 0)
        {
            if (names.Contains(wanted, StringComparer.Ordinal))
            {
                return wanted;
            }

            await FailAsync(context, 400, "BadRequest", $"container {wanted} is not valid for pod {pod.Key.Name}").ConfigureAwait(false);
            return null;
        }

        if (names.Count == 1)
        {
            return names[0];
        }

        if (pod.Json.Annotation("kubectl.kubernetes.io/default-container") is { } preferred && names.Contains(preferred, StringComparer.Ordinal))
        {
            return preferred;
        }

        await FailAsync(
            context, 400, "BadRequest", $"a container name must be specified for pod {pod.Key.Name}, choose one of: [{string.Join(' ', names)}]")
            .ConfigureAwait(false);
        return null;
    }

    /// <summary>Accepts the WebSocket, or answers why not and gives null.</summary>
    private static async Task<System.Net.WebSockets.WebSocket?> AcceptAsync(
        HttpContext context, Func<IEnumerable<string>, string?> choose, bool hasTargets = true)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            // Also an upgrade to SPDY/3.1: a server without it answers as to no upgrade at all.
            await FailAsync(context, 400, "BadRequest", "Upgrade request required").ConfigureAwait(false);
            return null;
        }

        if (!hasTargets)
        {
            await FailAsync(context, 400, "BadRequest", "query parameter \"ports\" is required").ConfigureAwait(false);
            return null;
        }

        if (choose(context.WebSockets.WebSocketRequestedProtocols) is not { } protocol)
        {
            await FailAsync(
                context,
                403,
                "Forbidden",
                $"unable to upgrade: the sub-protocols {string.Join(", ", context.WebSockets.WebSocketRequestedProtocols)} are not supported")
                .ConfigureAwait(false);
            return null;
        }

        return await context.WebSockets.AcceptWebSocketAsync(protocol).ConfigureAwait(false);
    }

    private static Task FailAsync(HttpContext context, int code, string reason, string message)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new ApiStatusException(code, reason, message).ToStatus(), Wire.SerializerOptions);
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
