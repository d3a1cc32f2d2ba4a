using System.Diagnostics;
using System.Text;
using MeshTools.Discovery;
using Xunit;

namespace MeshTools.Tests.Scenarios;

/// <summary>What this module writes, kubectl reads.</summary>
public sealed class KubectlReadsTests
{
    [SkippableFact]
    public async Task The_remote_secrets_of_a_full_mesh()
    {
        var kubectl = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "kubectl.exe" : "kubectl")).FirstOrDefault(File.Exists);
        Skip.If(kubectl is null, "kubectl is not on PATH");
        await using var mesh = await LabMesh.StartAsync(3);
        await mesh.EnableAsync(new EndpointDiscoveryOptions { Wait = true, Timeout = TimeSpan.FromSeconds(60) });

        var names = await RunAsync(kubectl, mesh, "get", "secrets", "-l", "istio/multiCluster=true", "-o", "name");
        Assert.Equal(["secret/istio-remote-secret-lab-2", "secret/istio-remote-secret-lab-3"], names.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        var data = await RunAsync(kubectl, mesh, "get", "secret", "istio-remote-secret-lab-2", "-o", "jsonpath={.type} {.metadata.annotations} {.data.lab-2}");
        var parts = data.Split(' ', 3);
        Assert.Equal(("Opaque", """{"networking.istio.io/cluster":"lab-2"}"""), (parts[0], parts[1]));

        // And with the kubeconfig inside, kubectl reads the other cluster as its istiod would.
        var path = Path.Combine(Path.GetDirectoryName(mesh.KubeconfigPath)!, "remote");
        await File.WriteAllTextAsync(path, Encoding.UTF8.GetString(Convert.FromBase64String(parts[2])));
        Assert.Contains("namespace/istio-system", await RunAsync(kubectl, path, "get", "namespaces", "-o", "name"), StringComparison.Ordinal);
    }

    private static Task<string> RunAsync(string kubectl, LabMesh mesh, params string[] arguments) =>
        RunAsync(kubectl, mesh.KubeconfigPath, ["--context", "lab-1", "-n", LabMesh.Namespace, .. arguments]);

    private static async Task<string> RunAsync(string kubectl, string kubeconfig, params string[] arguments)
    {
        var start = new ProcessStartInfo(kubectl, ["--kubeconfig", kubeconfig, .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        // Its cache of discovery documents stays with the lab that it is about.
        start.Environment["HOME"] = Path.GetDirectoryName(kubeconfig)!;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await error);
        return output;
    }
}
