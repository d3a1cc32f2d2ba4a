using System.Text.Json;

namespace MeshTools.Cmdlets;

/// <summary>What a lab says about itself in its state file.</summary>
internal sealed record LabState(int Pid, string Kubeconfig, IReadOnlyList<LabState.Cluster> Clusters, Uri ControlUrl, string ControlToken)
{
    /// <summary>The lab's Google Cloud; <see langword="null"/> when it has none.</summary>
    public Google? GoogleCloud { get; init; }

    /// <summary>Where its releases are.</summary>
    public ReleaseServer? Releases { get; init; }

    internal static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Reads a state file; <see langword="null"/> when it is not there (yet, or any more).</summary>
    internal static async Task<LabState?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var stream = File.OpenRead(path);
            await using (stream.ConfigureAwait(false))
                return await JsonSerializer.DeserializeAsync<LabState>(stream, Format, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    // The token commands the lab.
    /// <inheritdoc/>
    public override string ToString() => $"lab of process {Pid}";

    internal sealed record Google(Uri Address, string Project, string FleetProject, string Account, string TokenFile, IReadOnlyDictionary<string, string> Environment);

    internal sealed record ReleaseServer(Uri Source, string PublicKey, IReadOnlyList<string> Versions);

    internal sealed record Cluster(string Name, string Context, Uri Server);
}
