using System.Globalization;
using System.Text.RegularExpressions;
using MeshTools.Kubernetes;

namespace MeshTools.Verify;

/// <summary>
/// Calls from inside a client's container. One exec makes many: a shell runs curl once for each line that it reads, and gets the next line when a call has ended. When the
/// session ends, for whatever reason, so does its standard input, and with it the loop: at most the calls under way go on, to the end of their time. A container without
/// a shell gets curl alone, for a few calls at a time.
/// </summary>
internal sealed partial class CallSession(ClientPod client, ConnectivityOptions options)
{
    // An empty line ends the loop as well, for servers that cannot pass on the end of standard input.
    internal const string Loop = "command -v \"$1\" >/dev/null || exit 127; while read -r n && [ \"$n\" ]; do \"$@\" </dev/null; done";

    // So many calls are on their way at a time, so that the way to the container and back is not waited for.
    private const int Window = 2;

    private const int CallsWithoutShell = 5;

    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(20);

    private readonly CallReader _reader = new($"meshtools-{Guid.NewGuid():N}");

    private bool _hasShell = true;

    /// <summary>Makes calls.</summary>
    /// <param name="count">How many.</param>
    /// <param name="goOn">Takes each call as it ends, and says whether to go on.</param>
    /// <param name="cancellationToken">Ends the calls.</param>
    /// <exception cref="ClientException">The client cannot call: no curl, or the exec failed.</exception>
    /// <exception cref="KubernetesException">The cluster does not answer.</exception>
    internal async Task RunAsync(int count, Func<CallOutcome, bool> goOn, CancellationToken cancellationToken)
    {
        var (made, stopped) = (0, false);
        while (made < count && !stopped)
        {
            var before = made;
            var batch = _hasShell ? count - made : Math.Min(CallsWithoutShell, count - made);
            var lacks = await ExecAsync(batch, Take, cancellationToken).ConfigureAwait(false);
            if (lacks && !_hasShell)
                throw new ClientException($"container {client.Container} of pod {client.Name} has no curl") { LacksCurl = true };
            _hasShell &= !lacks;
            if (!lacks && made == before)
                throw new ClientException($"curl in pod {client.Name} ended without a word");
        }

        bool Take(CallOutcome call)
        {
            made++;
            stopped = !goOn(call) || stopped;
            return !stopped;
        }
    }

    /// <returns>Whether the container lacks the program.</returns>
    private async Task<bool> ExecAsync(int count, Func<CallOutcome, bool> take, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var input = new LineInput();
        using var output = new LineOutput();
        var exec = new ExecOptions(Command(count))
        {
            Container = client.Container,
            Stdin = _hasShell ? input : null,
            Stdout = output,
        };
        var waiting = new List<CallOutcome>();
        var running = RunExecAsync(exec, output, stop.Token);
        var (sent, ended) = (0, false);
        Feed(Window);
        try
        {
            var received = 0;
            while (await ReadAsync(output, cancellationToken).ConfigureAwait(false) is { } line)
            {
                if (_reader.Take(line) is not { } call)
                    continue;
                received++;
                // Without an exit code this is an old curl, whose message comes on standard error at the end.
                var known = call.Status != 0 || call.ExitCode != 0;
                if (!known)
                    waiting.Add(call);
                var more = !known || take(call);
                if (received == count || !more)
                    End();
                else
                    Feed(1);
            }
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        var (result, failure) = await running.ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var (call, said) in Pair(waiting, result?.Stderr ?? ""))
            take(call with { ExitCode = said.Code, Error = said.Text });
        return failure is null ? result is { ExitCode: 126 or 127 } : Lacks(failure);

        void Feed(int lines)
        {
            for (var i = 0; i < lines && sent < count && !ended; i++)
                input.Send((++sent).ToString(CultureInfo.InvariantCulture));
        }

        void End()
        {
            if (!ended)
                input.Send("");
            ended = true;
            input.End();
        }
    }

    private async Task<string?> ReadAsync(LineOutput output, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.CallTimeout + s_grace);
        try
        {
            return await output.Lines.WaitToReadAsync(limit.Token).ConfigureAwait(false) && output.Lines.TryRead(out var line) ? line : null;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ClientException($"nothing came from curl in pod {client.Name} for {(options.CallTimeout + s_grace).TotalSeconds:0} s", e);
        }
    }

    private async Task<(ExecResult? Result, StreamingException? Failure)> RunExecAsync(ExecOptions exec, LineOutput output, CancellationToken cancellationToken)
    {
        Exception? end = null;
        try
        {
            return (await client.Cluster.Connect().ExecAsync(client.Namespace, client.Name, exec, cancellationToken).ConfigureAwait(false), null);
        }
        catch (StreamingException e) when (Lacks(e))
        {
            return (null, e);
        }
        catch (Exception e) when (e is StreamingException or KubernetesApiException)
        {
            end = new ClientException(e.Message, e);
            throw end;
        }
        catch (Exception e)
        {
            end = e;
            throw;
        }
        finally
        {
            // Whoever reads learns why there is no more.
            output.End(end is OperationCanceledException ? null : end);
        }
    }

    private string[] Command(int count)
    {
        string[] curl =
        [
            "curl", "-sS", "-i", "-m", options.CallTimeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture), "--noproxy", "*", "-w", _reader.WriteOut,
        ];
        return _hasShell
            ? ["sh", "-c", Loop, "meshtools", .. curl, options.Url]
            : [.. curl, "-H", "Connection: close", .. Enumerable.Repeat(options.Url, count)];
    }

    private static IEnumerable<(CallOutcome Call, (int Code, string Text) Said)> Pair(IReadOnlyList<CallOutcome> calls, string stderr)
    {
        var said = CurlError().Matches(stderr);
        return calls.Select((call, i) => (call, i < said.Count
            ? (int.Parse(said[i].Groups["code"].Value, CultureInfo.InvariantCulture), said[i].Groups["text"].Value.Trim())
            : (0, "no answer")));
    }

    // What runtimes say of a program that is not in the image (containerd and CRI-O pass on runc's words).
    private static bool Lacks(StreamingException e) => e.Message.Contains("executable file not found", StringComparison.Ordinal)
        || e.Message.Contains("no such file or directory", StringComparison.Ordinal);

    [GeneratedRegex("curl: \\((?<code>\\d+)\\) (?<text>[^\\n]*)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CurlError();
}
