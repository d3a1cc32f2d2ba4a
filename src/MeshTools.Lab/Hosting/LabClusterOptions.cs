namespace MeshTools.Lab;

/// <summary>One cluster of a lab.</summary>
public sealed record LabClusterOptions
{
    /// <summary>Project in the names of clusters that look like GKE's.</summary>
    public const string GkeProject = "lab-project";

    /// <summary>Location in the names of clusters that look like GKE's.</summary>
    public const string GkeLocation = "us-central1-c";

    /// <summary>The cluster's name; a DNS label, unique in the lab.</summary>
    public required string Name { get; init; }

    /// <summary>Its context in the kubeconfig; null for the name, or the form that GKE gives contexts.</summary>
    public string? ContextName { get; init; }

    /// <summary>Its ID in the mesh; null for the name, or <c>cn-PROJECT-LOCATION-NAME</c> on GKE.</summary>
    public string? ClusterId { get; init; }

    /// <summary>Whether istiod is installed.</summary>
    public bool ControlPlane { get; init; } = true;

    /// <summary>The control plane's revision; null or <c>default</c> for names without one.</summary>
    public string? Revision { get; init; }

    /// <summary>Replicas of istiod, 0 or more.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>The version istiod says it is.</summary>
    public string IstioVersion { get; init; } = "1.30.3";

    /// <summary>The mesh's ID; null for none.</summary>
    public string? MeshId { get; init; } = "lab-mesh";

    /// <summary>The network; null for none.</summary>
    public string? Network { get; init; } = "lab-network";

    /// <summary>The trust domain.</summary>
    public string TrustDomain { get; init; } = "cluster.local";

    /// <summary>Further trust domains that are accepted.</summary>
    public IReadOnlyList<string> TrustDomainAliases { get; init; } = [];

    /// <summary>Whose cluster it looks like.</summary>
    public LabPlatform Platform { get; init; }

    /// <summary>
    /// The issuer of its service account tokens; null for what is usual for its platform: a public place for EKS and AKS, and Kubernetes' own default, which only the cluster itself can
    /// reach, for others.
    /// </summary>
    public string? Issuer { get; init; }

    /// <summary>Number of nodes.</summary>
    public int NodeCount { get; init; } = 1;

    /// <summary>The version the API server says it is.</summary>
    public string ServerVersion { get; init; } = MeshTools.Lab.ServerVersion.Default;

    /// <summary>When token Secrets are filled.</summary>
    public TokenFilling Tokens { get; init; } = TokenFilling.Immediate;

    /// <summary>How load balancers get addresses.</summary>
    public LoadBalancing LoadBalancers { get; init; } = LoadBalancing.Immediate;

    /// <summary>Whether the definitions of the Kubernetes Gateway API are installed; istiod then looks after its Gateways.</summary>
    public bool GatewayApi { get; init; }

    /// <summary>How long istiod waits for a remote cluster before it says <c>timeout</c> (PILOT_REMOTE_CLUSTER_TIMEOUT); zero for ever.</summary>
    public TimeSpan RemoteTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>First pause before istiod tries a remote cluster again; doubles up to 30 s (client-go tools/cache/reflector.go).</summary>
    public TimeSpan RemoteRetry { get; init; } = TimeSpan.FromMilliseconds(800);

    /// <summary>How long a container that ended with an error waits before it is started again (a kubelet: ten seconds, doubling).</summary>
    public TimeSpan RestartDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a workload's certificate is good; a proxy asks for another one when half of it is over.</summary>
    public TimeSpan WorkloadCertificateLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// What the cluster's pods are physically wired to; null for the same as <see cref="Network"/>. Pods reach each other's addresses within
    /// one wiring, whatever networks the labels claim.
    /// </summary>
    public string? PodNetwork { get; init; }

    /// <summary>How long a proxy tries to connect before it gives up (Envoy in a real mesh: ten seconds).</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromMilliseconds(200);

    internal string EffectiveIssuer => Issuer ?? Platform switch
    {
        LabPlatform.Eks => $"https://oidc.eks.us-east-1.amazonaws.com/id/LAB-{Name.ToUpperInvariant()}",
        // With a slash at the end, as Azure has it.
        LabPlatform.Aks => $"https://eastus.oic.prod-aks.azure.com/lab/{Name}/",
        _ => ServiceAccountTokens.DefaultIssuer,
    };

    internal string? EffectivePodNetwork => PodNetwork ?? Network;

    internal string EffectiveContextName =>
        ContextName ?? (Platform is LabPlatform.Gke ? $"gke_{GkeProject}_{GkeLocation}_{Name}" : Name);

    internal string EffectiveClusterId =>
        ClusterId ?? (Platform is LabPlatform.Gke ? $"cn-{GkeProject}-{GkeLocation}-{Name}" : Name);

    /// <summary>The revision as a suffix of names: empty, or <c>-REVISION</c>.</summary>
    internal string RevisionSuffix => Revision is null or "" or "default" ? string.Empty : "-" + Revision;

    internal string EffectiveRevision => Revision is null or "" ? "default" : Revision;
}
