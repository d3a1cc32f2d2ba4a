using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>Runs a credential plugin once (client-go plugin/pkg/client/auth/exec/exec.go).</summary>
internal static class ExecPluginProcess
{
    private const int StderrKept = 4096;

    internal static async Task<ExecPluginAnswer> RunAsync(ExecPlugin plugin, CredentialContext context, CancellationToken cancellationToken)
    {
        var interactive = IsInteractive(plugin);
        using var process = Start(plugin, interactive);
        await using var kill = cancellationToken.Register(static state => Kill((Process)state!), process).ConfigureAwait(false);
        if (!interactive)
            process.StandardInput.Close();

        using var output = new MemoryStream();
        var copy = process.StandardOutput.BaseStream.CopyToAsync(output, CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);

        // A plugin may leave a child behind that keeps the pipes open; its own output ended when it did.
        await copy.WaitAsync(cancellationToken).ConfigureAwait(false);
        var stderr = await errors.WaitAsync(cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();

        if (process.ExitCode != 0)
        {
            throw new ExecPluginException(
                plugin.Command, ExecPluginProblem.Failed, $"the credential plugin {plugin.Command} failed with exit code {process.ExitCode}")
            {
                InstallHint = plugin.InstallHint,
                Stderr = stderr.Length > StderrKept ? stderr[^StderrKept..] : stderr,
            };
        }

        if (stderr.Length > 0)
            context.OnMessage?.Invoke(stderr.TrimEnd());
        return ExecPluginAnswer.Parse(plugin, output.ToArray());
    }

    private static bool IsInteractive(ExecPlugin plugin)
    {
        if (plugin.InteractiveMode == ExecInteractiveMode.Never)
            return false;
        var terminal = !Console.IsInputRedirected;
        if (plugin.InteractiveMode == ExecInteractiveMode.Always && !terminal)
        {
            throw new ExecPluginException(
                plugin.Command,
                ExecPluginProblem.NotInteractive,
                $"the credential plugin {plugin.Command} must talk to a person (interactiveMode Always), and standard input is not a terminal")
            {
                InstallHint = plugin.InstallHint,
            };
        }

        return terminal;
    }

    private static Process Start(ExecPlugin plugin, bool interactive)
    {
        var path = ExecutablePath.Find(plugin.Command) ?? throw Missing(plugin, inner: null);
        var info = new ProcessStartInfo(path)
        {
            UseShellExecute = false,
            CreateNoWindow = !interactive,
            RedirectStandardInput = !interactive,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in plugin.Arguments)
            info.ArgumentList.Add(argument);
        foreach (var (name, value) in plugin.Environment)
            info.Environment[name] = value;
        info.Environment["KUBERNETES_EXEC_INFO"] = ExecInfo(plugin, interactive);

        try
        {
            return Process.Start(info) ?? throw Missing(plugin, inner: null);
        }
        catch (Win32Exception e)
        {
            throw Missing(plugin, e);
        }
    }

    private static string ExecInfo(ExecPlugin plugin, bool interactive)
    {
        var spec = new JsonObject();
        if (plugin.ClusterInfo is not null)
            spec["cluster"] = plugin.ClusterInfo.DeepClone();
        spec["interactive"] = interactive;
        return JsonAccess.ToJson(new JsonObject { ["kind"] = "ExecCredential", ["apiVersion"] = plugin.ApiVersion, ["spec"] = spec });
    }

    private static ExecPluginException Missing(ExecPlugin plugin, Exception? inner)
    {
        var hint = plugin.InstallHint is null ? "" : $"\n\n{plugin.InstallHint}";
        var reason = inner is null ? "was not found" : $"cannot be started: {inner.Message}";
        return new ExecPluginException(
            plugin.Command, ExecPluginProblem.NotFound, $"the credential plugin {plugin.Command} {reason}{hint}", inner)
        {
            InstallHint = plugin.InstallHint,
        };
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
