using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Install;

namespace MeshTools.Cmdlets;

/// <summary>Gets what is installed in clusters: every revision, with version, authority, readiness, webhooks, tags and injected namespaces.</summary>
[Cmdlet(VerbsCommon.Get, "ServiceMesh", DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(ServiceMeshInstallation))]
public sealed class GetServiceMeshCommand : ClusterCmdlet
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
                foreach (var installation in (await InstallationCatalog.GetAsync(cluster, Namespace, sink, stop).ConfigureAwait(false)).Where(installation => wanted(installation.Revision)))
                    sink.Output(installation);
                return cluster;
            },
            cancellationToken);
    }
}
