using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Discovery;

/// <summary>The removal of one Secret, or of one key of it. Of a Secret that leads to several clusters, only the one key goes.</summary>
public sealed class SecretRemoval
{
    private readonly KubernetesObject _live;
    private readonly string? _onlyKey;

    private SecretRemoval(MeshCluster cluster, KubernetesObject live, string? onlyKey, string description)
    {
        _live = live;
        _onlyKey = onlyKey;
        Change = new PlannedChange(cluster, live.Reference, onlyKey is null ? ChangeKind.Delete : ChangeKind.Update, description);
    }

    /// <summary>What would happen.</summary>
    public PlannedChange Change { get; }

    /// <summary>Removes it. That somebody else removed it meanwhile is fine.</summary>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>A task.</returns>
    /// <exception cref="KubernetesException">The request fails.</exception>
    public async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        var client = Change.Cluster.Connect();
        if (_onlyKey is null)
        {
            // A Secret that was made anew under this name is another one and stays.
            var options = new DeleteOptions { Preconditions = new DeletePreconditions(_live.Uid) };
            await client.DeleteAsync(ResourceTypes.Secret, _live.Namespace, _live.Name, options, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            var patch = new JsonObject { ["data"] = new JsonObject { [_onlyKey] = null } };
            try
            {
                await client.PatchAsync(ResourceTypes.Secret, _live.Namespace, _live.Name, Patch.Merge(patch), null, cancellationToken).ConfigureAwait(false);
            }
            catch (KubernetesApiException e) when (e.IsNotFound)
            {
                // The whole Secret went meanwhile, and the key with it.
            }
        }
    }

    /// <summary>Finds the remote secrets for a cluster in the control plane's namespace. Nothing is written.</summary>
    /// <param name="cluster">The cluster where they are installed.</param>
    /// <param name="controlPlaneNamespace">The control plane's namespace.</param>
    /// <param name="wanted">Takes a Secret's name and a data key and says whether it is to go.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The removals; empty when there is nothing to remove.</returns>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    public static async Task<IReadOnlyList<SecretRemoval>> PlanRemoteSecretsAsync(
        MeshCluster cluster, string controlPlaneNamespace, Func<string, string, bool> wanted, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(wanted);
        var secrets = await ReaderState.ListSecretsAsync(cluster, controlPlaneNamespace, cancellationToken).ConfigureAwait(false);
        return [.. RemoteSecrets(cluster, secrets, wanted)];
    }

    /// <summary>Finds the token Secrets of the reader service account: without them no cluster can read this one any more.</summary>
    /// <param name="cluster">The cluster that others read.</param>
    /// <param name="controlPlaneNamespace">The service account's namespace.</param>
    /// <param name="serviceAccount">The service account.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The removals; empty when there is no token.</returns>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    public static async Task<IReadOnlyList<SecretRemoval>> PlanTokensAsync(
        MeshCluster cluster, string controlPlaneNamespace, string serviceAccount, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        var secrets = await ReaderState.ListSecretsAsync(cluster, controlPlaneNamespace, cancellationToken).ConfigureAwait(false);
        return [.. Tokens(cluster, secrets, serviceAccount)];
    }

    internal static IEnumerable<SecretRemoval> RemoteSecrets(MeshCluster cluster, IEnumerable<KubernetesObject> secrets, Func<string, string, bool> wanted)
    {
        foreach (var secret in secrets.Where(s => InstalledSecrets.IsLabelled(s) || s.Name.StartsWith(RemoteSecret.NamePrefix, StringComparison.Ordinal)))
        {
            string[] keys = [.. JsonAccess.ToStringMap(secret.Find("data")).Keys];
            string[] going = [.. keys.Where(key => wanted(secret.Name, key))];
            if (going.Length > 0 && going.Length == keys.Length)
                yield return new SecretRemoval(cluster, secret, null, $"remote secret for cluster {string.Join(", ", going)}");
            else
            {
                foreach (var key in going)
                    yield return new SecretRemoval(cluster, secret, key, $"key {key} of a remote secret that leads to other clusters as well");
            }
        }
    }

    internal static IEnumerable<SecretRemoval> Tokens(MeshCluster cluster, IEnumerable<KubernetesObject> secrets, string serviceAccount) =>
        secrets.Where(secret => ReaderObjects.IsTokenSecretOf(secret, serviceAccount))
            .Select(secret => new SecretRemoval(cluster, secret, null, $"token of service account {serviceAccount}, with which other clusters read this one"));
}
