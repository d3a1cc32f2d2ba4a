using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Errors;
using MeshTools.Kubernetes;

namespace MeshTools.Discovery;

/// <summary>What a cluster has of the objects by which others read it, and the remote secrets by which it reads others: three reads, in parallel.</summary>
internal sealed class ReaderState
{
    private readonly Lazy<IReadOnlyList<RemoteSecret>> _remoteSecrets;

    private ReaderState(MeshCluster cluster, string ns, IReadOnlyList<KubernetesObject> secrets, KubernetesObject? role, KubernetesObject? binding)
    {
        Cluster = cluster;
        Secrets = secrets;
        _remoteSecrets = new Lazy<IReadOnlyList<RemoteSecret>>(() => InstalledSecrets.Read(cluster, ns, secrets, []));
        Role = role;
        Binding = binding;
    }

    internal MeshCluster Cluster { get; }

    /// <summary>The Secrets of the control plane's namespace.</summary>
    internal IReadOnlyList<KubernetesObject> Secrets { get; }

    /// <summary>The remote secrets among them. Read once: every link of this reader asks, and each secret holds a kubeconfig to parse.</summary>
    internal IReadOnlyList<RemoteSecret> RemoteSecrets => _remoteSecrets.Value;

    internal KubernetesObject? Role { get; }

    internal KubernetesObject? Binding { get; }

    internal static async Task<ReaderState> ReadAsync(MeshCluster cluster, string ns, CancellationToken cancellationToken)
    {
        var secrets = ListSecretsAsync(cluster, ns, cancellationToken);
        var rbac = FindRbacAsync(cluster, ns, cancellationToken);
        await Task.WhenAll(secrets, rbac).ConfigureAwait(false);
        var (role, binding) = await rbac.ConfigureAwait(false);
        return new ReaderState(cluster, ns, await secrets.ConfigureAwait(false), role, binding);
    }

    internal static async Task<IReadOnlyList<KubernetesObject>> ListSecretsAsync(MeshCluster cluster, string ns, CancellationToken cancellationToken)
    {
        var result = new List<KubernetesObject>();
        await foreach (var secret in cluster.Connect().ListAsync(ResourceTypes.Secret, ns, cancellationToken: cancellationToken).ConfigureAwait(false))
            result.Add(secret);
        return result;
    }

    /// <summary>The token Secret to use, filled or not; <see langword="null"/> when one has to be made.</summary>
    /// <exception cref="MeshException">The Secret that was asked for is something else (<c>ForeignObject</c>).</exception>
    internal KubernetesObject? FindTokenSecret(RemoteSecretOptions options)
    {
        if (options.SecretName is { } wanted)
        {
            var named = Secrets.FirstOrDefault(secret => string.Equals(secret.Name, wanted, StringComparison.Ordinal));
            return named is null || ReaderObjects.IsTokenSecretOf(named, options.ServiceAccount)
                ? named
                : throw new MeshException(
                    ErrorCatalog.ForeignObject, $"{Cluster.Name}: secret {options.Namespace}/{wanted} is no token Secret of service account {options.ServiceAccount}", Cluster);
        }

        var ours = ReaderObjects.TokenSecretName(options.ServiceAccount);
        if (Secrets.FirstOrDefault(secret => string.Equals(secret.Name, ours, StringComparison.Ordinal)) is { } taken
            && !ReaderObjects.IsTokenSecretOf(taken, options.ServiceAccount))
        {
            throw new MeshException(
                ErrorCatalog.ForeignObject, $"{Cluster.Name}: secret {options.Namespace}/{ours} is there but is no token Secret of service account {options.ServiceAccount}", Cluster);
        }

        return Secrets
            .Where(secret => ReaderObjects.IsTokenSecretOf(secret, options.ServiceAccount) && secret.DeletionTimestamp is null)
            .OrderByDescending(ReaderObjects.IsFilled)
            .ThenByDescending(secret => string.Equals(secret.Name, ours, StringComparison.Ordinal))
            .ThenBy(secret => secret.Name, StringComparer.Ordinal)
            .FirstOrDefault();
    }

    // A revisioned control plane brings revisioned names; an older tool may have left the plain ones.
    private static async Task<(KubernetesObject? Role, KubernetesObject? Binding)> FindRbacAsync(MeshCluster cluster, string ns, CancellationToken cancellationToken)
    {
        var revision = cluster.Revision ?? (cluster.Revisions.Count > 0 ? cluster.Revisions[^1] : ControlPlaneRevision.DefaultRevision);
        string[] revisions = string.Equals(revision, ControlPlaneRevision.DefaultRevision, StringComparison.Ordinal)
            ? [revision]
            : [revision, ControlPlaneRevision.DefaultRevision];
        foreach (var name in revisions.Select(r => ReaderObjects.RoleNameFor(r, ns)))
        {
            var role = cluster.Connect().FindAsync(ResourceTypes.ClusterRole, null, name, cancellationToken);
            var binding = cluster.Connect().FindAsync(ResourceTypes.ClusterRoleBinding, null, name, cancellationToken);
            await Task.WhenAll(role, binding).ConfigureAwait(false);
            if (await role.ConfigureAwait(false) is { } found)
                return (found, await binding.ConfigureAwait(false));
        }

        return (null, null);
    }
}
