using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Gateways;

/// <summary>The objects of a gateway in one of its forms.</summary>
internal static class GatewayDocuments
{
    /// <summary>Renders.</summary>
    /// <param name="form">The form; of <see cref="EastWestGatewayForm.IstioOperator"/> the objects that istioctl makes.</param>
    /// <param name="gateway">The gateway.</param>
    /// <param name="types">The kinds of the Gateway API, for the forms that use it.</param>
    /// <param name="cluster">The cluster, for messages.</param>
    /// <param name="log">Takes a warning about a route that cannot be made.</param>
    internal static IReadOnlyList<ManifestObject> Render(EastWestGatewayForm form, GatewaySpecification gateway, GatewayApiTypes? types, MeshCluster cluster, IOperationLog log)
    {
        var description = gateway.Network is null ? "east-west gateway" : $"east-west gateway of network {gateway.Network}";
        switch (form)
        {
            case EastWestGatewayForm.Ambient:
                return [new ManifestObject(GatewayApiManifest.Ambient(gateway, types!.Gateway.ApiVersion), description)];
            case EastWestGatewayForm.GatewayApi:
                var objects = new List<ManifestObject> { new(GatewayApiManifest.Gateway(gateway, types!.Gateway.ApiVersion), description) };
                if (types.TlsRoute is { } route)
                    objects.AddRange(GatewayApiManifest.Routes(gateway, route.ApiVersion).Select(obj => new ManifestObject(obj, "leads calls for the control plane to istiod")));
                else
                    log.Warning($"{cluster.Name}: TLSRoute is not served, so the gateway does not lead to istiod. Calls between services do not need that.");
                return objects;
            default:
                return GatewayManifest.Render(gateway);
        }
    }

    /// <summary>
    /// What <c>-AsManifest</c> emits: YAML that kubectl (or istioctl) takes. The cluster is asked only for what was not said: its network, its revision, the versions that it
    /// serves.
    /// </summary>
    /// <exception cref="MeshException">What was not said is not to be found out.</exception>
    /// <exception cref="KubernetesException">The cluster does not answer.</exception>
    internal static async Task<string> TextAsync(MeshCluster cluster, EastWestGatewayOptions options, IOperationLog log, CancellationToken cancellationToken)
    {
        var known = options.Revision is not null && (options.Network is not null || options.SingleCluster) && !options.InternalLoadBalancer;
        var described = known ? cluster : await ClusterProbe.EnsureAsync(cluster, log, cancellationToken).ConfigureAwait(false);
        var revision = options.Revision is { } asked
            ? Unnamed(asked)
            : (await GatewayInjector.ReadAsync(described, options.ControlPlaneNamespace, log, cancellationToken).ConfigureAwait(false)).Choose(described.Revision);
        var gateway = GatewaySpecification.From(described, options, revision);
        if (options.Form is EastWestGatewayForm.IstioOperator)
            return KubernetesYaml.Write(GatewayOperatorDocument.Render(gateway).Json);
        var types = options.Form is EastWestGatewayForm.GatewayApi or EastWestGatewayForm.Ambient
            ? await GatewayApiTypes.RequireAsync(described, cancellationToken).ConfigureAwait(false)
            : null;
        return KubernetesYaml.WriteAll(Render(options.Form, gateway, types, described, log).Select(item => item.Object.Json));
    }

    private static string? Unnamed(string revision) =>
        string.Equals(revision, ControlPlane.ControlPlaneRevision.DefaultRevision, StringComparison.Ordinal) ? null : revision;
}
