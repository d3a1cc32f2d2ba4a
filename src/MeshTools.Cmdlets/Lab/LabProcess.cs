using System.Diagnostics;
using MeshTools.Errors;

namespace MeshTools.Cmdlets;

/// <summary>Starts the lab's program and waits until it is ready.</summary>
internal static class LabProcess
{
    private static readonly string Program = Path.Combine(Path.GetDirectoryName(typeof(LabProcess).Assembly.Location)!, "lab", "MeshTools.Lab.dll");

    /// <summary>Starts a lab. When it does not get ready, or the wait is cancelled, nothing of it is left.</summary>
    /// <exception cref="MeshException">There is nothing to run it with, or it ended at once.</exception>
    internal static async Task<LabState> StartAsync(LabFolder folder, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(LabRuntime.Find())
        {
            // Without a console of its own, Ctrl+C in this one would reach it on Windows.
            CreateNoWindow = true,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder.Path,
        };
        foreach (var argument in (IEnumerable<string>)[Program, "serve", "--background", "--ready-file", folder.StateFile, .. arguments])
            start.ArgumentList.Add(argument);
        if (!folder.Detached)
        {
            start.ArgumentList.Add("--parent-pid");
            start.ArgumentList.Add(folder.OwnerProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        try
        {
            // The state is written before the first line.
            var line = await process.StandardOutput.ReadLineAsync(cancellationToken).ConfigureAwait(false);
            if (line is not null && await LabState.ReadAsync(folder.StateFile, cancellationToken).ConfigureAwait(false) is { } state)
                return state;
            var complaint = (await process.StandardError.ReadToEndAsync(cancellationToken).ConfigureAwait(false)).Trim();
            throw new MeshException(ErrorCatalog.LabStartFailed, "The lab did not start" + (complaint.Length > 0 ? ": " + complaint : "."));
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
