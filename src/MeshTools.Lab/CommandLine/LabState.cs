using System.Text.Json;

namespace MeshTools.Lab;

/// <summary>What a running lab says about itself in its ready file: enough to use and to command it from another process.</summary>
internal sealed record LabState(int Pid, string Kubeconfig, IReadOnlyList<LabState.Cluster> Clusters, Uri ControlUrl, string ControlToken)
{
    /// <summary>The lab's Google Cloud; null when it has none.</summary>
    public Google? GoogleCloud { get; init; }

    /// <summary>Where its releases are.</summary>
    public ReleaseSource? Releases { get; init; }

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public void Write(string path) => PrivateFile.Write(path, JsonSerializer.Serialize(this, Format) + "\n");

    /// <summary>True for a file that a lab wrote, whether that lab still runs or not.</summary>
    public static bool IsState(string path)
    {
        try
        {
            Read(path);
            return true;
        }
        catch (UsageException)
        {
            return false;
        }
    }

    /// <summary>Reads the state of a lab.</summary>
    /// <exception cref="UsageException">There is none, or the file is something else.</exception>
    public static LabState Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return JsonSerializer.Deserialize<LabState>(stream, Format) is { ControlUrl: not null, ControlToken: not null } state
                ? state
                : throw new UsageException($"{path} is not the state file of a lab.");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UsageException($"No lab seems to run here: there is no {path}. Name its state file with --lab.", exception);
        }
        catch (JsonException exception)
        {
            throw new UsageException($"{path} is not the state file of a lab.", exception);
        }
    }

    // The token commands the lab.
    /// <inheritdoc/>
    public override string ToString() => $"lab of process {Pid}";

    internal sealed record Google(Uri Address, string Project, string FleetProject, string Account, string TokenFile, IReadOnlyDictionary<string, string> Environment);

    internal sealed record ReleaseSource(Uri Source, string PublicKey, IReadOnlyList<string> Versions);

    internal sealed record Cluster(string Name, string Context, Uri Server, string Uid, string ClusterId, string? Network);
}
