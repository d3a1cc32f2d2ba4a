using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace MeshTools.Lab;

/// <summary>One running cluster of a lab.</summary>
public sealed class LabCluster : IAsyncDisposable
{
    private static readonly string[] ServerNames =
    [
        "localhost", "127.0.0.1", "::1", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
        "10.96.0.1",
    ];

    private readonly CertificateAuthority authority;
    private readonly CertificateAuthority? meshRoot;
    private readonly ServiceAccountTokens tokens;
    private readonly ClusterListener listener;
    private readonly GoogleTokenAuthenticator googleTokens = new();
    private readonly ControllerLoop controllers;
    private readonly IstiodController istiod;
    private readonly SampleWorkloads samples;
    private readonly ClientCredential administrator;
    private readonly List<X509Certificate2> certificates = [];

    private LabCluster(LabClusterOptions options, int index, CertificateAuthority? meshRoot, LabFabric fabric, ILogger logger)
    {
        Options = options;
        Index = index;
        authority = CertificateAuthority.Create("kubernetes-" + options.Name);
        this.meshRoot = meshRoot;
        Store = new ObjectStore();
        tokens = new ServiceAccountTokens(Store, options.EffectiveIssuer);
        administrator = authority.IssueClient("kubernetes-admin", "system:masters");
        certificates.Add(authority.IssueServer(ServerNames));
        var authorizer = new FaultAuthorizer(Faults, new RbacAuthorizer(Store));
        var api = new ApiServer(new ApiServerOptions
        {
            Store = Store,
            Authenticators = [new AuthorityAuthenticator(authority, new ClientCertificateAuthenticator()), googleTokens, new BearerTokenAuthenticator(tokens)],
            Authorizer = authorizer,
            Tokens = tokens,
            PodStreams = new PodStreams(Programs),
            Version = options.ServerVersion,
        });
        var pipeline = new ClusterPipeline(api, Faults, authorizer, Requests, Store.Clock, logger);
        listener = new ClusterListener(pipeline.HandleAsync, Faults, certificates[0]);
        controllers = new ControllerLoop(Store, logger);
        istiod = new IstiodController(Store, Programs, options.RemoteRetry);
        Managed = new ManagedControlPlanes(Store);
        Certificates = new WorkloadCertificates(Store, istiod, options.WorkloadCertificateLifetime);
        Proxy = new SidecarProxy(this, fabric);
        samples = new SampleWorkloads(this, fabric);
        Store.PodAdmission = new SidecarWebhooks(Store, istiod);
        Store.WriteAdmission = new FaultAdmission(Faults);
        LoadBalancers = options.LoadBalancers;
    }

    /// <summary>The cluster's name.</summary>
    public string Name => Options.Name;

    /// <summary>Its context in the lab's kubeconfig.</summary>
    public string ContextName => Options.EffectiveContextName;

    /// <summary>Its ID in the mesh, as its control plane is configured.</summary>
    public string ClusterId => Options.EffectiveClusterId;

    /// <summary>What it was made with.</summary>
    public LabClusterOptions Options { get; }

    /// <summary>Its place in the lab, from 0.</summary>
    public int Index { get; }

    /// <summary>The API server's address.</summary>
    public Uri Server => new(string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{listener.Port}"));

    /// <summary>What identifies the cluster everywhere: the UID of its namespace <c>kube-system</c>.</summary>
    public string Uid => Store.Get(Namespaces.Key("kube-system")).Uid;

    /// <summary>The issuer of its service account tokens.</summary>
    public string Issuer => tokens.Issuer;

    /// <summary>The authority of the server's and the clients' certificates.</summary>
    public string CertificateAuthorityPem => authority.CertificatePem;

    /// <summary>The root, or roots, that the cluster's istiod gives to workloads now; empty while none runs.</summary>
    public string MeshRootPem => istiod.RootPem ?? string.Empty;

    /// <summary>A kubeconfig with this cluster alone, for its administrator.</summary>
    public string AdminKubeconfigYaml => AdminKubeconfig.Write([AdminEntry]);

    /// <summary>The administrator's client certificate.</summary>
    public ClientCredential Administrator => administrator;

    /// <summary>Objects, resource versions and watches.</summary>
    public ObjectStore Store { get; }

    /// <summary>How it misbehaves.</summary>
    public FaultRules Faults { get; } = new();

    /// <summary>How Services that have no address yet get one. May change at any time.</summary>
    public LoadBalancing LoadBalancers { get; set; }

    /// <summary>What was asked of it.</summary>
    public RequestLog Requests { get; } = new();

    /// <summary>What runs in its pods.</summary>
    public PodPrograms Programs { get; } = new();

    /// <summary>True while its port takes connections.</summary>
    public bool IsListening => listener.IsRunning;

    internal IstiodController Istiod => istiod;

    /// <summary>What Google does in it for managed control planes.</summary>
    internal ManagedControlPlanes Managed { get; }

    /// <summary>What its proxies have.</summary>
    internal WorkloadCertificates Certificates { get; }

    /// <summary>What its proxies do.</summary>
    internal SidecarProxy Proxy { get; }

    internal AdminKubeconfig.Entry AdminEntry => new(ContextName, Server.ToString().TrimEnd('/'), CertificateAuthorityPem, administrator);

    /// <summary>A token of a service account, as TokenRequest gives them.</summary>
    /// <param name="namespace">The account's namespace.</param>
    /// <param name="serviceAccount">The account's name.</param>
    /// <param name="lifetime">How long it is good; an hour when null. A negative one gives a token that has expired.</param>
    /// <exception cref="ApiStatusException">404 when there is no such account.</exception>
    public string IssueToken(string @namespace, string serviceAccount, TimeSpan? lifetime = null)
    {
        var account = Store.Get(new ResourceKey("", "serviceaccounts", @namespace, serviceAccount));
        return tokens.IssueRequestedToken(@namespace, serviceAccount, account.Uid, lifetime ?? TimeSpan.FromHours(1)).Token;
    }

    /// <summary>Takes Google's access token from now on, when the cluster looks like GKE's.</summary>
    internal void AcceptToken(string token, Func<Identity> identity)
    {
        if (Options.Platform is LabPlatform.Gke)
        {
            googleTokens.Accept(token, identity);
        }
    }

    /// <summary>A client certificate of the cluster's authority.</summary>
    public ClientCredential IssueClientCertificate(string user, params string[] groups) => authority.IssueClient(user, groups);

    /// <summary>Stops listening: connections are cut, new ones refused. What runs inside the cluster goes on.</summary>
    public Task StopListeningAsync() => listener.StopAsync();

    /// <summary>Listens again, on the same port.</summary>
    public Task StartListeningAsync(CancellationToken cancellationToken = default) => listener.StartAsync(cancellationToken);

    /// <summary>Changes the server certificate, and cuts all connections so that clients get to see it.</summary>
    public void UseServerCertificate(ServerCertificate kind)
    {
        X509Certificate2 certificate;
        switch (kind)
        {
            case ServerCertificate.WrongName:
                certificate = authority.IssueServer(["not-this-server.example"]);
                break;
            case ServerCertificate.WrongAuthority:
                using (var stranger = CertificateAuthority.Create("stranger"))
                {
                    certificate = stranger.IssueServer(ServerNames);
                }

                break;
            default:
                certificate = authority.IssueServer(ServerNames);
                break;
        }

        // Old ones stay: a handshake may be using one right now.
        lock (certificates)
        {
            certificates.Add(certificate);
        }

        listener.UseCertificate(certificate);
    }

    /// <summary>The log lines of istiod, of all its pods, also of those that cannot start, by name of the pod.</summary>
    public IReadOnlyList<string> IstiodLog() => [.. istiod.Logs.SelectMany(entry => entry.Log.Lines)];

    /// <summary>Remote clusters as each replica sees them: pod name, cluster ID and status (<c>synced</c>, <c>syncing</c>, <c>timeout</c>).</summary>
    public IReadOnlyList<(string Pod, string ClusterId, string Status)> RemoteStatus() =>
    [
        .. istiod.Replicas.Values.OrderBy(replica => replica.Settings.PodName, StringComparer.Ordinal).SelectMany(replica =>
            replica.Remotes.All.Select(remote => (replica.Settings.PodName, remote.Id, remote.Status.ToString().ToLowerInvariant()))),
    ];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await listener.DisposeAsync().ConfigureAwait(false);
        await controllers.DisposeAsync().ConfigureAwait(false);
        await istiod.DisposeAsync().ConfigureAwait(false);
        tokens.Dispose();
        authority.Dispose();
        foreach (var certificate in certificates)
        {
            certificate.Dispose();
        }
    }

    internal static async Task<LabCluster> StartAsync(
        LabClusterOptions options, int index, CertificateAuthority? meshRoot, LabFabric fabric, ILogger logger, CancellationToken cancellationToken)
    {
        var cluster = new LabCluster(options, index, meshRoot, fabric, logger);
        try
        {
            await cluster.StartAsync(cancellationToken).ConfigureAwait(false);
            fabric.Add(cluster);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        controllers.Start(Controllers());
        await listener.StartAsync(cancellationToken).ConfigureAwait(false);
        ClusterBootstrap.Run(Store, Options, Index, listener.Port);
        if (Options.GatewayApi)
        {
            GatewayApiDefinitions.Install(Store);
        }

        if (Options.ControlPlane)
        {
            new ControlPlaneObjects(Options, meshRoot, Store.Clock).Install(Store);
            await ControlPlaneReadyAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private IReadOnlyList<IController> Controllers() =>
    [
        new NamespaceController(Store),
        new NamespaceDefaultsController(Store, CertificateAuthorityPem),
        new TokenController(Store, tokens, CertificateAuthorityPem, Options.Tokens),
        new DeploymentController(Store),
        new ReplicaSetController(Store),
        new StatefulSetController(Store),
        new DaemonSetController(Store),
        new PodController(Store, Programs, ClusterBootstrap.PodAddresses(Index), [istiod, Certificates, samples], Options.RestartDelay),
        new EndpointsController(Store),
        new LoadBalancerController(Store, () => LoadBalancers, ClusterBootstrap.LoadBalancerAddresses(Index), Name),
        new GarbageCollector(Store),
        istiod,
        new GatewayApiController(Store, istiod),
        new ManagedControlPlaneController(Store, Managed, istiod, Name, ClusterId),
    ];

    /// <summary>Waits until every replica of istiod runs and the deployment says so.</summary>
    private async Task ControlPlaneReadyAsync(CancellationToken cancellationToken)
    {
        var key = new ResourceKey("apps", "deployments", ControlPlaneObjects.Namespace, "istiod" + Options.RevisionSuffix);
        bool IsReady() =>
            istiod.Replicas.Count >= Options.Replicas &&
            (istiod.HasPublished || Options.Replicas == 0) &&
            Store.Get(key).Json.Number(0, "status", "readyReplicas") >= Options.Replicas &&
            Store.Get(key).Json.Number(0, "status", "observedGeneration") > 0;

        // The deployment is reported after its pods are ready, and the replica may start a moment after that.
        while (!IsReady())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), cancellationToken).ConfigureAwait(false);
        }
    }
}
