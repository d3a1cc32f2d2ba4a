using MeshTools.ControlPlane;
using MeshTools.Kubernetes;

namespace MeshTools.Clusters;

/// <summary>
/// One cluster of a mesh: who it is, and how to reach it. Immutable; a step that learns something makes an updated copy, and all copies share one connection.
/// </summary>
public sealed record MeshCluster
{
    private readonly ClusterConnection _connection;

    internal MeshCluster(ClusterConnection connection, KubeconfigContext context)
    {
        _connection = connection;
        Name = context.Name;
        ShortName = context.Name;
        Context = context.Name;
        KubeconfigPath = context.SourcePath;
        Server = context.Server;
    }

    /// <summary>The name that messages use: the context's.</summary>
    public string Name { get; init; }

    /// <summary>The name that tables use: without what gcloud or aws put around it in the context's, as far as no other context of the kubeconfig would be called the same.</summary>
    public string ShortName { get; init; }

    /// <summary>The kubeconfig context.</summary>
    public string Context { get; }

    /// <summary>The file that defines the context.</summary>
    public string? KubeconfigPath { get; }

    /// <summary>All files of the kubeconfig that the context came from, as a program that is started for this cluster needs them.</summary>
    internal IReadOnlyList<string> KubeconfigPaths => _connection.Paths;

    /// <summary>How the cluster is reached when no kubeconfig says so.</summary>
    internal ClientConfiguration? Unwritten => _connection.Configuration;

    /// <summary>The API server as the kubeconfig names it.</summary>
    public Uri? Server { get; }

    /// <summary>The UID of namespace <c>kube-system</c>, which is what makes a cluster that cluster; <see langword="null"/> until it has been probed.</summary>
    public string? Uid { get; init; }

    /// <summary>The API server's version, for example <c>v1.32.4-gke.1200</c>; <see langword="null"/> until it has been probed.</summary>
    public string? KubernetesVersion { get; init; }

    /// <summary>Where the cluster runs.</summary>
    public ClusterPlatform Platform { get; init; }

    /// <summary>The Google Cloud project of a GKE cluster.</summary>
    public string? ProjectId { get; init; }

    /// <summary>The region or zone of a GKE cluster.</summary>
    public string? Location { get; init; }

    /// <summary>The project that hosts the fleet.</summary>
    public string? FleetProject { get; init; }

    /// <summary>The mesh ID.</summary>
    public string? MeshId { get; init; }

    /// <summary>The cluster ID: what the running control plane calls itself (<c>CLUSTER_ID</c>), else what a GKE context implies; else <see langword="null"/>.</summary>
    public string? ClusterId { get; init; }

    /// <summary>The network (label <c>topology.istio.io/network</c> of the control plane's namespace).</summary>
    public string? Network { get; init; }

    /// <summary>The SPIFFE trust domain of the running control plane.</summary>
    public string? TrustDomain { get; init; }

    /// <summary>The revision of the control plane, <c>default</c> for an unrevisioned one; <see langword="null"/> when there is none or more than one.</summary>
    public string? Revision { get; init; }

    /// <summary>Every revision of a control plane that runs in the cluster.</summary>
    public IReadOnlyList<string> Revisions { get; init; } = [];

    /// <summary>The namespace in which a control plane was looked for, or is to be: <c>istio-system</c> unless a command was told another.</summary>
    public string ControlPlaneNamespace { get; init; } = ControlPlaneRevision.DefaultNamespace;

    /// <summary>Whether the cluster has been asked, and not only its kubeconfig.</summary>
    public bool Probed { get; init; }

    /// <summary>Whether the kubeconfig says that this is an embedded rehearsal cluster, for which loopback addresses are right.</summary>
    public bool IsLab => _connection.IsLab;

    /// <summary>What the user said about it, which no probe may replace.</summary>
    internal ClusterOverrides? Said { get; init; }

    /// <summary>Finds a context of the default kubeconfig (KUBECONFIG, else <c>~/.kube/config</c>). Nothing is sent to the cluster.</summary>
    /// <param name="context">The context's exact name.</param>
    /// <returns>The cluster, not probed.</returns>
    /// <exception cref="KubeconfigException">There is no such context, or a file cannot be read.</exception>
    public static MeshCluster Parse(string context)
    {
        ArgumentException.ThrowIfNullOrEmpty(context);
        try
        {
            return ClusterCatalog.Load([], [context])[0];
        }
        catch (KubeconfigException e) when (e.Problem is KubeconfigProblem.ContextNotFound)
        {
            // The first argument without a name is the cluster, also where clusters come down the pipeline and something else was meant.
            throw new KubeconfigException(e.Problem, $"{e.Message}. If \"{context}\" is not meant as a cluster, say what it is by the name of its parameter, such as -Namespace {context}")
            {
                Path = e.Path,
                AvailableContexts = e.AvailableContexts,
            };
        }
    }

    /// <summary>The client for this cluster, made at the first call and shared by all copies.</summary>
    /// <returns>The client; do not dispose it.</returns>
    /// <exception cref="KubeconfigException">The context's entries are missing or contradictory.</exception>
    public KubernetesClient Connect() => _connection.Client;

    /// <summary>What tells two entries of kubeconfigs apart.</summary>
    /// <returns>The context and its file.</returns>
    public (string Context, string? KubeconfigPath) Entry() => (Context, KubeconfigPath);

    /// <summary>The name.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => Name;
}
