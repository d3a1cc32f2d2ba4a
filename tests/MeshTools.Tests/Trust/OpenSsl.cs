using System.Diagnostics;
using Xunit;

namespace MeshTools.Tests.Trust;

/// <summary>Asks openssl, which has to agree with what is made here.</summary>
internal static class OpenSsl
{
    private static readonly string? s_path = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(Path.PathSeparator)
        .Select(directory => Path.Combine(directory, OperatingSystem.IsWindows() ? "openssl.exe" : "openssl"))
        .FirstOrDefault(File.Exists);

    public static void Require() => Skip.If(s_path is null, "openssl: there is none on PATH.");

    public static bool IsThere => s_path is not null;

    public static (int Code, string Output) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(s_path!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.GetAwaiter().GetResult());
    }

    public static string Must(params string[] arguments)
    {
        var (code, output) = Run(arguments);
        Assert.True(code == 0, $"openssl {string.Join(' ', arguments)}: {output}");
        return output;
    }
}
