using System.Globalization;
using System.Net.WebSockets;
using System.Text;

namespace MeshTools.Kubernetes;

/// <summary>One exec over a WebSocket (apimachinery util/remotecommand: v5.channel.k8s.io, and v4, which cannot close standard input).</summary>
internal sealed class ExecSession(WebSocket socket, ExecOptions options) : IDisposable
{
    internal const string Version5 = "v5.channel.k8s.io";
    internal const string Version4 = "v4.channel.k8s.io";

    private const byte StdinChannel = 0;
    private const byte StdoutChannel = 1;
    private const byte StderrChannel = 2;
    private const byte ErrorChannel = 3;
    private const byte CloseChannel = 255;

    private readonly MemoryStream _stdout = new();
    private readonly MemoryStream _stderr = new();
    private long _passedOn;

    internal async Task<ExecResult> RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var input = SendInputAsync(stop.Token);
        try
        {
            var status = await ReceiveAsync(cancellationToken).ConfigureAwait(false);
            return new ExecResult(ExitCode(status), Text(_stdout), Text(_stderr));
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await input.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose()
    {
        _stdout.Dispose();
        _stderr.Dispose();
    }

    private async Task SendInputAsync(CancellationToken cancellationToken)
    {
        if (options.Stdin is null)
            return;
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await options.Stdin.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            await SocketMessages.SendAsync(socket, StdinChannel, buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
        if (socket.SubProtocol is Version5)
            await SocketMessages.SendAsync(socket, CloseChannel, new[] { StdinChannel }, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Status> ReceiveAsync(CancellationToken cancellationToken)
    {
        using var message = new MemoryStream();
        try
        {
            while (await SocketMessages.ReceiveAsync(socket, message, cancellationToken).ConfigureAwait(false))
            {
                var bytes = message.GetBuffer().AsMemory(1, (int)message.Length - 1);
                switch (message.GetBuffer()[0])
                {
                    case StdoutChannel when options.Stdout is { } taker:
                        Count(_passedOn += bytes.Length);
                        await taker.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
                        break;
                    case StdoutChannel:
                        Keep(_stdout, bytes);
                        break;
                    case StderrChannel:
                        Keep(_stderr, bytes);
                        break;
                    case ErrorChannel when JsonAccess.TryParseObject(bytes.Span) is { } json:
                        return Status.FromJson(json, 0, retryAfter: null);
                    case ErrorChannel when bytes.Length > 0:
                        throw new StreamingException($"the exec session failed: {Encoding.UTF8.GetString(bytes.Span)}");
                }
            }
        }
        catch (WebSocketException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new StreamingException($"the exec session broke off: {e.Message}", e);
        }

        throw new StreamingException("the exec session ended without the command's result");
    }

    private void Keep(MemoryStream into, ReadOnlyMemory<byte> bytes)
    {
        Count(into.Length + bytes.Length);
        into.Write(bytes.Span);
    }

    private void Count(long printed)
    {
        if (printed > options.OutputLimit)
            throw new StreamingException($"the command printed more than {options.OutputLimit} bytes");
    }

    private static string Text(MemoryStream stream) => Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);

    private static int ExitCode(Status status)
    {
        if (status.Raw.FindString("status") is "Success")
            return 0;
        foreach (var cause in status.Causes)
        {
            if (cause.Reason is "ExitCode" && int.TryParse(cause.Message, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var code))
                return code;
        }

        throw new StreamingException($"the command could not be run: {status.Message}") { Status = status };
    }
}
