using System.Diagnostics;
using Xunit;

namespace MeshTools.Tests.Lab;

/// <summary>The real kubectl with a kubeconfig and a discovery cache of its own. Tests that use it are skipped where there is none.</summary>
internal sealed class Kubectl : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string program;

    private Kubectl(string program) => this.program = program;

    public static Kubectl For(string kubeconfig)
    {
        var found = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator)
            .Select(directory => Path.Combine(directory, OperatingSystem.IsWindows() ? "kubectl.exe" : "kubectl"))
            .FirstOrDefault(File.Exists);
        Skip.If(found is null, "kubectl is not on the PATH.");
        var kubectl = new Kubectl(found!);
        File.WriteAllText(kubectl.folder.File("config"), kubeconfig);
        return kubectl;
    }

    public Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) => RunWithInputAsync(string.Empty, arguments);

    public async Task<(int ExitCode, string Output, string Error)> RunWithInputAsync(string input, params string[] arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["KUBECONFIG"] = folder.File("config");
        start.Environment["KUBECACHEDIR"] = folder.File("cache");
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }

        return (process.ExitCode, await output, await error);
    }

    public void Dispose() => folder.Dispose();
}
