using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Discovery;
using MeshTools.Errors;
using MeshTools.Operations;

namespace MeshTools.Cmdlets;

/// <summary>Removes remote secrets from the clusters where they are installed, and on request the tokens they hold.</summary>
[Cmdlet(VerbsCommon.Remove, "RemoteSecret", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = SecretSet)]
[OutputType(typeof(RemoteSecret))]
public sealed class RemoveRemoteSecretCommand : MeshCmdlet
{
    private const string SecretSet = "RemoteSecret";
    private const string ClusterSet = "Cluster";

    private readonly List<RemoteSecret> _secrets = [];

    /// <summary>What.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = SecretSet, HelpMessage = "Remote secrets from Get-RemoteSecret.")]
    [ValidateNotNull]
    public RemoteSecret[] RemoteSecret { get; set; } = [];

    /// <summary>Where from.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ClusterSet, HelpMessage = "The clusters where the secrets are installed.")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ValidateNotNullOrEmpty]
    public MeshCluster[] Cluster { get; set; } = [];

    /// <summary>For which clusters.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ClusterSet, HelpMessage = "The cluster IDs that the secrets lead to; wildcards are allowed.")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] ClusterId { get; set; } = [];

    /// <summary>The control plane's namespace.</summary>
    [Parameter(ParameterSetName = ClusterSet, HelpMessage = "The control plane's namespace.")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "istio-system";

    /// <summary>Revokes the tokens.</summary>
    [Parameter(HelpMessage = "Also removes the token Secret in the cluster that the remote secret leads to: every copy of that credential stops working.")]
    public SwitchParameter RevokeToken { get; set; }

    /// <summary>Emits what was removed.</summary>
    [Parameter(HelpMessage = "Emits the remote secrets that were removed.")]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Asks nothing.</summary>
    [Parameter(HelpMessage = "Removes without asking.")]
    public SwitchParameter Force { get; set; }

    /// <summary>Clusters at a time.</summary>
    [Parameter(HelpMessage = "How many clusters are worked on at a time.")]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 32;

    private protected override bool AskNothing => Force;

    /// <inheritdoc/>
    protected override void ProcessRecord() => _secrets.AddRange(RemoteSecret);

    /// <inheritdoc/>
    protected override void EndProcessing() => Run(RemoveAsync);

    private async Task RemoveAsync(PipelineSink sink, CancellationToken cancellationToken)
    {
        var secrets = string.Equals(ParameterSetName, ClusterSet, StringComparison.Ordinal)
            ? await FindAsync(sink, cancellationToken).ConfigureAwait(false)
            : _secrets;
        var parts = await PlanSecretsAsync(secrets, sink, cancellationToken).ConfigureAwait(false);
        var tokens = RevokeToken ? await PlanTokensAsync(secrets, sink, cancellationToken).ConfigureAwait(false) : [];
        // The secrets first: a token that goes before them leaves control planes with a credential that is refused.
        var approved = await sink.ApproveAsync(parts.Select(part => part.Removal.Change).Concat(tokens.Select(token => token.Change)), cancellationToken).ConfigureAwait(false);
        if (OnlyAsking)
            return;

        var removed = await sink.EachAsync(
            [.. parts.Where(part => approved.Contains(part.Removal.Change))], ThrottleLimit, part => part.Secret, (part, stop) => RemoveAsync(part, sink, stop), cancellationToken)
            .ConfigureAwait(false);
        foreach (var secret in PassThru ? removed.Distinct() : [])
            sink.Output(secret);
        await sink.EachAsync(
            [.. tokens.Where(token => approved.Contains(token.Change))],
            ThrottleLimit,
            token => token.Change.Cluster,
            async (token, stop) =>
            {
                await token.ExecuteAsync(stop).ConfigureAwait(false);
                sink.Verbose($"{token.Change.Cluster.Name}: removed {token.Change.Object}");
                return token;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static async Task<RemoteSecret> RemoveAsync(Part part, PipelineSink sink, CancellationToken cancellationToken)
    {
        await part.Removal.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        sink.Verbose($"{part.Removal.Change.Cluster.Name}: removed {part.Removal.Change.Object}");
        return part.Secret;
    }

    private async Task<IReadOnlyList<RemoteSecret>> FindAsync(PipelineSink sink, CancellationToken cancellationToken)
    {
        var found = (await RemoteSecretSearch.FindAsync(
            [.. Cluster.DistinctBy(cluster => cluster.Entry())], Namespace, ThrottleLimit, sink, cancellationToken).ConfigureAwait(false)).SelectMany(secrets => secrets).ToArray();
        foreach (var id in ClusterId.Where(id => !WildcardPattern.ContainsWildcardCharacters(id) && !Array.Exists(found, secret => string.Equals(secret.ClusterId, id, StringComparison.Ordinal))))
            sink.Failed(new MeshException(ErrorCatalog.RemoteSecretNotFound, $"no remote secret for cluster ID {id} is installed in {string.Join(", ", (IEnumerable<MeshCluster>)Cluster)}", id), id);
        var wanted = RemoteSecretSearch.Matching(ClusterId);
        return [.. found.Where(secret => wanted(secret.ClusterId))];
    }

    private async Task<IReadOnlyList<Part>> PlanSecretsAsync(IReadOnlyList<RemoteSecret> secrets, PipelineSink sink, CancellationToken cancellationToken)
    {
        foreach (var secret in secrets.Where(secret => secret.InstalledIn is null && !RevokeToken))
            sink.Failed(new MeshException(ErrorCatalog.RemoteSecretNotFound, $"remote secret {secret} is not installed anywhere", secret), secret);
        var planned = await sink.EachAsync(
            [.. secrets.Where(secret => secret.InstalledIn is not null)],
            ThrottleLimit,
            secret => secret,
            async (secret, stop) => (await SecretRemoval.PlanRemoteSecretsAsync(secret.InstalledIn!, secret.Namespace, (name, key) => Means(secret, name, key), stop)
                .ConfigureAwait(false)).Select(removal => new Part(secret, removal)).ToArray(),
            cancellationToken).ConfigureAwait(false);
        return [.. planned.SelectMany(parts => parts)];
    }

    private async Task<IReadOnlyList<SecretRemoval>> PlanTokensAsync(IReadOnlyList<RemoteSecret> secrets, PipelineSink sink, CancellationToken cancellationToken)
    {
        foreach (var secret in secrets.Where(secret => secret.SourceCluster is null))
            sink.Failed(new MeshException(ErrorCatalog.SourceClusterUnknown, $"the token of remote secret {secret} is not revoked: cluster {secret.ClusterId} was not given", secret), secret);
        var planned = await sink.EachAsync(
            [.. secrets.Where(secret => secret.SourceCluster is not null).DistinctBy(secret => (secret.SourceCluster!.Entry(), secret.Subject))],
            ThrottleLimit,
            secret => secret.SourceCluster,
            (secret, stop) =>
            {
                var account = ReaderAccount.Of(secret);
                return SecretRemoval.PlanTokensAsync(secret.SourceCluster!, account.Namespace, account.Name, stop);
            },
            cancellationToken).ConfigureAwait(false);
        return [.. planned.SelectMany(removals => removals)];
    }

    private static bool Means(RemoteSecret secret, string name, string key) =>
        string.Equals(name, secret.Name, StringComparison.Ordinal) && string.Equals(key, secret.ClusterId, StringComparison.Ordinal);

    private sealed record Part(RemoteSecret Secret, SecretRemoval Removal);

    /// <summary>The service account whose token a remote secret holds: <c>system:serviceaccount:NAMESPACE:NAME</c>.</summary>
    private sealed record ReaderAccount(string Namespace, string Name)
    {
        internal static ReaderAccount Of(RemoteSecret secret) => secret.Subject?.Split(':') is ["system", "serviceaccount", var ns, var name]
            ? new ReaderAccount(ns, name)
            : new ReaderAccount(secret.Namespace, "istio-reader-service-account");
    }
}
