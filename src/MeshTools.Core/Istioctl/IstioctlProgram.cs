using System.Text.Json;
using System.Text.Json.Nodes;
using MeshTools.Errors;
using MeshTools.Kubernetes;

namespace MeshTools.Istioctl;

/// <summary>An istioctl on this machine.</summary>
/// <param name="Path">The file.</param>
internal sealed record IstioctlProgram(string Path)
{
    private const string Command = "istioctl";

    /// <summary>Finds it.</summary>
    /// <param name="path">The file, or a folder that holds it or has it below <c>bin</c>, as Istio's archives have; <see langword="null"/> for the one on the PATH.</param>
    /// <returns>The program.</returns>
    /// <exception cref="MeshException">There is none (<c>IstioctlNotFound</c>).</exception>
    internal static IstioctlProgram Find(string? path = null) => TryFind(path) ?? throw new MeshException(
        ErrorCatalog.IstioctlNotFound,
        path is null ? $"{Command} is not on the PATH" : $"there is no {Command} that can be run at {path}",
        path);

    /// <summary>Finds it, if it is there.</summary>
    /// <param name="path">As for <see cref="Find"/>.</param>
    /// <returns>The program, or <see langword="null"/>.</returns>
    internal static IstioctlProgram? TryFind(string? path = null)
    {
        var candidates = path switch
        {
            null => [Command],
            _ when Directory.Exists(path) => (string[])[System.IO.Path.Combine(path, Command), System.IO.Path.Combine(path, "bin", Command)],
            _ => [System.IO.Path.GetFullPath(path)],
        };
        return candidates.Select(ExecutablePath.Find).OfType<string>().Select(found => new IstioctlProgram(found)).FirstOrDefault();
    }

    /// <summary>What it says its version is; no cluster is asked.</summary>
    /// <param name="cancellationToken">Ends the program.</param>
    /// <returns>For example <c>1.30.3</c>.</returns>
    /// <exception cref="MeshException">It cannot be run, or says nothing of the kind (<c>IstioctlFailed</c>).</exception>
    internal async Task<string> GetVersionAsync(CancellationToken cancellationToken)
    {
        var run = new IstioctlRun(this, ["version", "--remote=false", "--output", "json"]) { Limit = IstioctlRun.OfflineLimit };
        var output = await run.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (JsonNode.Parse(output).FindString("clientVersion", "version") is { Length: > 0 } version)
                return version;
        }
        catch (JsonException)
        {
            // Said below: whatever this program is, it is none that is known here.
        }

        throw new MeshException(ErrorCatalog.IstioctlFailed, $"{Path} does not say which version of {Command} it is", Path);
    }
}
