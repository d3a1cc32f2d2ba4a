using System.Management.Automation;
using MeshTools.Clusters;

namespace MeshTools.Cmdlets;

/// <summary>
/// A command for clusters, which come from the pipeline or are named by context. It takes all of them before it starts, drops entries that it has already, and then runs
/// once.
/// </summary>
public abstract class ClusterCmdlet : MeshCmdlet
{
    /// <summary>Clusters as objects.</summary>
    protected const string ClusterSet = "Cluster";

    /// <summary>Clusters by the names of their contexts.</summary>
    protected const string ContextSet = "Context";

    private readonly List<MeshCluster> _clusters = [];

    /// <summary>The clusters.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ClusterSet,
        HelpMessage = "Clusters from Get-MeshCluster, or names of contexts of the default kubeconfig.")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ValidateNotNull]
    public MeshCluster[] Cluster { get; set; } = [];

    /// <summary>Contexts, with wildcards.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ContextSet, HelpMessage = "Contexts of the kubeconfig; wildcards are allowed.")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Context { get; set; } = [];

    /// <summary>Kubeconfig files.</summary>
    [Parameter(ParameterSetName = ContextSet, HelpMessage = "Kubeconfig files; without it those of KUBECONFIG, or ~/.kube/config.")]
    [ValidateNotNullOrEmpty]
    public string[] Kubeconfig { get; set; } = [];

    /// <summary>Clusters that are worked on at a time.</summary>
    [Parameter(HelpMessage = "How many clusters are worked on at a time.")]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 32;

    /// <inheritdoc/>
    protected sealed override void ProcessRecord()
    {
        _clusters.AddRange(Cluster);
        Take();
    }

    /// <inheritdoc/>
    protected sealed override void EndProcessing()
    {
        if (!string.Equals(ParameterSetName, ContextSet, StringComparison.Ordinal))
        {
            Run((sink, stop) => RunAsync([.. _clusters.DistinctBy(cluster => cluster.Entry())], sink, stop));
            return;
        }

        var search = new ContextSearch(PathsOf(Kubeconfig), Context);
        Run((sink, stop) => RunAsync([.. search.Find(null, sink).DistinctBy(cluster => cluster.Entry())], sink, stop));
    }

    /// <summary>Keeps what else came with one object of the pipeline; the next one replaces it.</summary>
    private protected virtual void Take()
    {
    }

    /// <summary>The command's work, on the thread pool.</summary>
    private protected abstract Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken);
}
