using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Operations;

namespace MeshTools.Istioctl;

/// <summary>
/// One start of istioctl. Its lines go to the log as they come; cancelling ends it and what it started; when it fails, its own last words are the message.
/// </summary>
/// <param name="Program">The program.</param>
/// <param name="Arguments">Its arguments; no secret may be among them.</param>
internal sealed record IstioctlRun(IstioctlProgram Program, IReadOnlyList<string> Arguments)
{
    /// <summary>More than enough for what needs no wait, also on a busy machine: who does not end by then hangs.</summary>
    internal static readonly TimeSpan OfflineLimit = TimeSpan.FromMinutes(2);

    private const int LinesKept = 40;

    /// <summary>The cluster it is for: its kubeconfig and context are passed on. <see langword="null"/> for a run that asks no cluster.</summary>
    internal MeshCluster? Cluster { get; init; }

    /// <summary>What it reads from standard input; <see langword="null"/> for nothing.</summary>
    internal string? Input { get; init; }

    /// <summary>Takes its lines as milestones.</summary>
    internal IOperationLog? Log { get; init; }

    /// <summary>Whether standard output is the result and not a narration: then it does not go to the log.</summary>
    internal bool OutputIsResult { get; init; } = true;

    /// <summary>How long it may run before it is ended, above 0; <see langword="null"/> for as long as it takes.</summary>
    internal TimeSpan? Limit { get; init; }

    /// <summary>Runs it to its end.</summary>
    /// <param name="cancellationToken">Ends the program at once.</param>
    /// <returns>Its standard output.</returns>
    /// <exception cref="MeshException">It cannot be started, ends with another code than 0, or runs longer than it may (<c>IstioctlFailed</c>).</exception>
    internal async Task<string> ExecuteAsync(CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (Limit is { } limit)
            limited.CancelAfter(limit);
        try
        {
            return await RunAsync(limited.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            var seconds = Limit.GetValueOrDefault().TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture);
            throw new MeshException(ErrorCatalog.IstioctlFailed, $"{Where}istioctl {Arguments[0]} did not end within {seconds} s, and was ended", Cluster, innerException: e);
        }
    }

    private async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // By the environment, since a context's parts may be spread over several files.
        if (Cluster is not { KubeconfigPaths.Count: 0 } cluster)
            return await RunAsync(Cluster is null ? null : string.Join(Path.PathSeparator, Cluster.KubeconfigPaths), cancellationToken).ConfigureAwait(false);
        var kubeconfig = await PrivateKubeconfig.WriteAsync(cluster, cancellationToken).ConfigureAwait(false);
        await using (kubeconfig.ConfigureAwait(false))
            return await RunAsync(kubeconfig.Path, cancellationToken).ConfigureAwait(false);
    }

    private async Task<string> RunAsync(string? kubeconfig, CancellationToken cancellationToken)
    {
        using var process = Start(kubeconfig);
        await using var kill = cancellationToken.Register(static state => Kill((Process)state!), process).ConfigureAwait(false);
        var said = new Queue<string>();
        var output = ReadAsync(process.StandardOutput, OutputIsResult ? null : said);
        var errors = ReadAsync(process.StandardError, said);
        await WriteAsync(process, cancellationToken).ConfigureAwait(false);
        await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        // What it started may still hold the pipes; what it said itself is complete.
        var text = await output.WaitAsync(cancellationToken).ConfigureAwait(false);
        await errors.WaitAsync(cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return process.ExitCode == 0 ? text : throw Failed(process.ExitCode, said);
    }

    private Process Start(string? kubeconfig)
    {
        var info = new ProcessStartInfo(Program.Path)
        {
            UseShellExecute = false, CreateNoWindow = true, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var argument in Arguments)
            info.ArgumentList.Add(argument);
        if (Cluster is { } cluster)
        {
            info.Environment["KUBECONFIG"] = kubeconfig;
            info.ArgumentList.Add("--context");
            info.ArgumentList.Add(cluster.Context);
        }

        try
        {
            return Process.Start(info) ?? throw new MeshException(ErrorCatalog.IstioctlFailed, $"{Where}{Program.Path} cannot be started", Cluster);
        }
        catch (Win32Exception e)
        {
            throw new MeshException(ErrorCatalog.IstioctlFailed, $"{Where}{Program.Path} cannot be started: {e.Message}", Cluster, innerException: e);
        }
    }

    private string Where => Cluster is null ? "" : $"{Cluster.Name}: ";

    private async Task WriteAsync(Process process, CancellationToken cancellationToken)
    {
        try
        {
            if (Input is not null)
                await process.StandardInput.WriteAsync(Input.AsMemory(), cancellationToken).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading; its exit code says why.
        }
    }

    private async Task<string> ReadAsync(StreamReader reader, Queue<string>? said)
    {
        var all = new StringBuilder();
        while (await reader.ReadLineAsync(CancellationToken.None).ConfigureAwait(false) is { } line)
        {
            all.Append(line).Append('\n');
            // A line without a letter is a part of the picture that it draws.
            if (said is null || line.Trim() is not { } last || !last.Any(char.IsLetter))
                continue;
            lock (said)
            {
                // Its spinner says the same again and again.
                if (said.Count > 0 && string.Equals(said.Last(), last, StringComparison.Ordinal))
                    continue;
                said.Enqueue(last);
                if (said.Count > LinesKept)
                    said.Dequeue();
            }

            Log?.Verbose($"{Where}istioctl: {last}");
        }

        return all.ToString();
    }

    private MeshException Failed(int code, Queue<string> said)
    {
        string[] lines;
        lock (said)
            lines = [.. said];
        // It prints its reason on the last line that begins so; everything after it belongs to it.
        var start = Array.FindLastIndex(lines, line => line.StartsWith("Error:", StringComparison.Ordinal));
        var reason = start >= 0 ? string.Join(" ", lines[start..])["Error:".Length..].Trim() : string.Join(" ", lines.TakeLast(3));
        var what = $"istioctl {Arguments[0]}";
        var end = reason.Length > 0 ? $": {reason}" : string.Create(CultureInfo.InvariantCulture, $" with exit code {code}");
        return new MeshException(ErrorCatalog.IstioctlFailed, $"{Where}{what} failed{end}", Cluster);
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It ended in the meantime.
        }
    }
}
