using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Operations;

namespace MeshTools.Cmdlets;

/// <summary>Gets the clusters that kubeconfigs name, and asks each who it is.</summary>
[Cmdlet(VerbsCommon.Get, "MeshCluster", DefaultParameterSetName = ContextSet)]
[OutputType(typeof(MeshCluster))]
public sealed class GetMeshClusterCommand : MeshCmdlet
{
    private const string ContextSet = "Context";
    private const string ClusterSet = "Cluster";
    private const string GkeSet = "Gke";

    // Boxed: a field of a type of another assembly's would have that assembly loaded at import, when PowerShell lists the types here and nobody can resolve it yet.
    private object? _platform;

    private readonly List<ContextSearch> _searches = [];
    private readonly List<MeshCluster> _clusters = [];

    /// <summary>Contexts, with wildcards; all when there is none.</summary>
    [Parameter(Position = 0, ParameterSetName = ContextSet, HelpMessage = "Contexts of the kubeconfig; wildcards are allowed.")]
    [Alias("Name")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Context { get; set; } = [];

    /// <summary>Kubeconfig files.</summary>
    [Parameter(ParameterSetName = ContextSet, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Kubeconfig files; without it those of KUBECONFIG, or ~/.kube/config.")]
    [Alias("FullName", "KubeconfigPath")]
    [ValidateNotNullOrEmpty]
    public string[] Kubeconfig { get; set; } = [];

    /// <summary>Clusters to ask again.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ClusterSet, HelpMessage = "Clusters to ask again.")]
    [ValidateNotNull]
    public MeshCluster[] Cluster { get; set; } = [];

    /// <summary>Reads only the kubeconfigs.</summary>
    [Parameter(HelpMessage = "Reads only the kubeconfigs and sends nothing.")]
    public SwitchParameter SkipProbe { get; set; }

    /// <summary>The network.</summary>
    [Parameter(HelpMessage = "The network, in place of the one found.")]
    [ValidateNotNullOrEmpty]
    public string? Network { get; set; }

    /// <summary>The control planes' namespace.</summary>
    [Parameter(HelpMessage = "The control planes' namespace; istio-system without it.")]
    [ValidateNotNullOrEmpty]
    public string? Namespace { get; set; }

    /// <summary>The mesh ID.</summary>
    [Parameter(HelpMessage = "The mesh ID, in place of the one found.")]
    [ValidateNotNullOrEmpty]
    public string? MeshId { get; set; }

    /// <summary>The cluster ID.</summary>
    [Parameter(HelpMessage = "The cluster ID, in place of the one found.")]
    [ValidateNotNullOrEmpty]
    public string? ClusterId { get; set; }

    /// <summary>The fleet's host project.</summary>
    [Parameter(HelpMessage = "The project that hosts the fleet.")]
    [ValidateNotNullOrEmpty]
    public string? FleetProject { get; set; }

    /// <summary>The revision.</summary>
    [Parameter(HelpMessage = "The control plane's revision, in place of the one found.")]
    [ValidateNotNullOrEmpty]
    public string? Revision { get; set; }

    /// <summary>The trust domain.</summary>
    [Parameter(HelpMessage = "The trust domain, in place of the one found.")]
    [ValidateNotNullOrEmpty]
    public string? TrustDomain { get; set; }

    /// <summary>The platform.</summary>
    [Parameter(HelpMessage = "The platform, in place of the one found.")]
    public ClusterPlatform? Platform
    {
        get => (ClusterPlatform?)_platform;
        set => _platform = value;
    }

    /// <summary>Clusters of GKE, with wildcards.</summary>
    [Parameter(Mandatory = true, ParameterSetName = GkeSet, HelpMessage = "Names of clusters of GKE, which are connected without a kubeconfig; wildcards are allowed.")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] ClusterName { get; set; } = [];

    /// <summary>The endpoint of the control plane.</summary>
    [Parameter(ParameterSetName = GkeSet, HelpMessage = "The endpoint of the control plane: Default (the address that GKE names), Private, or Dns.")]
    [ValidateSet("Default", "Private", "Dns")]
    public string Endpoint { get; set; } = "Default";

    /// <summary>The Google Cloud project.</summary>
    [Parameter(HelpMessage = "The Google Cloud project of the cluster.")]
    [ValidateNotNullOrEmpty]
    public string? ProjectId { get; set; }

    /// <summary>The region or zone.</summary>
    [Parameter(HelpMessage = "The region or zone of the cluster.")]
    [ValidateNotNullOrEmpty]
    public string? Location { get; set; }

    /// <summary>Clusters that are asked at a time.</summary>
    [Parameter(HelpMessage = "How many clusters are asked at a time.")]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 32;

    /// <summary>How long one cluster may take.</summary>
    [Parameter(HelpMessage = "How long one cluster may take: seconds, or a duration such as 30s or 2m.")]
    [Duration]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (string.Equals(ParameterSetName, ClusterSet, StringComparison.Ordinal))
            _clusters.AddRange(Cluster);
        else if (string.Equals(ParameterSetName, ContextSet, StringComparison.Ordinal))
            _searches.Add(new ContextSearch(PathsOf(Kubeconfig), Context));
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => Run(GetAsync);

    private async Task GetAsync(PipelineSink sink, CancellationToken cancellationToken)
    {
        var overrides = new ClusterOverrides
        {
            Network = Network,
            MeshId = MeshId,
            ClusterId = ClusterId,
            FleetProject = FleetProject,
            Revision = Revision,
            TrustDomain = TrustDomain,
            Platform = Platform,
            ProjectId = ProjectId,
            Location = Location,
        };
        if (ClusterName.Length > 0)
            _clusters.AddRange(await GkeSearch.FindAsync(ProjectId, Location, ClusterName, Endpoint, sink, cancellationToken).ConfigureAwait(false));
        MeshCluster[] clusters =
        [
            .. _clusters.Select(overrides.ApplyTo).Concat(_searches.SelectMany(search => Find(search, overrides, sink))).DistinctBy(cluster => cluster.Entry()),
        ];
        if (SkipProbe)
        {
            foreach (var cluster in clusters)
                sink.Output(cluster with { ControlPlaneNamespace = Namespace ?? cluster.ControlPlaneNamespace });
            return;
        }

        var asked = 0;
        await foreach (var cluster in FanOut.RunAsync(clusters, ThrottleLimit, (c, stop) => ProbeAsync(c, sink, stop), cancellationToken).ConfigureAwait(false))
        {
            sink.Progress(new OperationProgress("Asking clusters who they are", cluster.Name, ++asked, clusters.Length, cluster.Name));
            if (cluster.Probed)
                sink.Output(cluster);
        }
    }

    private static IReadOnlyList<MeshCluster> Find(ContextSearch search, ClusterOverrides overrides, PipelineSink sink)
    {
        try
        {
            return search.Find(overrides, sink);
        }
        catch (Kubernetes.KubernetesException e)
        {
            // One broken file among several.
            sink.Failed(e, e is Kubernetes.KubeconfigException { Path: { } path } ? path : null);
            return [];
        }
    }

    private async Task<MeshCluster> ProbeAsync(MeshCluster cluster, PipelineSink sink, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Timeout);
        var unanswered = cluster with { Probed = false, ControlPlaneNamespace = Namespace ?? cluster.ControlPlaneNamespace };
        try
        {
            return await ClusterProbe.EnsureAsync(unanswered, sink, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            sink.Failed(new MeshException(ErrorCatalog.MeshWaitTimeout, $"{cluster.Name}: {cluster.Server} did not answer within {Timeout:g}", cluster), cluster);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            sink.Failed(e, cluster);
        }

        return unanswered;
    }
}
