using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Trust;

/// <summary>Who signs the certificates of a cluster's workloads.</summary>
public enum CertificateAuthorityKind
{
    /// <summary>There is no control plane, or it has no authority yet.</summary>
    None,

    /// <summary>istiod, with the certificate of Secret <c>cacerts</c>.</summary>
    PluggedIn,

    /// <summary>istiod, with a root of its own making.</summary>
    SelfSigned,

    /// <summary>Mesh CA (<c>CA_PROVIDER: GoogleCA</c>).</summary>
    MeshCa,

    /// <summary>Certificate Authority Service (<c>CA_PROVIDER: GoogleCAS</c>).</summary>
    CaService,

    /// <summary>Another service, by its address.</summary>
    External,

    /// <summary>The user may not read the Secrets that would tell.</summary>
    Unknown,
}

/// <summary>A running istiod pod.</summary>
/// <param name="Name">The pod.</param>
/// <param name="StartedAt">When it started.</param>
internal sealed record IstiodPod(string Name, DateTimeOffset? StartedAt);

/// <summary>Everything that decides what one cluster trusts and signs with. Holds no key.</summary>
internal sealed class ClusterTrust
{
    /// <summary>The ConfigMap that workloads read their roots from.</summary>
    internal const string RootConfigMap = "istio-ca-root-cert";

    private ClusterTrust(MeshCluster cluster, string ns)
    {
        Cluster = cluster;
        Namespace = ns;
    }

    internal MeshCluster Cluster { get; }

    internal string Namespace { get; }

    internal bool NamespaceExists { get; private init; }

    /// <summary>Secret <c>cacerts</c> as it is.</summary>
    internal KubernetesObject? CacertsSecret { get; private init; }

    /// <summary>What <c>cacerts</c> holds.</summary>
    internal MeshCertificate? PluggedIn { get; private init; }

    /// <summary>Secret <c>istio-ca-secret</c> as it is.</summary>
    internal KubernetesObject? SelfSignedSecret { get; private init; }

    /// <summary>What <c>istio-ca-secret</c> holds.</summary>
    internal MeshCertificate? SelfSigned { get; private init; }

    /// <summary>What is wrong with the Secrets and ConfigMaps.</summary>
    internal IReadOnlyList<string> Problems { get; private init; } = [];

    /// <summary>The roots that istiod publishes in its own namespace.</summary>
    internal IReadOnlyList<X509Certificate2> Published { get; private init; } = [];

    /// <summary>Namespaces whose published roots are not those of istiod's own.</summary>
    internal IReadOnlyList<string> OutdatedNamespaces { get; private init; } = [];

    internal IReadOnlyList<string> Deployments { get; private init; } = [];

    internal IReadOnlyList<IstiodPod> Pods { get; private init; } = [];

    /// <summary>The ConfigMap of the mesh configuration.</summary>
    internal string MeshConfigMap { get; private init; } = "istio";

    /// <summary>The trust domain; <see langword="null"/> when the mesh configuration is not there or cannot be read.</summary>
    internal string? TrustDomain { get; private init; }

    internal IReadOnlyList<string> TrustDomainAliases { get; private init; } = [];

    internal CertificateAuthorityKind Authority { get; private init; }

    /// <summary>Where an authority outside of the cluster is.</summary>
    internal string? AuthorityAddress { get; private init; }

    /// <summary>When <c>cacerts</c> was written last.</summary>
    internal DateTimeOffset? CacertsWrittenAt => CacertsSecret is null ? null : Cacerts.WrittenAt(CacertsSecret);

    /// <summary>The certificate that istiod signs with, when it is in a Secret that istiod reads.</summary>
    internal MeshCertificate? Signing => Authority switch
    {
        CertificateAuthorityKind.PluggedIn => PluggedIn,
        CertificateAuthorityKind.SelfSigned => SelfSigned,
        _ => null,
    };

    /// <summary>Pods that started before <c>cacerts</c> was written.</summary>
    internal IEnumerable<IstiodPod> PodsOlderThanCacerts => Pods.Where(pod => pod.StartedAt < CacertsWrittenAt);

    internal IReadOnlySet<string> PublishedFingerprints => Published.Select(MeshCertificate.FingerprintOf).ToHashSet(StringComparer.Ordinal);

    internal static async Task<ClusterTrust> ReadAsync(MeshCluster cluster, string ns, IOperationLog log, CancellationToken cancellationToken)
    {
        var client = cluster.Connect();
        var reading = new PermittedReads(cluster, log);
        var istiod = new ListOptions { LabelSelector = ControlPlaneRevision.Selector };
        // The two Secrets and the namespace are what this is about: whoever may not read them learns it.
        var home = client.FindAsync(ResourceTypes.Namespace, null, ns, cancellationToken);
        var cacerts = client.FindAsync(ResourceTypes.Secret, ns, Cacerts.Name, cancellationToken);
        var own = client.FindAsync(ResourceTypes.Secret, ns, Cacerts.SelfSignedName, cancellationToken);
        var roots = RootsAsync(cluster, ns, cancellationToken);
        var deployments = reading.ListAsync(ResourceTypes.Deployment, ns, istiod, cancellationToken);
        var pods = reading.ListAsync(ResourceTypes.Pod, ns, istiod with { FieldSelector = "status.phase=Running" }, cancellationToken);
        await Task.WhenAll(home, cacerts, own, roots, deployments, pods).ConfigureAwait(false);

        var installed = await deployments.ConfigureAwait(false);
        var revision = RevisionOf(installed);
        var meshMap = ControlPlaneRevision.Revisioned("istio", revision);
        var meshRead = reading.FindAsync(ResourceTypes.ConfigMap, ns, meshMap, cancellationToken);
        // asmcli leaves its wishes for a managed control plane, of which nothing else is in the cluster, in a ConfigMap of its own.
        var authorityMap = installed.Count > 0 ? ControlPlaneRevision.Revisioned("istio-sidecar-injector", revision) : "asm-options";
        var authorityRead = reading.FindAsync(ResourceTypes.ConfigMap, ns, authorityMap, cancellationToken);
        await Task.WhenAll(meshRead, authorityRead).ConfigureAwait(false);
        var mesh = Parse(await meshRead.ConfigureAwait(false), "mesh");
        var named = await authorityRead.ConfigureAwait(false);
        var configuration = installed.Count > 0
            ? AuthorityConfiguration.Of(mesh, Parse(named, "values"), installed)
            : AuthorityConfiguration.OfManaged(named?.FindString("data", "ASM_OPTS"));
        var problems = new List<string>();
        var (published, outdated) = Read(await roots.ConfigureAwait(false), ns, problems);
        var cacertsSecret = await cacerts.ConfigureAwait(false);
        var ownSecret = await own.ConfigureAwait(false);
        var (authority, address) = AuthorityOf(configuration, cacertsSecret, ownSecret);
        return new ClusterTrust(cluster, ns)
        {
            NamespaceExists = await home.ConfigureAwait(false) is not null,
            CacertsSecret = cacertsSecret,
            PluggedIn = cacertsSecret is null ? null : Cacerts.Read(cacertsSecret, problems),
            SelfSignedSecret = ownSecret,
            // Where another authority is plugged in, an old istio-ca-secret means nothing.
            SelfSigned = ownSecret is null ? null : Cacerts.Read(ownSecret, authority == CertificateAuthorityKind.SelfSigned ? problems : []),
            Problems = problems,
            Published = published,
            OutdatedNamespaces = outdated,
            Deployments = [.. installed.Select(deployment => deployment.Name)],
            Pods =
            [
                .. (await pods.ConfigureAwait(false))
                    .Where(pod => pod.DeletionTimestamp is null)
                    .Select(pod => new IstiodPod(pod.Name, JsonAccess.AsTime(pod.FindString("status", "startTime")) ?? pod.CreationTimestamp)),
            ],
            MeshConfigMap = meshMap,
            TrustDomain = mesh is null ? null : mesh.FindString("trustDomain") is { Length: > 0 } domain ? domain : "cluster.local",
            TrustDomainAliases = mesh.FindStrings("trustDomainAliases"),
            Authority = authority,
            AuthorityAddress = address,
        };
    }

    /// <summary>The certificates of one published ConfigMap.</summary>
    internal static IReadOnlyList<X509Certificate2> RootsOf(KubernetesObject map, ICollection<string> problems)
    {
        if (map.FindString("data", Cacerts.RootKey) is not { Length: > 0 } pem)
            return [];
        try
        {
            return CertificateText.ReadCertificates(System.Text.Encoding.UTF8.GetBytes(pem), $"{map.Reference}: {Cacerts.RootKey}");
        }
        catch (MeshException e)
        {
            problems.Add(e.Message);
            return [];
        }
    }

    // All namespaces at once; whoever may not list them still sees istiod's own.
    private static async Task<IReadOnlyList<KubernetesObject>> RootsAsync(MeshCluster cluster, string ns, CancellationToken cancellationToken)
    {
        var client = cluster.Connect();
        try
        {
            var maps = new List<KubernetesObject>();
            await foreach (var map in client.ListAsync(ResourceTypes.ConfigMap, null, new ListOptions { FieldSelector = $"metadata.name={RootConfigMap}" }, cancellationToken).ConfigureAwait(false))
                maps.Add(map);
            return maps;
        }
        catch (KubernetesApiException e) when (e.IsForbidden)
        {
            return await client.FindAsync(ResourceTypes.ConfigMap, ns, RootConfigMap, cancellationToken).ConfigureAwait(false) is { } own ? [own] : [];
        }
    }

    private static (IReadOnlyList<X509Certificate2> Published, IReadOnlyList<string> Outdated) Read(IReadOnlyList<KubernetesObject> maps, string ns, List<string> problems)
    {
        var own = maps.FirstOrDefault(map => string.Equals(map.Namespace, ns, StringComparison.Ordinal));
        if (own is null)
            return ([], []);
        var published = RootsOf(own, problems);
        var wanted = published.Select(MeshCertificate.FingerprintOf).ToHashSet(StringComparer.Ordinal);
        return (published,
        [
            .. maps.Where(map => !wanted.SetEquals(RootsOf(map, problems).Select(MeshCertificate.FingerprintOf)))
                .Select(map => map.Namespace ?? "")
                .Order(StringComparer.Ordinal),
        ]);
    }

    // Revisions of one cluster share the mesh's values; the last in order is the newest by asm's naming.
    private static string RevisionOf(IReadOnlyList<KubernetesObject> deployments) =>
        deployments.Select(ControlPlaneRevision.From).Select(r => r.Revision).Order(StringComparer.Ordinal).LastOrDefault() ?? ControlPlaneRevision.DefaultRevision;

    // A ConfigMap that somebody broke tells nothing; the control plane itself complains about it. JSON is YAML, too.
    private static JsonNode? Parse(KubernetesObject? map, string key)
    {
        try
        {
            return map?.FindString("data", key) is { } text ? KubernetesYaml.ParseAll(text).FirstOrDefault() ?? new JsonObject() : null;
        }
        catch (KubernetesYamlException)
        {
            return null;
        }
    }

    /// <summary>Who signs, by what is configured and which Secrets are there.</summary>
    internal static (CertificateAuthorityKind Kind, string? Address) AuthorityOf(AuthorityConfiguration configuration, KubernetesObject? cacerts, KubernetesObject? own)
    {
        if (configuration.Outside is { } outside)
            return outside;
        if (cacerts is not null && cacerts.Find("data", Cacerts.GeneratedKey) is null)
            return (CertificateAuthorityKind.PluggedIn, null);
        return (own is not null ? CertificateAuthorityKind.SelfSigned : CertificateAuthorityKind.None, null);
    }
}
