using System.Text;
using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Errors;
using MeshTools.Kubernetes;

namespace MeshTools.Discovery;

/// <summary>
/// The Secret by which istiod of one cluster reads another: names, label, annotation and data key as <c>istioctl create-remote-secret</c> writes them.
/// No property shows the credential; only <see cref="GetManifest"/> and <see cref="ToYaml"/> on request give it away.
/// </summary>
public sealed class RemoteSecret
{
    /// <summary>Selects remote secrets (pkg/kube/multicluster/secretcontroller.go, <c>MultiClusterSecretLabel</c>).</summary>
    public const string Label = "istio/multiCluster";

    /// <summary>Tells people which cluster a remote secret is for; istiod goes by the data key.</summary>
    public const string ClusterAnnotation = "networking.istio.io/cluster";

    /// <summary>How the names of remote secrets begin.</summary>
    public const string NamePrefix = "istio-remote-secret-";

    /// <summary>What stands in the place of a credential that is not to be shown.</summary>
    internal const string Redacted = "REDACTED";

    private readonly RemoteCredential? _credential;

    internal RemoteSecret(string clusterId, string name, string @namespace, RemoteCredential? credential)
    {
        ClusterId = clusterId;
        Name = name;
        Namespace = @namespace;
        _credential = credential;
    }

    /// <summary>The cluster it leads to: the data key, which istiod takes as the cluster ID.</summary>
    public string ClusterId { get; }

    /// <summary>The Secret's name.</summary>
    public string Name { get; }

    /// <summary>The Secret's namespace: the reading control plane's.</summary>
    public string Namespace { get; }

    /// <summary>The API server it leads to.</summary>
    public string? Server => _credential?.Server;

    /// <summary>The name that the server's certificate is checked against, when it is not the server's own.</summary>
    public string? TlsServerName => _credential?.TlsServerName;

    /// <summary>Whom the token stands for, for example <c>system:serviceaccount:istio-system:istio-reader-service-account</c>.</summary>
    public string? Subject => _credential?.Claims?.Subject;

    /// <summary>When the token was issued; tokens of token Secrets do not say.</summary>
    public DateTimeOffset? IssuedAt => _credential?.Claims?.IssuedAt ?? TokenCreatedAt;

    /// <summary>When the token expires; <see langword="null"/> for tokens of token Secrets, which do not expire.</summary>
    public DateTimeOffset? ExpiresAt => _credential?.Claims?.ExpiresAt;

    /// <summary>The cluster it was made from; <see langword="null"/> for an installed one whose cluster is not known.</summary>
    public MeshCluster? SourceCluster { get; init; }

    /// <summary>The cluster where it is installed; <see langword="null"/> for one that was just made.</summary>
    public MeshCluster? InstalledIn { get; init; }

    /// <summary>What keeps it from working; empty when nothing does.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    internal DateTimeOffset? TokenCreatedAt { get; init; }

    internal RemoteCredential? Credential => _credential;

    /// <summary>The Secret itself, with the credential.</summary>
    /// <returns>A new object, complete enough to be applied.</returns>
    /// <exception cref="MeshException">The credential is not held (<c>CredentialNotHeld</c>).</exception>
    public KubernetesObject GetManifest()
    {
        var manifest = Envelope();
        var kubeconfig = Held().ToKubeconfig(ClusterId);
        manifest.Json["data"] = new JsonObject { [ClusterId] = Convert.ToBase64String(Encoding.UTF8.GetBytes(kubeconfig)) };
        return manifest;
    }

    /// <summary>The Secret as YAML, as istioctl prints it.</summary>
    /// <param name="includeCredential">Whether the token is in it; otherwise a word stands in its place.</param>
    /// <returns>The text.</returns>
    /// <exception cref="MeshException">The credential is not held (<c>CredentialNotHeld</c>).</exception>
    public string ToYaml(bool includeCredential = false)
    {
        var manifest = Envelope();
        manifest.Json["stringData"] = new JsonObject { [ClusterId] = Held().ToKubeconfig(ClusterId, includeCredential) };
        return KubernetesYaml.Write(manifest.Json);
    }

    /// <summary>The name of the Secret for a cluster.</summary>
    /// <param name="clusterId">The cluster ID.</param>
    /// <returns>The name.</returns>
    public static string NameFor(string clusterId) => NamePrefix + (DnsLabel.IsValid(clusterId) ? clusterId : DnsLabel.From(clusterId));

    /// <summary>The cluster ID under which others know a cluster: its own, else the DNS label of its context.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <returns>The ID.</returns>
    public static string ClusterIdOf(MeshCluster cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return cluster.ClusterId ?? DnsLabel.From(cluster.Context);
    }

    /// <summary>Name and cluster; never the credential.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Namespace}/{Name}";

    private RemoteCredential Held() => _credential ?? throw new MeshException(
        ErrorCatalog.CredentialNotHeld, $"remote secret {Namespace}/{Name} does not hold its credential", this);

    private KubernetesObject Envelope()
    {
        var manifest = KubernetesObject.Create("v1", "Secret", Name, Namespace);
        manifest.Json["metadata"]!["annotations"] = new JsonObject { [ClusterAnnotation] = ClusterId };
        manifest.Json["metadata"]!["labels"] = new JsonObject { [Label] = "true" };
        return manifest;
    }
}

/// <summary>How to make a remote secret.</summary>
public sealed record RemoteSecretOptions
{
    /// <summary>The data key; the cluster's own ID when absent.</summary>
    public string? ClusterId { get; init; }

    /// <summary>The namespace of the service account and of the Secret.</summary>
    public string Namespace { get; init; } = ControlPlaneRevision.DefaultNamespace;

    /// <summary>The service account whose token is used.</summary>
    public string ServiceAccount { get; init; } = ReaderObjects.DefaultServiceAccount;

    /// <summary>The token Secret to use; when absent, one that is there, else a new one.</summary>
    public string? SecretName { get; init; }

    /// <summary>The API server as the other clusters reach it; the kubeconfig's when absent.</summary>
    public Uri? Server { get; init; }

    /// <summary>The name to check the server's certificate against.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>Make the namespace when it is missing.</summary>
    public bool CreateNamespace { get; init; }

    /// <summary>How long the cluster may take to fill a token Secret.</summary>
    public TimeSpan TokenTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Take over fields that other field managers own.</summary>
    public bool ForceConflicts { get; init; }
}
