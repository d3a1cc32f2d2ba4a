using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Kubernetes;
using MeshTools.Managed;
using MeshTools.Operations;
using MeshTools.Revisions;
using MeshTools.Trust;

namespace MeshTools.Install;

/// <summary>Finds what is installed.</summary>
public static class InstallationCatalog
{
    /// <summary>Every revision of a service mesh in a cluster, with what it is configured to be.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="controlPlaneNamespace">The control plane's namespace.</param>
    /// <param name="log">Takes warnings about what may not be read.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The installations, by revision; none when there is no control plane.</returns>
    /// <exception cref="KubernetesException">The cluster does not answer.</exception>
    public static async Task<IReadOnlyList<ServiceMeshInstallation>> GetAsync(
        MeshCluster cluster, string controlPlaneNamespace, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(log);
        var revisions = await RevisionReading.ReadAsync(cluster, controlPlaneNamespace, log, cancellationToken).ConfigureAwait(false);
        if (revisions.Revisions.Count == 0)
            return [];
        var reads = new PermittedReads(cluster, log);
        var cacerts = reads.FindAsync(ResourceTypes.Secret, controlPlaneNamespace, "cacerts", cancellationToken);
        var own = reads.FindAsync(ResourceTypes.Secret, controlPlaneNamespace, "istio-ca-secret", cancellationToken);
        var options = reads.FindAsync(ResourceTypes.ConfigMap, controlPlaneNamespace, "asm-options", cancellationToken);
        await Task.WhenAll(cacerts, own, options).ConfigureAwait(false);
        var keys = new SigningSecrets(await cacerts.ConfigureAwait(false), await own.ConfigureAwait(false), await options.ConfigureAwait(false));
        return await Task.WhenAll(revisions.Revisions.Select(revision => DescribeAsync(revisions, revision, keys, reads, cancellationToken))).ConfigureAwait(false);
    }

    private static async Task<ServiceMeshInstallation> DescribeAsync(
        RevisionReading reading, string name, SigningSecrets keys, PermittedReads reads, CancellationToken cancellationToken)
    {
        var revision = reading.Describe(name);
        var mesh = reads.FindAsync(ResourceTypes.ConfigMap, reading.Namespace, ControlPlaneRevision.Revisioned("istio", name), cancellationToken);
        var injector = reads.FindAsync(ResourceTypes.ConfigMap, reading.Namespace, ControlPlaneRevision.Revisioned("istio-sidecar-injector", name), cancellationToken);
        await Task.WhenAll(mesh, injector).ConfigureAwait(false);
        var meshMap = await mesh.ConfigureAwait(false);
        var injectorMap = await injector.ConfigureAwait(false);
        var settings = MeshSettings.From(meshMap, injectorMap);
        KubernetesObject[] deployments = [.. reading.Deployments.Where(deployment => string.Equals(RevisionReading.RevisionOf(deployment), name, StringComparison.Ordinal))];
        var (authority, address) = ClusterTrust.AuthorityOf(
            revision.IsExternal ? AuthorityConfiguration.OfManaged(keys.ManagedOptions?.FindString("data", "ASM_OPTS")) : AuthorityConfiguration.Of(Parse(meshMap, "mesh"), Parse(injectorMap, "values"), deployments),
            keys.PluggedIn,
            keys.SelfSigned);
        // A managed control plane signs with Mesh CA unless it is told otherwise.
        if (reading.ManagedOf(name) is not null && AsmOptions.Parse(keys.ManagedOptions?.FindString("data", AsmOptions.Key)).Signer is MeshAuthority.MeshCA)
            (authority, address) = (CertificateAuthorityKind.MeshCa, "meshca.googleapis.com:443");
        if (authority is CertificateAuthorityKind.None && reads.WasRefused(ResourceTypes.Secret))
            authority = CertificateAuthorityKind.Unknown;
        return new ServiceMeshInstallation(reading.Cluster, name)
        {
            Version = revision.Version,
            CertificateAuthority = authority,
            CertificateAuthorityAddress = address,
            Replicas = revision.Replicas,
            ReadyReplicas = revision.ReadyReplicas,
            IsExternal = revision.IsExternal,
            Channel = revision.Channel,
            State = revision.State,
            Ready = revision.Ready,
            Conditions = InstallationConditions.Of(reading, revision),
            Tags = revision.Tags,
            Webhooks = [.. reading.Injectors.Concat(reading.Validators).Where(webhook => string.Equals(RevisionReading.RevisionOf(webhook), name, StringComparison.Ordinal)).Select(webhook => webhook.Name)],
            InjectedNamespaces = revision.InjectedNamespaces,
            ClusterId = settings.ClusterName ?? revision.ClusterId,
            MeshId = settings.MeshId,
            Network = settings.Network,
            TrustDomain = settings.TrustDomain,
        };
    }

    // What somebody broke tells nothing; JSON is YAML, too.
    private static JsonNode? Parse(KubernetesObject? map, string key)
    {
        try
        {
            return map?.FindString("data", key) is { } text ? KubernetesYaml.ParseAll(text).FirstOrDefault() : null;
        }
        catch (KubernetesYamlException)
        {
            return null;
        }
    }

    private sealed record SigningSecrets(KubernetesObject? PluggedIn, KubernetesObject? SelfSigned, KubernetesObject? ManagedOptions);
}
