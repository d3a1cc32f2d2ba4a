using System.Globalization;

namespace MeshTools.Lab;

/// <summary>A whole lab: how many clusters and what they have in common. <see cref="Configure"/> makes single clusters different.</summary>
public sealed record LabOptions
{
    /// <summary>How many clusters, at least 1.</summary>
    public int ClusterCount { get; init; } = 3;

    /// <summary>Names are PREFIX-1, PREFIX-2 and so on.</summary>
    public string NamePrefix { get; init; } = "lab";

    /// <summary>Names in place of the numbered ones; their number is then the number of clusters.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>Whether istiod is installed.</summary>
    public bool ControlPlane { get; init; } = true;

    /// <summary>Mesh ID of all clusters; null for none.</summary>
    public string? MeshId { get; init; } = "lab-mesh";

    /// <summary>One network for all, or one for each cluster (<c>NAME-network</c>).</summary>
    public bool SharedNetwork { get; init; } = true;

    /// <summary>
    /// One root of trust for all workloads: each cluster gets an intermediate of it in <c>cacerts</c> before its istiod starts. Without, each
    /// istiod makes a root of its own, in <c>istio-ca-secret</c>. Clusters without a control plane get neither.
    /// </summary>
    public bool SharedTrust { get; init; } = true;

    /// <summary>Revision of the control planes; null for the unrevisioned one.</summary>
    public string? Revision { get; init; }

    /// <summary>Replicas of istiod.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Whose clusters they look like.</summary>
    public LabPlatform Platform { get; init; }

    /// <summary>The same, one for each cluster; one alone stands for all. Null for <see cref="Platform"/>.</summary>
    public IReadOnlyList<LabPlatform>? Platforms { get; init; }

    /// <summary>The version the API servers say they are.</summary>
    public string ServerVersion { get; init; } = MeshTools.Lab.ServerVersion.Default;

    /// <summary>When token Secrets are filled.</summary>
    public TokenFilling Tokens { get; init; } = TokenFilling.Immediate;

    /// <summary>How load balancers get addresses.</summary>
    public LoadBalancing LoadBalancers { get; init; } = LoadBalancing.Immediate;

    /// <summary>See <see cref="LabClusterOptions.GatewayApi"/>.</summary>
    public bool GatewayApi { get; init; }

    /// <summary>See <see cref="LabClusterOptions.RemoteTimeout"/>.</summary>
    public TimeSpan RemoteTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>See <see cref="LabClusterOptions.RemoteRetry"/>.</summary>
    public TimeSpan RemoteRetry { get; init; } = TimeSpan.FromMilliseconds(800);

    /// <summary>See <see cref="LabClusterOptions.RestartDelay"/>.</summary>
    public TimeSpan RestartDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>See <see cref="LabClusterOptions.WorkloadCertificateLifetime"/>.</summary>
    public TimeSpan WorkloadCertificateLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>See <see cref="LabClusterOptions.ConnectTimeout"/>.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The Google Cloud that the clusters belong to; null for none.</summary>
    public GoogleCloudOptions? GoogleCloud { get; init; }

    /// <summary>The releases that can be downloaded from the lab.</summary>
    public ReleaseOptions Releases { get; init; } = new();

    /// <summary>Gets each cluster's number (from 0) and options and gives the ones to use.</summary>
    public Func<int, LabClusterOptions, LabClusterOptions>? Configure { get; init; }

    /// <summary>The single clusters.</summary>
    /// <exception cref="ArgumentException">A count, name or cluster that cannot be.</exception>
    internal static IReadOnlyList<LabClusterOptions> Resolve(LabOptions options)
    {
        if (options.Names is null && options.ClusterCount is < 1 or > 200)
        {
            throw new ArgumentException("A lab has 1 to 200 clusters.", nameof(options));
        }

        var names = options.Names ??
            [.. Enumerable.Range(1, options.ClusterCount).Select(number => string.Create(CultureInfo.InvariantCulture, $"{options.NamePrefix}-{number}"))];
        if (options.Platforms is { } platforms && platforms.Count != 1 && platforms.Count != names.Count)
        {
            throw new ArgumentException("There is one platform for all clusters, or one for each.", nameof(options));
        }

        var clusters = names.Select((name, index) => options.Cluster(index, name)).ToList();
        foreach (var cluster in clusters)
        {
            if (!DnsLabel.IsValid(cluster.Name))
            {
                throw new ArgumentException(
                    $"\"{cluster.Name}\" is not a valid cluster name: lower-case letters, digits and '-', at most 63 characters, no '-' at an end.",
                    nameof(options));
            }
        }

        if (clusters.Count == 0 || clusters.DistinctBy(cluster => cluster.Name, StringComparer.Ordinal).Count() != clusters.Count ||
            clusters.DistinctBy(cluster => cluster.EffectiveContextName, StringComparer.Ordinal).Count() != clusters.Count)
        {
            throw new ArgumentException("Clusters need names and contexts of their own.", nameof(options));
        }

        return clusters;
    }

    private LabClusterOptions Cluster(int index, string name)
    {
        var options = new LabClusterOptions
        {
            Name = name,
            ControlPlane = ControlPlane,
            MeshId = MeshId,
            Network = SharedNetwork ? "lab-network" : name + "-network",
            Revision = Revision,
            Replicas = Replicas,
            Platform = Platforms switch { null => Platform, [var one] => one, var each => each[index] },
            ServerVersion = ServerVersion,
            Tokens = Tokens,
            LoadBalancers = LoadBalancers,
            GatewayApi = GatewayApi,
            RemoteTimeout = RemoteTimeout,
            RemoteRetry = RemoteRetry,
            RestartDelay = RestartDelay,
            WorkloadCertificateLifetime = WorkloadCertificateLifetime,
            ConnectTimeout = ConnectTimeout,
        };
        return Configure?.Invoke(index, options) ?? options;
    }
}
