using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Discovery;

/// <summary>The remote secrets that are installed in a cluster.</summary>
public static class InstalledSecrets
{
    /// <summary>Finds remote secrets by label and by name, in every namespace that may be read: one in the wrong namespace, or without its label, is a frequent mistake.</summary>
    /// <param name="cluster">The cluster whose control plane reads others.</param>
    /// <param name="controlPlaneNamespace">The control plane's namespace.</param>
    /// <param name="known">Clusters that the secrets may lead to.</param>
    /// <param name="log">Takes warnings.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>One entry for every data key, with what keeps it from working.</returns>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    public static async Task<IReadOnlyList<RemoteSecret>> FindAsync(
        MeshCluster cluster, string controlPlaneNamespace, IReadOnlyList<MeshCluster> known, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(log);
        var secrets = new List<KubernetesObject>();
        try
        {
            var opaque = new ListOptions { FieldSelector = "type=Opaque" };
            await foreach (var secret in cluster.Connect().ListAsync(ResourceTypes.Secret, null, opaque, cancellationToken).ConfigureAwait(false))
                secrets.Add(secret);
        }
        catch (KubernetesApiException e) when (e.IsForbidden)
        {
            log.Warning($"{cluster.Name}: {e.Status.Message}; only namespace {controlPlaneNamespace} is searched.");
            secrets.AddRange(await ReaderState.ListSecretsAsync(cluster, controlPlaneNamespace, cancellationToken).ConfigureAwait(false));
        }

        return Read(cluster, controlPlaneNamespace, secrets, known);
    }

    internal static IReadOnlyList<RemoteSecret> Read(
        MeshCluster cluster, string controlPlaneNamespace, IEnumerable<KubernetesObject> secrets, IReadOnlyList<MeshCluster> known)
    {
        RemoteSecret[] found =
        [
            .. from secret in secrets.OrderBy(secret => $"{secret.Namespace}/{secret.Name}", StringComparer.Ordinal)
               where IsLabelled(secret) || secret.Labels.ContainsKey(RemoteSecret.Label) || secret.Name.StartsWith(RemoteSecret.NamePrefix, StringComparison.Ordinal)
               from entry in JsonAccess.ToStringMap(secret.Find("data"))
               select Read(cluster, controlPlaneNamespace, secret, entry.Key, entry.Value, known),
        ];
        return WithDuplicates(found);
    }

    /// <summary>Whether istiod takes a Secret as a remote secret, its namespace aside.</summary>
    internal static bool IsLabelled(KubernetesObject secret) => secret.Labels.GetValueOrDefault(RemoteSecret.Label) is "true";

    private static RemoteSecret Read(
        MeshCluster cluster, string controlPlaneNamespace, KubernetesObject secret, string key, string data, IReadOnlyList<MeshCluster> known)
    {
        var problems = new List<string>();
        if (!string.Equals(secret.Namespace, controlPlaneNamespace, StringComparison.Ordinal))
            problems.Add($"is in namespace {secret.Namespace}, where istiod does not look; it looks in {controlPlaneNamespace}");
        if (!IsLabelled(secret))
            problems.Add($"has no label {RemoteSecret.Label}=true, by which istiod finds it");
        if (string.Equals(key, cluster.ClusterId, StringComparison.Ordinal))
            problems.Add("is for this cluster itself; istiod ignores it");
        var buffer = new byte[data.Length];
        var credential = Convert.TryFromBase64String(data, buffer, out var length)
            ? RemoteCredential.TryRead(buffer[..length], problems)
            : null;
        var source = known.FirstOrDefault(c => string.Equals(RemoteSecret.ClusterIdOf(c), key, StringComparison.Ordinal));
        if (source is null && credential is not null && known.FirstOrDefault(c => LeadsTo(credential, c)) is { } renamed)
        {
            source = renamed;
            problems.Add($"leads to {renamed.Name}, whose cluster ID is {RemoteSecret.ClusterIdOf(renamed)}, not {key}");
        }
        else if (source is not null && credential is not null && !LeadsTo(credential, source) && known.Append(cluster).FirstOrDefault(c => LeadsTo(credential, c)) is { } wrong)
        {
            problems.Add($"is for {source.Name} but leads to {wrong.Name} ({credential.Server})");
        }

        if (credential?.Claims?.ExpiresAt is { } expiry && expiry < DateTimeOffset.UtcNow)
            problems.Add($"holds a token that expired on {expiry:u}");
        return new RemoteSecret(key, secret.Name, secret.Namespace ?? controlPlaneNamespace, credential)
        {
            SourceCluster = source, InstalledIn = cluster, Problems = problems, TokenCreatedAt = secret.CreationTimestamp,
        };
    }

    internal static bool LeadsTo(RemoteCredential credential, MeshCluster cluster) =>
        cluster.Server is { } server && credential.LeadsTo(server.AbsoluteUri);

    private static RemoteSecret[] WithDuplicates(RemoteSecret[] found)
    {
        var working = found.Where(secret => secret.Problems.Count == 0).ToLookup(secret => secret.ClusterId, StringComparer.Ordinal);
        return
        [
            .. found.Select(secret => secret.Problems.Count == 0 && working[secret.ClusterId].Skip(1).Any()
                ? new RemoteSecret(secret.ClusterId, secret.Name, secret.Namespace, secret.Credential)
                {
                    SourceCluster = secret.SourceCluster, InstalledIn = secret.InstalledIn, TokenCreatedAt = secret.TokenCreatedAt,
                    Problems = [$"is one of several for cluster ID {secret.ClusterId}; istiod takes whichever it sees first"],
                }
                : secret),
        ];
    }
}
