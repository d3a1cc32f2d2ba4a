using System.Globalization;
using MeshTools.Errors;

namespace MeshTools.Cmdlets;

/// <summary>Finds a .NET installation that can run the lab. PowerShell brings its own .NET, but without ASP.NET Core.</summary>
internal static class LabRuntime
{
    private const int LeastMajor = 8;

    private static string Program => OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";

    /// <summary>The program <c>dotnet</c> of an installation with ASP.NET Core.</summary>
    /// <exception cref="MeshException">There is none (<c>LabRuntimeNotFound</c>).</exception>
    internal static string Find()
    {
        string[] found = [.. Candidates().Where(File.Exists).Distinct(StringComparer.Ordinal)];
        return found.FirstOrDefault(HasAspNetCore) ?? throw new MeshException(
            ErrorCatalog.LabRuntimeNotFound,
            found.Length > 0
                ? $"The lab needs the ASP.NET Core runtime {LeastMajor} or later, which is not beside {string.Join(", ", found)}."
                : $"The lab needs the ASP.NET Core runtime {LeastMajor} or later, and there is no {Program} on PATH, in DOTNET_ROOT or in the usual places.");
    }

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host)
            yield return host;
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root)
            yield return Path.Combine(root, Program);
        foreach (var directory in (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            yield return Path.Combine(directory, Program);
        string[] usual = OperatingSystem.IsWindows()
            ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "dotnet")]
            : ["/usr/share/dotnet", "/usr/lib/dotnet", "/usr/local/share/dotnet", "/opt/homebrew/opt/dotnet/libexec", "/snap/dotnet-sdk/current"];
        foreach (var directory in usual.Append(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".dotnet")))
            yield return Path.Combine(directory, Program);
    }

    private static bool HasAspNetCore(string program)
    {
        var installation = Path.GetDirectoryName(File.ResolveLinkTarget(program, returnFinalTarget: true)?.FullName ?? program)!;
        var shared = Path.Combine(installation, "shared", "Microsoft.AspNetCore.App");
        return Directory.Exists(shared) && Directory.EnumerateDirectories(shared).Any(version =>
            int.TryParse(Path.GetFileName(version).Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) && major >= LeastMajor);
    }
}
