using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Discovery;
using MeshTools.Fleet;
using MeshTools.Install;

namespace MeshTools.Cmdlets;

/// <summary>Removes a control plane: one revision, or all.</summary>
[Cmdlet(VerbsLifecycle.Uninstall, "ServiceMesh", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(ServiceMeshInstallation))]
public sealed class UninstallServiceMeshCommand : ClusterCmdlet
{
    /// <summary>Which.</summary>
    [Parameter(HelpMessage = "The revision; without it the only one of the cluster.")]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Revision { get; set; }

    /// <summary>Every revision.</summary>
    [Parameter(HelpMessage = "Every revision.")]
    public SwitchParameter All { get; set; }

    /// <summary>All that is left.</summary>
    [Parameter(HelpMessage = "With -All: also the definitions of Istio's resources, published roots, and the namespace with the keys in it.")]
    public SwitchParameter Purge { get; set; }

    /// <summary>The links of other clusters.</summary>
    [Parameter(HelpMessage = "Also removes the remote secrets that the clusters of -Peer hold for these clusters and these for them, and the reader tokens.")]
    public SwitchParameter Unlink { get; set; }

    /// <summary>The other clusters.</summary>
    [Parameter(HelpMessage = "The other clusters of the mesh, for -Unlink.")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ValidateNotNullOrEmpty]
    public MeshCluster[] Peer { get; set; } = [];

    /// <summary>The namespace.</summary>
    [Parameter(HelpMessage = "The control planes' namespace.")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "istio-system";

    /// <summary>Waits.</summary>
    [Parameter(HelpMessage = "Waits until what was removed is gone.")]
    public SwitchParameter Wait { get; set; }

    /// <summary>How long to wait.</summary>
    [Parameter(HelpMessage = "How long -Wait waits: seconds, or a duration such as 90s or 5m.")]
    [Duration]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Asks nothing.</summary>
    [Parameter(HelpMessage = "Removes without asking, also while workloads use the control plane.")]
    public SwitchParameter Force { get; set; }

    private protected override bool AskNothing => Force;

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        var options = new UninstallOptions { Namespace = Namespace, Revision = Revision, All = All, Purge = Purge, Force = Force, Wait = Wait, Timeout = Timeout };
        // Asked only about control planes that Google manages.
        using var google = CloudSession.Open(sink);
        var plans = await sink.EachAsync(
            clusters, ThrottleLimit, cluster => cluster, (cluster, stop) => UninstallPlan.CreateAsync(cluster, options, sink, stop, google), cancellationToken).ConfigureAwait(false);
        var links = Unlink && plans.Count > 0 ? await LinksAsync([.. plans.Select(plan => plan.Cluster)], sink, cancellationToken).ConfigureAwait(false) : null;
        var cloud = await CloudApproval.AskAsync(sink, plans.SelectMany(plan => plan.CloudChanges), cancellationToken).ConfigureAwait(false);
        var approved = await sink.ApproveAsync((links?.Changes ?? []).Concat(plans.SelectMany(plan => plan.Changes)), cancellationToken).ConfigureAwait(false);
        if (OnlyAsking)
            return;
        // The links first: while a control plane still runs, nobody holds on to a cluster that is about to fall silent.
        if (links is not null)
        {
            await foreach (var link in links.ExecuteAsync(approved.Contains, sink, cancellationToken).ConfigureAwait(false))
                sink.Verbose($"{link}: {link.Change}");
        }

        await sink.EachAsync(
            [.. plans.Where(plan => plan.CloudChanges.All(cloud.Contains) && plan.Changes.All(approved.Contains))],
            ThrottleLimit,
            plan => plan.Cluster,
            async (plan, stop) =>
            {
                var removed = await plan.ExecuteAsync(sink, stop).ConfigureAwait(false);
                foreach (var installation in removed)
                    sink.Output(installation);
                return plan;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private Task<EndpointDiscoveryRemoval> LinksAsync(IReadOnlyList<MeshCluster> leaving, PipelineSink sink, CancellationToken cancellationToken)
    {
        var entries = leaving.Select(cluster => cluster.Entry()).ToHashSet();
        return EndpointDiscoveryRemoval.CreateAsync(
            leaving, [.. Peer.Where(cluster => !entries.Contains(cluster.Entry()))], new EndpointDiscoveryOptions { Namespace = Namespace, ThrottleLimit = ThrottleLimit }, sink, cancellationToken);
    }
}
