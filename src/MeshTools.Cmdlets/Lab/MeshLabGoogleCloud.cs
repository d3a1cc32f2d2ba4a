namespace MeshTools.Cmdlets;

/// <summary>
/// What a lab rehearses of Google Cloud. Clients find it through environment variables, which nobody sets unasked: <see cref="Enter"/> sets them in this process, <see cref="Leave"/> takes them
/// away again.
/// </summary>
public sealed class MeshLabGoogleCloud
{
    private const string TokenVariable = "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE";

    internal MeshLabGoogleCloud(LabState.Google state, int requests, int writes, IReadOnlyList<string> faults)
    {
        Address = state.Address;
        Project = state.Project;
        FleetProject = state.FleetProject;
        Account = state.Account;
        TokenFile = state.TokenFile;
        Environment = new Dictionary<string, string>(state.Environment, StringComparer.Ordinal) { [TokenVariable] = state.TokenFile };
        Requests = requests;
        Writes = writes;
        Faults = faults;
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>The project of the clusters; it may also host the fleet.</summary>
    public string Project { get; }

    /// <summary>Another project, which may host the fleet.</summary>
    public string FleetProject { get; }

    /// <summary>Who its token stands for.</summary>
    public string Account { get; }

    /// <summary>The file with the access token; only this user can read it.</summary>
    public string TokenFile { get; }

    /// <summary>The environment variables that lead clients there.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>Requests it has received.</summary>
    public int Requests { get; }

    /// <summary>Those among them that were meant to change something.</summary>
    public int Writes { get; }

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
    public override string ToString() => Address.ToString();
}
