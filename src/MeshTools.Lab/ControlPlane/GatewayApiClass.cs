namespace MeshTools.Lab;

/// <summary>A GatewayClass that istiod looks after (istio pilot/pkg/config/kube/gateway/deploymentcontroller.go and constants).</summary>
/// <param name="Name">Its name.</param>
/// <param name="Controller">Who handles it.</param>
/// <param name="Description">What it says of itself.</param>
/// <param name="Managed">What stands in the label <c>gateway.istio.io/managed</c> of what is made for it; null when nothing is made.</param>
/// <param name="HasSuffix">Whether what is made has the class's name at its end.</param>
internal sealed record GatewayApiClass(string Name, string Controller, string Description, string? Managed, bool HasSuffix)
{
    public static IReadOnlyList<GatewayApiClass> All { get; } =
    [
        new("istio", "istio.io/gateway-controller", "The default Istio GatewayClass", "istio.io-gateway-controller", true),
        new("istio-remote", "istio.io/unmanaged-gateway", "Remote to this cluster. Does not deploy or affect configuration.", null, true),
        new("istio-east-west", "istio.io/eastwest-controller", "The default GatewayClass for Istio East West Gateways.", "istio.io-eastwest-controller", false),
    ];

    /// <summary>The name of the Deployment and the Service of a Gateway.</summary>
    public string NameOf(string gateway) => HasSuffix ? $"{gateway}-{Name}" : gateway;
}
