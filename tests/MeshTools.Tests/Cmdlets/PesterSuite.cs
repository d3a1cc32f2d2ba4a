using System.Diagnostics;
using Xunit;
using Xunit.Abstractions;

namespace MeshTools.Tests.Cmdlets;

/// <summary>What only a real PowerShell engine can show, for those who run only <c>dotnet test</c>.</summary>
public sealed class PesterSuite(ITestOutputHelper output)
{
    [SkippableFact]
    public async Task Every_pester_test_passes()
    {
        var pwsh = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator)
            .Select(directory => Path.Combine(directory, OperatingSystem.IsWindows() ? "pwsh.exe" : "pwsh"))
            .FirstOrDefault(File.Exists);
        Skip.If(pwsh is null, "Pester suite: there is no pwsh on PATH.");
        var (found, _) = await RunAsync(pwsh, "-Command", "exit [int] -not (Get-Module -ListAvailable Pester | Where-Object Version -ge 5.5)");
        Skip.If(found != 0, "Pester suite: Pester 5.5 or later is not installed.");

        var (code, text) = await RunAsync(pwsh, "-File", Path.Combine(RepositoryRoot(), "tests", "Pester", "Run.ps1"));

        output.WriteLine(text);
        Assert.True(code == 0, text);
    }

    private static string RepositoryRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "MeshTools.sln")))
            directory = directory.Parent ?? throw new DirectoryNotFoundException("The tests do not run inside the repository.");
        return directory.FullName;
    }

    private static async Task<(int Code, string Output)> RunAsync(string pwsh, params string[] arguments)
    {
        var start = new ProcessStartInfo(pwsh, ["-NoProfile", "-NonInteractive", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        start.Environment["NO_COLOR"] = "1";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var texts = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, string.Concat(texts));
    }
}
