using System.Collections;
using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Gateways;
using MeshTools.Operations;

namespace MeshTools.Cmdlets;

/// <summary>Makes the gateway through which other networks reach the services of a cluster, as <c>gen-eastwest-gateway.sh | istioctl install</c> does.</summary>
[Cmdlet(VerbsCommon.New, "EastWestGateway", SupportsShouldProcess = true, DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(EastWestGateway), typeof(string))]
public sealed class NewEastWestGatewayCommand : ClusterCmdlet
{
    // Boxed: a field of another assembly's value type would have that assembly loaded at import.
    private object _form = 0;

    /// <summary>The form.</summary>
    [Parameter(HelpMessage = "Kubernetes: Deployment and Service. IstioOperator: a document for istioctl. GatewayApi and Ambient: a Gateway of the Kubernetes Gateway API.")]
    public EastWestGatewayForm Form
    {
        get => (EastWestGatewayForm)_form;
        set => _form = value;
    }

    /// <summary>The network.</summary>
    [Parameter(HelpMessage = "The network that the gateway leads into; without it, the cluster's.")]
    [ValidateNotNullOrEmpty]
    public string? Network { get; set; }

    /// <summary>The revision.</summary>
    [Parameter(HelpMessage = "The revision or tag whose injector makes the proxy; without it, the one that runs.")]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Revision { get; set; }

    /// <summary>The name.</summary>
    [Parameter(HelpMessage = "The gateway's name.")]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "istio-eastwestgateway";

    /// <summary>The namespace.</summary>
    [Parameter(HelpMessage = "The gateway's namespace.")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "istio-system";

    /// <summary>The control plane's namespace.</summary>
    [Parameter(HelpMessage = "The control plane's namespace, whose label says the cluster's network.")]
    [ValidateNotNullOrEmpty]
    public string ControlPlaneNamespace { get; set; } = "istio-system";

    /// <summary>Makes the namespace.</summary>
    [Parameter(HelpMessage = "Makes the gateway's namespace where it is missing.")]
    public SwitchParameter CreateNamespace { get; set; }

    /// <summary>Replicas.</summary>
    [Parameter(HelpMessage = "The least number of proxies; without it one, and up to five under load.")]
    [Alias("Replicas")]
    [ValidateRange(1, 100)]
    public int? ReplicaCount { get; set; }

    /// <summary>Annotations.</summary>
    [Parameter(HelpMessage = "Annotations of the Service, for the platform's load balancer.")]
    [ValidateNotNull]
    public Hashtable? ServiceAnnotation { get; set; }

    /// <summary>The load balancer's address.</summary>
    [Parameter(HelpMessage = "The IP address that the load balancer is to have.")]
    [ValidateNotNullOrEmpty]
    public string? LoadBalancerIP { get; set; }

    /// <summary>An internal one.</summary>
    [Parameter(HelpMessage = "Asks for a load balancer that only the cloud's own network reaches, in the words of the cluster's platform.")]
    public SwitchParameter InternalLoadBalancer { get; set; }

    /// <summary>The type.</summary>
    [Parameter(HelpMessage = "The type of the Service.")]
    [ValidateSet("LoadBalancer", "NodePort", "ClusterIP")]
    public string? ServiceType { get; set; }

    /// <summary>The image.</summary>
    [Parameter(HelpMessage = "The proxy's image; without it, the one of the injector.")]
    [ValidateNotNullOrEmpty]
    public string? Image { get; set; }

    /// <summary>Requests and limits.</summary>
    [Parameter(HelpMessage = "Requests and limits of the proxy: @{ requests = @{ cpu = '500m' }; limits = @{ memory = '2Gi' } }.")]
    [ValidateNotNull]
    public Hashtable? Resources { get; set; }

    /// <summary>Without a network.</summary>
    [Parameter(HelpMessage = "Makes a gateway without a network, for virtual machines or an exposed control plane.")]
    public SwitchParameter SingleCluster { get; set; }

    /// <summary>The address that others use.</summary>
    [Parameter(HelpMessage = "Where other clusters reach the gateway, when its Service does not say: IP addresses or host names. Declared in the clusters of -Peer.")]
    [ValidateNotNullOrEmpty]
    public string[] AdvertisedAddress { get; set; } = [];

    /// <summary>The other clusters.</summary>
    [Parameter(HelpMessage = "The clusters in which the advertised address is declared.")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    [ValidateNotNull]
    public MeshCluster[] Peer { get; set; } = [];

    /// <summary>Text in place of a gateway.</summary>
    [Parameter(HelpMessage = "Emits the documents as YAML and changes nothing.")]
    public SwitchParameter AsManifest { get; set; }

    /// <summary>Runs istioctl.</summary>
    [Parameter(HelpMessage = "Has istioctl install the document of form IstioOperator, which is emitted otherwise.")]
    public SwitchParameter Apply { get; set; }

    /// <summary>Where istioctl is.</summary>
    [Parameter(HelpMessage = "istioctl, or a folder that holds it; without it, the one on the PATH.")]
    [ValidateNotNullOrEmpty]
    public string? IstioctlPath { get; set; }

    /// <summary>Waits.</summary>
    [Parameter(HelpMessage = "Waits until the proxies run and the gateway has an address.")]
    public SwitchParameter Wait { get; set; }

    /// <summary>How long.</summary>
    [Parameter(HelpMessage = "How long -Wait waits: seconds, or a duration such as 90s or 5m.")]
    [Duration]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Asks nothing, and recreates.</summary>
    [Parameter(HelpMessage = "Recreates a gateway whose network has changed, and asks nothing.")]
    public SwitchParameter Force { get; set; }

    /// <summary>Takes fields over.</summary>
    [Parameter(HelpMessage = "Takes over fields that other field managers own.")]
    public SwitchParameter ForceConflicts { get; set; }

    private protected override bool AskNothing => Force;

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        var options = Options();
        Check(options, clusters, sink);
        if (AsManifest || (options.Form is EastWestGatewayForm.IstioOperator && !Apply))
        {
            await sink.EachAsync(
                clusters,
                ThrottleLimit,
                cluster => cluster,
                async (cluster, stop) =>
                {
                    var text = await EastWestGatewayPlan.RenderAsync(cluster, options, sink, stop).ConfigureAwait(false);
                    sink.Output(text);
                    return text;
                },
                cancellationToken).ConfigureAwait(false);
            return;
        }

        MeshCluster[] peers = [.. Peer.DistinctBy(peer => peer.Entry()).Where(peer => clusters.All(cluster => cluster.Entry() != peer.Entry()))];
        var plans = await sink.EachAsync(
            clusters, ThrottleLimit, cluster => cluster, (cluster, stop) => EastWestGatewayPlan.CreateAsync(cluster, options, peers, sink, stop), cancellationToken).ConfigureAwait(false);
        EastWestGatewayPlan.WarnOfSharedNetworks(plans, sink);
        var approved = await sink.ApproveAsync(plans.SelectMany(plan => plan.Changes), cancellationToken).ConfigureAwait(false);
        if (OnlyAsking)
            return;
        await ExecuteAsync([.. plans.Where(plan => plan.Changes.All(approved.Contains))], sink, cancellationToken).ConfigureAwait(false);
    }

    private async Task ExecuteAsync(EastWestGatewayPlan[] plans, PipelineSink sink, CancellationToken cancellationToken)
    {
        var done = 0;
        await sink.EachAsync(
            plans,
            ThrottleLimit,
            plan => plan.Cluster,
            async (plan, stop) =>
            {
                var gateway = await plan.ExecuteAsync(sink, stop).ConfigureAwait(false);
                sink.Progress(new OperationProgress("Making east-west gateways", plan.Cluster.Name, Interlocked.Increment(ref done), plans.Length, plan.Cluster.Name));
                sink.Output(gateway);
                return gateway;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private EastWestGatewayOptions Options() => new()
    {
        Form = Form,
        Network = Network,
        Revision = Revision,
        Name = Name,
        Namespace = Namespace,
        ControlPlaneNamespace = ControlPlaneNamespace,
        CreateNamespace = CreateNamespace,
        Replicas = ReplicaCount,
        ServiceAnnotations = GatewayTables.Strings(ServiceAnnotation),
        LoadBalancerIP = LoadBalancerIP,
        InternalLoadBalancer = InternalLoadBalancer,
        ServiceType = ServiceType,
        Image = Image,
        Resources = GatewayTables.Resources(Resources),
        SingleCluster = SingleCluster,
        AdvertisedAddresses = AdvertisedAddress,
        Recreate = Force,
        ForceConflicts = ForceConflicts,
        Wait = Wait,
        Timeout = Timeout,
        IstioctlPath = IstioctlPath is null ? null : PathOf(IstioctlPath),
    };

    private void Check(EastWestGatewayOptions options, IReadOnlyList<MeshCluster> clusters, PipelineSink sink)
    {
        options.Validate();
        if (Apply && (AsManifest || options.Form is not EastWestGatewayForm.IstioOperator))
            throw new MeshException(ErrorCatalog.GatewayOptionUnsupported, AsManifest ? "-AsManifest emits, -Apply applies" : "-Apply has istioctl apply form IstioOperator; the other forms are applied as they are");
        if (clusters.Count > 1 && (LoadBalancerIP is not null || AdvertisedAddress.Length > 0))
        {
            var (name, value) = LoadBalancerIP is not null ? (nameof(LoadBalancerIP), LoadBalancerIP) : (nameof(AdvertisedAddress), string.Join(", ", AdvertisedAddress));
            throw new MeshException(ErrorCatalog.ValueNotShareable, $"-{name} {value} belongs to one cluster, but there are {clusters.Count}: {string.Join(", ", clusters)}", value);
        }

        if (SingleCluster && Network is not null)
            sink.Warning($"A gateway for a single cluster has no network; -Network {Network} counts for nothing.");
        if (AdvertisedAddress.Length > 0 && Peer.Length == 0 && !AsManifest)
            sink.Warning("No other cluster is told of the advertised address; name them with -Peer.");
    }
}
