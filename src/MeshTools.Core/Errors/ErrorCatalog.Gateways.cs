using static MeshTools.Errors.MeshErrorCategory;

namespace MeshTools.Errors;

/// <content>Errors about gateways between networks.</content>
public static partial class ErrorCatalog
{
    /// <summary>A network that nobody named.</summary>
    public static ErrorDefinition NetworkUnknown { get; } = new(nameof(NetworkUnknown), InvalidArgument,
        "The cluster does not say which network it is in, and none was given.", "Name it with -Network, or give -SingleCluster for a gateway without one.");

    /// <summary>A network that cannot be one.</summary>
    public static ErrorDefinition NetworkInvalid { get; } = new(nameof(NetworkInvalid), InvalidArgument,
        "A network's name is the value of a label, and this cannot be one.", "Use at most 63 letters, digits, hyphens, underscores and dots, beginning and ending with a letter or digit.");

    /// <summary>The cluster says another network.</summary>
    public static ErrorDefinition NetworkDiffers { get; } = new(nameof(NetworkDiffers), InvalidOperation,
        "The control plane's namespace says that the cluster is in another network.",
        "Use the network that is there, or change the label of the namespace (topology.istio.io/network) and restart all workloads with a proxy: those that run keep the old network until then.");

    /// <summary>No injector would make the gateway's proxy.</summary>
    public static ErrorDefinition InjectorNotFound { get; } = new(nameof(InjectorNotFound), ObjectNotFound,
        "No injector would make the gateway's proxy, so its pods would try to pull an image named auto.", "Look at the injection labels of the namespace and at Get-MeshRevision, or choose another -Revision or -Namespace.");

    /// <summary>The labels of a namespace contradict the revision, or each other.</summary>
    public static ErrorDefinition InjectionLabelsContradict { get; } = new(nameof(InjectionLabelsContradict), InvalidOperation,
        "The injection labels of the namespace have another revision make the proxies of its pods.", "Let the namespace have either istio-injection or istio.io/rev, not both, and of the revision that is wanted; or choose another -Revision or -Namespace.");

    /// <summary>The gateway would have to be made anew.</summary>
    public static ErrorDefinition GatewayRecreationNeeded { get; } = new(nameof(GatewayRecreationNeeded), InvalidOperation,
        "A gateway of that name is there for another network, and the selector of its Deployment cannot be changed.", "Recreate the Deployment with -Force: calls through the gateway fail until the new proxies run.");

    /// <summary>No address for the gateway.</summary>
    public static ErrorDefinition GatewayAddressPending { get; } = new(nameof(GatewayAddressPending), OperationTimeout,
        "The gateway runs, but nothing has given it an address that other networks reach.",
        "Look at the events of its Service. A cluster without load balancers needs -ServiceType NodePort with annotation traffic.istio.io/nodeSelector, or -AdvertisedAddress.");

    /// <summary>The Gateway API is not there.</summary>
    public static ErrorDefinition GatewayApiNotServed { get; } = new(nameof(GatewayApiNotServed), NotInstalled,
        "The cluster does not serve the Kubernetes Gateway API.", "Install its definitions (gateway-api, standard channel), or use -Form Kubernetes.");

    /// <summary>Nobody serves the class.</summary>
    public static ErrorDefinition GatewayClassNotFound { get; } = new(nameof(GatewayClassNotFound), ObjectNotFound,
        "The cluster has no GatewayClass of that name, so nothing would make a gateway of the object.",
        "Run the command again after some seconds: istiod makes its classes once the Gateway API is installed. Restart istiod if that does not help. Class istio-east-west also needs istiod with PILOT_ENABLE_AMBIENT and AMBIENT_ENABLE_MULTI_NETWORK.");

    /// <summary>A gateway that does not become programmed.</summary>
    public static ErrorDefinition GatewayNotProgrammed { get; } = new(nameof(GatewayNotProgrammed), OperationTimeout,
        "The control plane has not made a gateway of the object; the message quotes its conditions.", "Correct what the conditions name, and run the command again.");

    /// <summary>An option that a form has no place for.</summary>
    public static ErrorDefinition GatewayOptionUnsupported { get; } = new(nameof(GatewayOptionUnsupported), InvalidArgument,
        "The options of a gateway do not go together.", "Leave one of them out; `Get-Help New-EastWestGateway -Full` says which form takes which.");

    /// <summary>A platform whose internal load balancers are not known.</summary>
    public static ErrorDefinition InternalLoadBalancerUnknown { get; } = new(nameof(InternalLoadBalancerUnknown), InvalidArgument,
        "How this platform is asked for an internal load balancer is not known.", "Give the annotation that your platform documents with -ServiceAnnotation.");
}
