using static MeshTools.Errors.MeshErrorCategory;

namespace MeshTools.Errors;

/// <summary>Every error that this module reports, by id. Ids are property names, so that neither can drift from the other.</summary>
public static partial class ErrorCatalog
{
    /// <summary>The server refused the credential (401).</summary>
    public static ErrorDefinition KubeUnauthorized { get; } = new(nameof(KubeUnauthorized), AuthenticationError,
        "The API server refused the credential, or there was none.", "Sign in again, or renew the token or certificate of this context's user; `kubectl auth whoami --context CONTEXT` shows who the server sees.");

    /// <summary>The user lacks a permission (403).</summary>
    public static ErrorDefinition KubeForbidden { get; } = new(nameof(KubeForbidden), PermissionDenied,
        "The user may not do this; the message names verb, resource and user.", "Ask for a role that allows it, or use another context; `kubectl auth can-i VERB RESOURCE` checks it.");

    /// <summary>A quota is used up (403).</summary>
    public static ErrorDefinition QuotaExceeded { get; } = new(nameof(QuotaExceeded), LimitsExceeded,
        "A quota of the namespace is used up; the message names it.", "Have the quota raised, or remove what is not needed; `kubectl describe resourcequota -n NAMESPACE` shows what is used.");

    /// <summary>An admission webhook or policy refused a write.</summary>
    public static ErrorDefinition AdmissionRefused { get; } = new(nameof(AdmissionRefused), InvalidOperation,
        "An admission webhook or policy of the cluster refused the object; the message says which and why.", "Change what the policy names, or ask its owner for an exemption.");

    /// <summary>An object is not there (404).</summary>
    public static ErrorDefinition KubeNotFound { get; } = new(nameof(KubeNotFound), ObjectNotFound,
        "The object is not there.", "Check name, namespace and context.");

    /// <summary>The namespace is not there (404), or on its way out (403).</summary>
    public static ErrorDefinition NamespaceNotFound { get; } = new(nameof(NamespaceNotFound), ObjectNotFound,
        "The namespace is not there, or is being deleted.", "Install the control plane in that cluster first, name the namespace it lives in with -Namespace, or have the namespace made with -CreateNamespace.");

    /// <summary>The cluster does not serve a kind.</summary>
    public static ErrorDefinition KubeKindNotServed { get; } = new(nameof(KubeKindNotServed), NotInstalled,
        "The cluster does not serve this kind of object.", "Install the custom resource definitions that bring it, or use a cluster of a version that serves it.");

    /// <summary>An object is there already (409).</summary>
    public static ErrorDefinition KubeAlreadyExists { get; } = new(nameof(KubeAlreadyExists), ResourceExists,
        "An object of that name is there already.", "Choose another name, or remove the object.");

    /// <summary>Another field manager owns fields (409).</summary>
    public static ErrorDefinition ApplyConflict { get; } = new(nameof(ApplyConflict), ResourceBusy,
        "Another field manager owns fields that would be changed; the message names manager and fields.",
        "Take the fields over with -ForceConflicts, or let the other manager give them up or set the same values.");

    /// <summary>An object changed meanwhile (409).</summary>
    public static ErrorDefinition KubeConflict { get; } = new(nameof(KubeConflict), ResourceBusy,
        "The object was changed by somebody else meanwhile.", "Run the command again.");

    /// <summary>A version is too old (410).</summary>
    public static ErrorDefinition KubeExpired { get; } = new(nameof(KubeExpired), InvalidResult,
        "The server has forgotten the version that was asked for.", "Run the command again.");

    /// <summary>An object or a request is not valid (400, 415, 422).</summary>
    public static ErrorDefinition KubeInvalid { get; } = new(nameof(KubeInvalid), InvalidData,
        "The server does not accept the object; the message names each field.", "Correct the named fields.");

    /// <summary>Too many requests, and no end of it (429).</summary>
    public static ErrorDefinition KubeThrottled { get; } = new(nameof(KubeThrottled), LimitsExceeded,
        "The server kept asking to slow down.", "Run the command again later, or with a lower -ThrottleLimit.");

    /// <summary>The server failed (5xx).</summary>
    public static ErrorDefinition KubeServerError { get; } = new(nameof(KubeServerError), ResourceUnavailable,
        "The API server failed to answer the request.", "Run the command again; if it stays, look at the health of that cluster's control plane (`kubectl get --raw /readyz?verbose`).");

    /// <summary>Any other refusal.</summary>
    public static ErrorDefinition KubeRequestFailed { get; } = new(nameof(KubeRequestFailed), InvalidResult,
        "The API server refused the request.", "See the message; the exception's Status holds the whole answer.");

    /// <summary>No connection.</summary>
    public static ErrorDefinition EndpointUnreachable { get; } = new(nameof(EndpointUnreachable), ConnectionError,
        "The API server cannot be reached: its name does not resolve, nothing listens, the network drops packets, or the proxy refuses.",
        "Check that the cluster is up and the server of the context right, and that VPN, firewall, authorized networks and proxy let this machine through.");

    /// <summary>The certificate is for another name.</summary>
    public static ErrorDefinition TlsNameMismatch { get; } = new(nameof(TlsNameMismatch), SecurityError,
        "The server's certificate is right but for another name.", "Use a server address that the certificate names, or set tls-server-name in the kubeconfig to one of its names.");

    /// <summary>The certificate comes from an unknown authority.</summary>
    public static ErrorDefinition TlsUntrusted { get; } = new(nameof(TlsUntrusted), SecurityError,
        "The server's certificate is not signed by the authority that the kubeconfig names.", "Fetch the kubeconfig anew; if a proxy stands before the API server, use the proxy's authority.");

    /// <summary>The certificate has expired or is not valid yet.</summary>
    public static ErrorDefinition TlsExpired { get; } = new(nameof(TlsExpired), SecurityError,
        "The server's certificate is not valid now.", "Renew the server's certificate, and check this machine's clock.");

    /// <summary>A credential plugin's program is missing.</summary>
    public static ErrorDefinition ExecPluginNotFound { get; } = new(nameof(ExecPluginNotFound), NotInstalled,
        "The credential plugin that the kubeconfig names is not installed.", "Install the plugin and put it on PATH.");

    /// <summary>A credential plugin gave no credential.</summary>
    public static ErrorDefinition ExecPluginFailed { get; } = new(nameof(ExecPluginFailed), AuthenticationError,
        "The credential plugin of the kubeconfig gave no usable credential.", "Run the plugin's command by hand, sign in where it asks to, and try again.");

    /// <summary>A credential file cannot be used.</summary>
    public static ErrorDefinition CredentialUnusable { get; } = new(nameof(CredentialUnusable), AuthenticationError,
        "A token file, certificate or key of the kubeconfig cannot be used.", "Renew the file that the message names.");

    /// <summary>A kubeconfig is missing or unreadable.</summary>
    public static ErrorDefinition KubeconfigNotFound { get; } = new(nameof(KubeconfigNotFound), ObjectNotFound,
        "The kubeconfig is not there or cannot be read.", "Check the path.");

    /// <summary>A kubeconfig cannot be used.</summary>
    public static ErrorDefinition KubeconfigInvalid { get; } = new(nameof(KubeconfigInvalid), ParserError,
        "The kubeconfig cannot be parsed, or its entries are missing or contradictory.", "Correct the place that the message names.");

    /// <summary>A context is missing.</summary>
    public static ErrorDefinition ContextNotFound { get; } = new(nameof(ContextNotFound), ObjectNotFound,
        "No context has that name; the message lists those there are.", "Choose one of the contexts there are, or name the right file with -Kubeconfig.");

    /// <summary>A YAML text is broken.</summary>
    public static ErrorDefinition YamlInvalid { get; } = new(nameof(YamlInvalid), ParserError,
        "A YAML text cannot be parsed; the message gives line and column.", "Correct the text there.");

    /// <summary>Something did not become true in time.</summary>
    public static ErrorDefinition MeshWaitTimeout { get; } = new(nameof(MeshWaitTimeout), OperationTimeout,
        "What was waited for did not become true in time; the message says what was missing.", "See what the message names; then run the command again, or with a longer -Timeout.");

    /// <summary>A rollout failed.</summary>
    public static ErrorDefinition RolloutFailed { get; } = new(nameof(RolloutFailed), InvalidResult,
        "A rollout cannot finish.", "Look at the pods of the workload that the message names.");

    /// <summary>Exec or port-forward failed.</summary>
    public static ErrorDefinition StreamingFailed { get; } = new(nameof(StreamingFailed), ConnectionError,
        "An exec or a port-forward was refused or broke off.", "Check that the pod runs, and that you may create pods/exec and pods/portforward.");

    /// <summary>No control plane.</summary>
    public static ErrorDefinition ControlPlaneNotFound { get; } = new(nameof(ControlPlaneNotFound), ObjectNotFound,
        "No istiod runs in the cluster.", "Install the control plane in that cluster first.");

    /// <summary>One cluster under two entries.</summary>
    public static ErrorDefinition DuplicateCluster { get; } = new(nameof(DuplicateCluster), InvalidArgument,
        "Two contexts lead to the same cluster.", "Leave one of the two contexts out.");

    /// <summary>Two clusters with one cluster ID.</summary>
    public static ErrorDefinition DuplicateClusterId { get; } = new(nameof(DuplicateClusterId), InvalidArgument,
        "Two clusters have the same cluster ID; istiod would ignore one of them.", "Install one of the control planes with another cluster ID (values.global.multiCluster.clusterName).");

    /// <summary>Too few clusters.</summary>
    public static ErrorDefinition TooFewClusters { get; } = new(nameof(TooFewClusters), InvalidArgument,
        "There are not enough clusters for what was asked.", "Give at least two clusters, for example by Get-MeshCluster.");

    /// <summary>A cluster ID that cannot be used.</summary>
    public static ErrorDefinition ClusterIdInvalid { get; } = new(nameof(ClusterIdInvalid), InvalidArgument,
        "A cluster ID cannot be the name of a remote cluster.", "Use at most 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit.");

    /// <summary>A primary that is not among the clusters.</summary>
    public static ErrorDefinition PrimaryNotFound { get; } = new(nameof(PrimaryNotFound), InvalidArgument,
        "A primary cluster is missing or not among the clusters.", "Name primaries by the names or cluster IDs of clusters in the pipeline.");

    /// <summary>A server address that cannot stand in a remote secret.</summary>
    public static ErrorDefinition ServerInvalid { get; } = new(nameof(ServerInvalid), InvalidArgument,
        "The server address cannot stand in a remote secret.", "Give an absolute https URL with -Server.");

    /// <summary>The token did not come.</summary>
    public static ErrorDefinition TokenNotIssued { get; } = new(nameof(TokenNotIssued), OperationTimeout,
        "The cluster did not fill the token Secret of the reader service account in time.",
        "Check that the cluster's token controller runs (kube-controller-manager with a service account key) and that nothing deletes the Secret; then run the command again.");

    /// <summary>A Secret of that name is something else.</summary>
    public static ErrorDefinition ForeignObject { get; } = new(nameof(ForeignObject), ResourceExists,
        "An object of that name is there and is something else.", "Rename or remove it, or choose another name.");

    /// <summary>A remote secret is not there.</summary>
    public static ErrorDefinition RemoteSecretNotFound { get; } = new(nameof(RemoteSecretNotFound), ObjectNotFound,
        "No such remote secret is installed.", "List what is installed with Get-RemoteSecret.");

    /// <summary>A remote secret would be installed in its own cluster.</summary>
    public static ErrorDefinition RemoteSecretForItself { get; } = new(nameof(RemoteSecretForItself), InvalidArgument,
        "A cluster needs no remote secret for itself; istiod would ignore it.", "Give other clusters as -Destination.");

    /// <summary>A remote secret without its credential.</summary>
    public static ErrorDefinition CredentialNotHeld { get; } = new(nameof(CredentialNotHeld), InvalidArgument,
        "This remote secret does not hold its credential.", "Make it with New-RemoteSecret and pass it on in the same session.");

    /// <summary>A link that could not be made because one of its clusters failed.</summary>
    public static ErrorDefinition LinkFailed { get; } = new(nameof(LinkFailed), InvalidResult,
        "A link could not be made.", "See the reason; then run the command again, which does only what is missing.");

    /// <summary>Anything that was not foreseen.</summary>
    public static ErrorDefinition UnexpectedError { get; } = new(nameof(UnexpectedError), NotSpecified,
        "Something that was not foreseen.", "Run the command again with -Verbose; if it stays, report it with the text of $Error[0].Exception.");

    /// <summary>All entries, by id. Collected when asked for: the entries of the other parts of this class are not there yet while this part is initialised.</summary>
    public static IReadOnlyList<ErrorDefinition> All =>
    [
        .. typeof(ErrorCatalog).GetProperties()
            .Where(property => property.PropertyType == typeof(ErrorDefinition))
            .OrderBy(property => property.Name, StringComparer.Ordinal)
            .Select(property => (ErrorDefinition)property.GetValue(null)!),
    ];
}
