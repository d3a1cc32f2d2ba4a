using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Discovery;
using MeshTools.Operations;

namespace MeshTools.Cmdlets;

/// <summary>Installs remote secrets in the clusters whose control planes are to read others.</summary>
[Cmdlet(VerbsLifecycle.Install, "RemoteSecret", SupportsShouldProcess = true)]
[OutputType(typeof(RemoteSecret))]
public sealed class InstallRemoteSecretCommand : MeshCmdlet
{
    private readonly List<RemoteSecret> _secrets = [];

    /// <summary>Where to.</summary>
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "The clusters whose control planes are to read the others.")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ValidateNotNullOrEmpty]
    public MeshCluster[] Destination { get; set; } = [];

    /// <summary>What.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, HelpMessage = "Remote secrets from New-RemoteSecret.")]
    [ValidateNotNull]
    public RemoteSecret[] RemoteSecret { get; set; } = [];

    /// <summary>Takes fields over.</summary>
    [Parameter(HelpMessage = "Takes over fields that other field managers own.")]
    public SwitchParameter ForceConflicts { get; set; }

    /// <summary>Secrets at a time.</summary>
    [Parameter(HelpMessage = "How many secrets are installed at a time.")]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 32;

    /// <inheritdoc/>
    protected override void ProcessRecord() => _secrets.AddRange(RemoteSecret);

    /// <inheritdoc/>
    protected override void EndProcessing() => Run(async (sink, stop) =>
    {
        var destinations = await sink.EachAsync(
            [.. Destination.DistinctBy(cluster => cluster.Entry())], ThrottleLimit, cluster => cluster, (cluster, token) => ClusterProbe.EnsureAsync(cluster, sink, token), stop)
            .ConfigureAwait(false);
        (RemoteSecret Secret, MeshCluster Destination)[] pairs =
        [
            // With several destinations, "all into all" is meant; a secret for itself is then left out, and only an error when it is all there is.
            .. from destination in destinations
               from secret in _secrets
               where Destination.Length == 1 || !IsFor(secret, destination)
               select (secret, destination),
        ];
        var plans = await sink.EachAsync(
            pairs,
            ThrottleLimit,
            pair => pair.Destination,
            (pair, token) => SecretInstallation.PlanAsync(pair.Secret, pair.Destination, ForceConflicts, token),
            stop).ConfigureAwait(false);
        var approved = await sink.ApproveAsync(plans.Select(plan => plan.Change), stop).ConfigureAwait(false);
        if (OnlyAsking)
            return;

        SecretInstallation[] going = [.. plans.Where(plan => approved.Contains(plan.Change))];
        var done = 0;
        await sink.EachAsync(
            going,
            ThrottleLimit,
            plan => plan.Destination,
            async (plan, token) =>
            {
                var installed = await plan.ExecuteAsync(token).ConfigureAwait(false);
                sink.Verbose($"{plan.Destination.Name}: {installed.Name} {(plan.Change.Writes ? "installed" : "is there already")}");
                sink.Progress(new OperationProgress("Installing remote secrets", plan.Destination.Name, Interlocked.Increment(ref done), going.Length, plan.Destination.Name));
                sink.Output(installed);
                return installed;
            },
            stop).ConfigureAwait(false);
    });

    private static bool IsFor(RemoteSecret secret, MeshCluster destination) =>
        (secret.SourceCluster is { } source && (source.Entry() == destination.Entry() || (source.Uid is { } uid && string.Equals(uid, destination.Uid, StringComparison.Ordinal))))
        || string.Equals(secret.ClusterId, destination.ClusterId, StringComparison.Ordinal);
}
