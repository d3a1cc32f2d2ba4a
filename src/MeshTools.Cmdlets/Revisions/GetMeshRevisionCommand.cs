using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Revisions;

namespace MeshTools.Cmdlets;

/// <summary>Gets the revisions of the control planes of clusters.</summary>
[Cmdlet(VerbsCommon.Get, "MeshRevision", DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(MeshRevision))]
public sealed class GetMeshRevisionCommand : ClusterCmdlet
{
    /// <summary>Which.</summary>
    [Parameter(HelpMessage = "Revisions; wildcards are allowed. Without it all of them.")]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Revision { get; set; } = [];

    /// <summary>The namespace.</summary>
    [Parameter(HelpMessage = "The control planes' namespace.")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "istio-system";

    private protected override Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        var wanted = NamePatterns.Of(Revision);
        return sink.EachAsync(
            clusters,
            ThrottleLimit,
            cluster => cluster,
            async (cluster, stop) =>
            {
                foreach (var revision in (await RevisionCatalog.GetRevisionsAsync(cluster, Namespace, sink, stop).ConfigureAwait(false)).Where(revision => wanted(revision.Revision)))
                    sink.Output(revision);
                return cluster;
            },
            cancellationToken);
    }
}
