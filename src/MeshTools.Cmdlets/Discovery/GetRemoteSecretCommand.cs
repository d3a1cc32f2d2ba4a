using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Discovery;

namespace MeshTools.Cmdlets;

/// <summary>Gets the remote secrets that are installed in clusters, without their tokens.</summary>
[Cmdlet(VerbsCommon.Get, "RemoteSecret", DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(RemoteSecret))]
public sealed class GetRemoteSecretCommand : ClusterCmdlet
{
    /// <summary>Only for these clusters.</summary>
    [Parameter(HelpMessage = "Only secrets that lead to these cluster IDs; wildcards are allowed.")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] ClusterId { get; set; } = ["*"];

    /// <summary>The control plane's namespace.</summary>
    [Parameter(HelpMessage = "The control plane's namespace. Secrets in others are found too, with a note that istiod does not look there.")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "istio-system";

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        var wanted = RemoteSecretSearch.Matching(ClusterId);
        foreach (var secrets in await RemoteSecretSearch.FindAsync(clusters, Namespace, ThrottleLimit, sink, cancellationToken).ConfigureAwait(false))
        {
            foreach (var secret in secrets.Where(secret => wanted(secret.ClusterId)))
                sink.Output(secret);
        }
    }
}
