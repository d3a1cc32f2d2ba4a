namespace MeshTools.Lab;

/// <summary>What <c>serve</c> was asked for.</summary>
internal sealed record ServeOptions(LabOptions Lab, string Kubeconfig, string ReadyFile, bool Force, bool Background, int? ParentProcess)
{
    public const string DefaultKubeconfig = "lab.kubeconfig";

    private static readonly string[] Valued =
    [
        "--clusters", "--name-prefix", "--names", "--kubeconfig", "--revision", "--replicas", "--mesh-id", "--networks", "--trust", "--platform",
        "--tokens", "--load-balancers", "--remote-timeout", "--server-version", "--parent-pid", "--ready-file", "--google-cloud",
    ];

    private static readonly string[] Switches = ["--no-control-plane", "--gateway-api", "--force", "--background"];

    /// <summary>Where a lab leaves its state when not told otherwise: beside its kubeconfig.</summary>
    public static string StateFileFor(string kubeconfig) => kubeconfig + ".state.json";

    public static ServeOptions Parse(IReadOnlyList<string> arguments)
    {
        var parsed = Arguments.Parse(arguments, Valued, Switches);
        if (parsed.Positional.Count > 0)
        {
            throw new UsageException($"\"{parsed.Positional[0]}\" is not an option of serve.");
        }

        if (parsed.Has("--names") && parsed.Has("--clusters"))
        {
            throw new UsageException("--names says how many clusters there are; leave out --clusters.");
        }

        var lab = new LabOptions
        {
            ClusterCount = parsed.Number("--clusters", 1, 200) ?? 3,
            NamePrefix = parsed.Text("--name-prefix") ?? "lab",
            Names = parsed.Text("--names")?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            GatewayApi = parsed.Has("--gateway-api"),
            GoogleCloud = parsed.Choice("--google-cloud", "empty", "prepared") is { } google ? new GoogleCloudOptions { Prepared = google is "prepared" } : null,
            ControlPlane = !parsed.Has("--no-control-plane"),
            Revision = parsed.Text("--revision"),
            Replicas = parsed.Number("--replicas", 0, 10) ?? 1,
            MeshId = parsed.Text("--mesh-id") ?? "lab-mesh",
            SharedNetwork = parsed.Choice("--networks", "shared", "separate") is not "separate",
            SharedTrust = parsed.Choice("--trust", "shared", "separate") is not "separate",
            Platforms = Platforms(parsed),
            ServerVersion = Version(parsed),
            Tokens = Tokens(parsed),
            LoadBalancers = LoadBalancers(parsed),
            RemoteTimeout = parsed.Duration("--remote-timeout") ?? IstiodSettings.DefaultRemoteTimeout,
        };
        try
        {
            LabOptions.Resolve(lab);
        }
        catch (ArgumentException exception)
        {
            throw new UsageException(exception.Message.Split(" (Parameter", 2)[0], exception);
        }

        var kubeconfig = parsed.Text("--kubeconfig") ?? DefaultKubeconfig;
        return new ServeOptions(
            lab,
            Path.GetFullPath(kubeconfig),
            Path.GetFullPath(parsed.Text("--ready-file") ?? StateFileFor(kubeconfig)),
            parsed.Has("--force"),
            parsed.Has("--background"),
            parsed.Number("--parent-pid", 1, int.MaxValue));
    }

    private static string Version(Arguments parsed)
    {
        var version = parsed.Text("--server-version") ?? ServerVersion.Default;
        return version.Split('.') is [['v', .. var major], var minor, _, ..] && int.TryParse(major, out _) && int.TryParse(minor, out _)
            ? version
            : throw new UsageException($"Option --server-version takes a version such as v1.33.5 or v1.33.5-gke.1080000, not \"{version}\".");
    }

    private static List<LabPlatform> Platforms(Arguments parsed) =>
    [
        .. (parsed.Text("--platform") ?? "none").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(name => name is "none" or "gke" or "eks" or "aks"
                ? Enum.Parse<LabPlatform>(name, ignoreCase: true)
                : throw new UsageException($"Option --platform takes one of none, gke, eks, aks, or one for each cluster, not \"{name}\".")),
    ];

    private static TokenFilling Tokens(Arguments parsed) => parsed.Text("--tokens") switch
    {
        null or "immediate" => TokenFilling.Immediate,
        "never" => TokenFilling.Never,
        { } text when GoDuration.TryParse(text, out var delay) => TokenFilling.After(delay),
        { } text => throw new UsageException($"Option --tokens takes immediate, never or a duration such as 5s, not \"{text}\"."),
    };

    private static LoadBalancing LoadBalancers(Arguments parsed) => parsed.Text("--load-balancers") is not { } text
        ? LoadBalancing.Immediate
        : LoadBalancing.Parse(text) ?? throw new UsageException(
            $"Option --load-balancers takes immediate, never, failing, hostname or a duration such as 5s, not \"{text}\".");
}
