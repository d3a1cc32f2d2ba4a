using System.Diagnostics;
using System.Globalization;
using MeshTools.Lab;

namespace MeshTools.Benchmarks;

/// <summary>A lab in a process of its own, so that what is measured is the client.</summary>
internal sealed class LabProcess : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshtools-benchmark-");
    private readonly Process _process;

    private LabProcess(int clusters)
    {
        Kubeconfig = Path.Combine(_folder.FullName, "lab.yaml");
        _process = Process.Start(new ProcessStartInfo(
            Environment.ProcessPath!,
            [
                typeof(LabHost).Assembly.Location, "serve", "--clusters", clusters.ToString(CultureInfo.InvariantCulture), "--kubeconfig", Kubeconfig,
                "--parent-pid", Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
            ]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardInput = true })!;
    }

    internal string Kubeconfig { get; }

    internal static async Task<LabProcess> StartAsync(int clusters)
    {
        var lab = new LabProcess(clusters);
        // The lab says how to use it when everything is ready.
        while (await lab._process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("Ctrl+C", StringComparison.Ordinal))
                return lab;
        }

        await lab.DisposeAsync();
        throw new InvalidOperationException("The lab did not start.");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }
}
