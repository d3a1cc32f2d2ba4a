using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Revisions;

namespace MeshTools.Cmdlets;

/// <summary>Gets the revision tags of clusters.</summary>
[Cmdlet(VerbsCommon.Get, "MeshRevisionTag", DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(MeshRevisionTag))]
public sealed class GetMeshRevisionTagCommand : ClusterCmdlet
{
    /// <summary>Which.</summary>
    [Parameter(HelpMessage = "Tags; wildcards are allowed. Without it all of them.")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Tag { get; set; } = [];

    /// <summary>The namespace.</summary>
    [Parameter(HelpMessage = "The control planes' namespace.")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "istio-system";

    private protected override Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        var wanted = NamePatterns.Of(Tag);
        return sink.EachAsync(
            clusters,
            ThrottleLimit,
            cluster => cluster,
            async (cluster, stop) =>
            {
                foreach (var tag in (await RevisionCatalog.GetTagsAsync(cluster, Namespace, sink, stop).ConfigureAwait(false)).Where(tag => wanted(tag.Tag)))
                    sink.Output(tag);
                return cluster;
            },
            cancellationToken);
    }
}
