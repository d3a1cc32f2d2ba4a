using static MeshTools.Errors.MeshErrorCategory;

namespace MeshTools.Errors;

/// <content>Errors about what gateways let in.</content>
public static partial class ErrorCatalog
{
    /// <summary>No definitions of Istio's networking kinds.</summary>
    public static ErrorDefinition IstioDefinitionsMissing { get; } = new(nameof(IstioDefinitionsMissing), NotInstalled,
        "The custom resource definitions of Istio (networking.istio.io) are not installed in the cluster.",
        "Install Istio's definitions first: they come with the control plane, and with the base chart in a cluster whose control plane is elsewhere.");

    /// <summary>A host that cannot stand in a Gateway.</summary>
    public static ErrorDefinition GatewayHostInvalid { get; } = new(nameof(GatewayHostInvalid), InvalidArgument,
        "A host cannot stand in a Gateway; the message says why.",
        "Use whole names, or a star for the first labels: helloworld.sample.svc.cluster.local, *.sample.svc.cluster.local, *.local.");

    /// <summary>Another Gateway does the same.</summary>
    public static ErrorDefinition ExposureConflict { get; } = new(nameof(ExposureConflict), ResourceExists,
        "Another Gateway passes the same port on to the same hosts for the same proxies; with two of them the proxy refuses the configuration.",
        "Remove the other Gateway, or give hosts with -Hosts that are not among its.");

    /// <summary>A name that cannot be one.</summary>
    public static ErrorDefinition GatewayNameInvalid { get; } = new(nameof(GatewayNameInvalid), InvalidArgument,
        "A name cannot be that of a gateway or of its namespace.", "Use at most 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit.");
}
