using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Discovery;

/// <summary>One remote secret on its way into one cluster.</summary>
public sealed class SecretInstallation
{
    private readonly RemoteSecret _secret;
    private readonly KubernetesObject? _live;
    private readonly bool _forceConflicts;

    internal SecretInstallation(RemoteSecret secret, MeshCluster destination, KubernetesObject? live, bool forceConflicts)
    {
        _secret = secret;
        _live = live;
        _forceConflicts = forceConflicts;
        Destination = destination;
        Change = new PlannedChange(
            destination,
            new ObjectReference("v1", "Secret", secret.Name, secret.Namespace),
            KindOf(secret, live),
            $"remote secret for cluster {secret.ClusterId}");
    }

    /// <summary>The cluster whose control plane is to read the other.</summary>
    public MeshCluster Destination { get; }

    /// <summary>What would happen.</summary>
    public PlannedChange Change { get; }

    /// <summary>Looks at a destination. Nothing is written.</summary>
    /// <param name="secret">The remote secret, with its credential.</param>
    /// <param name="destination">The cluster whose control plane is to read the other.</param>
    /// <param name="forceConflicts">Take over fields that other field managers own.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="MeshException">The destination is the secret's own cluster, or its namespace is missing.</exception>
    /// <exception cref="KubernetesException">The destination cannot be read.</exception>
    public static async Task<SecretInstallation> PlanAsync(
        RemoteSecret secret, MeshCluster destination, bool forceConflicts, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(secret);
        ArgumentNullException.ThrowIfNull(destination);
        if (secret.SourceCluster is { } source && (SameCluster(source, destination) || string.Equals(secret.ClusterId, destination.ClusterId, StringComparison.Ordinal)))
            throw new MeshException(ErrorCatalog.RemoteSecretForItself, $"{destination.Name}: remote secret {secret.Name} is for this cluster itself (cluster ID {secret.ClusterId})", destination);
        _ = secret.GetManifest();
        var client = destination.Connect();
        var live = await client.FindAsync(ResourceTypes.Secret, secret.Namespace, secret.Name, cancellationToken).ConfigureAwait(false);
        if (live is null && await client.FindAsync(ResourceTypes.Namespace, null, secret.Namespace, cancellationToken).ConfigureAwait(false) is null)
            throw new MeshException(ErrorCatalog.NamespaceNotFound, $"{destination.Name}: namespace {secret.Namespace} does not exist", destination);
        return new SecretInstallation(secret, destination, live, forceConflicts);
    }

    /// <summary>Installs the secret, when it is not there as it should be.</summary>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The secret as it is installed.</returns>
    /// <exception cref="KubernetesException">The request fails; <c>ApplyConflict</c> when another field manager owns what would change.</exception>
    public async Task<RemoteSecret> ExecuteAsync(CancellationToken cancellationToken)
    {
        if (Change.Writes)
        {
            await Destination.Connect().ApplyAsync(_secret.GetManifest(), new ApplyOptions { ForceConflicts = _forceConflicts }, cancellationToken)
                .ConfigureAwait(false);
        }

        return new RemoteSecret(_secret.ClusterId, _secret.Name, _secret.Namespace, _secret.Credential)
        {
            SourceCluster = _secret.SourceCluster, InstalledIn = Destination, TokenCreatedAt = _live?.CreationTimestamp ?? _secret.TokenCreatedAt,
        };
    }

    internal static bool SameCluster(MeshCluster one, MeshCluster other) =>
        one.Entry() == other.Entry() || (one.Uid is not null && string.Equals(one.Uid, other.Uid, StringComparison.Ordinal));

    private static ChangeKind KindOf(RemoteSecret secret, KubernetesObject? live)
    {
        if (live is null)
            return ChangeKind.Create;
        var buffer = new byte[live.FindString("data", secret.ClusterId)?.Length ?? 0];
        var same = buffer.Length > 0
            && Convert.TryFromBase64String(live.FindString("data", secret.ClusterId) ?? "", buffer, out var length)
            && RemoteCredential.TryRead(buffer[..length], []) is { } credential
            && secret.Credential is { } wanted
            && wanted.SameAs(credential)
            && InstalledSecrets.IsLabelled(live)
            && string.Equals(live.Annotations.GetValueOrDefault(RemoteSecret.ClusterAnnotation), secret.ClusterId, StringComparison.Ordinal);
        return same ? ChangeKind.Unchanged : ChangeKind.Update;
    }
}
