using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Fleet;
using MeshTools.Install;
using MeshTools.Managed;

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

    /// <summary>Also asks the fleet.</summary>
    [Parameter(HelpMessage = "Also asks the fleet about control planes that Google manages: their state, what runs them, and conditions.")]
    public SwitchParameter FleetState { get; set; }

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        var wanted = NamePatterns.Of(Revision);
        using var google = CloudSession.Open(sink);
        await sink.EachAsync(
            clusters,
            ThrottleLimit,
            cluster => cluster,
            async (cluster, stop) =>
            {
                IReadOnlyList<ServiceMeshInstallation> found =
                    [.. (await InstallationCatalog.GetAsync(cluster, Namespace, sink, stop).ConfigureAwait(false)).Where(installation => wanted(installation.Revision))];
                foreach (var installation in FleetState ? await ManagedInstallations.WithFleetAsync(cluster, found, google, stop).ConfigureAwait(false) : found)
                    sink.Output(installation);
                return cluster;
            },
            cancellationToken).ConfigureAwait(false);
    }
}
