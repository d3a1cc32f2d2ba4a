using MeshTools.Packages;

namespace MeshTools.Cmdlets;

/// <summary>
/// A lab's server of release archives: a mirror that signs itself. Commands are led there by <c>-Source</c> and <c>-PublicKey</c>, or by environment variables, which <see cref="Enter"/> sets in
/// this process and <see cref="Leave"/> takes away again.
/// </summary>
public sealed class MeshLabReleases
{
    internal MeshLabReleases(LabState.ReleaseServer state, int requests, IReadOnlyList<string> faults)
    {
        Source = state.Source;
        PublicKey = state.PublicKey;
        Versions = state.Versions;
        Environment = new Dictionary<string, string>(StringComparer.Ordinal) { [ReleaseSource.AddressVariable] = Source.ToString(), [ReleaseSource.KeyVariable] = PublicKey };
        Requests = requests;
        Faults = faults;
    }

    /// <summary>The address of the archives.</summary>
    public Uri Source { get; }

    /// <summary>The file with the public key that verifies them.</summary>
    public string PublicKey { get; }

    /// <summary>The releases that it has.</summary>
    public IReadOnlyList<string> Versions { get; }

    /// <summary>The environment variables that lead commands there.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>Requests it has received.</summary>
    public int Requests { get; }

    /// <summary>How it misbehaves at present, on purpose.</summary>
    public IReadOnlyList<string> Faults { get; }

    /// <summary>Sets the variables in this process, and in those that it starts.</summary>
    public void Enter()
    {
        foreach (var (name, value) in Environment)
            System.Environment.SetEnvironmentVariable(name, value);
    }

    /// <summary>Takes the variables away, where they still lead to this lab.</summary>
    public void Leave()
    {
        foreach (var (name, _) in Environment.Where(pair => string.Equals(System.Environment.GetEnvironmentVariable(pair.Key), pair.Value, StringComparison.Ordinal)))
            System.Environment.SetEnvironmentVariable(name, null);
    }

    /// <summary>The address.</summary>
    /// <returns>The address.</returns>
    public override string ToString() => Source.ToString();
}
