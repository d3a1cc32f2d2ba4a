using System.Globalization;
using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Kubernetes;

namespace MeshTools.Gateways;

/// <summary>One Service, seen as the gateway of a network, with what keeps it from being one.</summary>
internal static class EastWestGatewayReading
{
    /// <summary>The environment variable by which a proxy asks for the endpoints of one network only.</summary>
    internal const string NetworkView = "ISTIO_META_REQUESTED_NETWORK_VIEW";

    internal const int MtlsPort = 15443;

    internal const int HbonePort = 15008;

    internal const string RevisionLabel = "istio.io/rev";

    internal const string GatewayNameLabel = "gateway.networking.k8s.io/gateway-name";

    internal const string GatewayClassLabel = "gateway.networking.k8s.io/gateway-class-name";

    private const string ManagedLabel = "gateway.istio.io/managed";

    private const string PortLabel = "networking.istio.io/gatewayPort";

    internal static EastWestGateway Of(MeshCluster cluster, KubernetesObject service, GatewaySurroundings around)
    {
        var deployment = DeploymentOf(service, around.Deployments);
        var form = FormOf(service);
        var name = form is EastWestGatewayForm.GatewayApi or EastWestGatewayForm.Ambient ? service.Labels.GetValueOrDefault(GatewayNameLabel) ?? service.Name : service.Name;
        var addresses = GatewayAddresses.Of(service, around.Nodes);
        var ports = Ports(service);
        var problems = Problems(service, deployment, around, addresses, ports).ToArray();
        return new EastWestGateway(cluster, name, service.Namespace ?? "")
        {
            Form = form,
            Network = Label(service, EastWestGateways.NetworkLabel) ?? View(deployment),
            Revision = deployment.FindString("spec", "template", "metadata", "labels", RevisionLabel) ?? Label(service, RevisionLabel),
            Addresses = addresses,
            Ports = ports,
            Problems = problems,
            Ready = problems.Length == 0,
        };
    }

    private static EastWestGatewayForm FormOf(KubernetesObject service)
    {
        if (service.Labels.ContainsKey(GatewayNameLabel))
        {
            return service.Labels.GetValueOrDefault(ManagedLabel) is "istio.io-eastwest-controller" || service.Labels.GetValueOrDefault(GatewayClassLabel) is "istio-east-west"
                ? EastWestGatewayForm.Ambient
                : EastWestGatewayForm.GatewayApi;
        }

        // istioctl and this module write the same objects; who wrote them is on record.
        return Managers(service).Any(manager => manager.StartsWith("istio-operator", StringComparison.Ordinal))
            ? EastWestGatewayForm.IstioOperator
            : EastWestGatewayForm.Kubernetes;
    }

    internal static IEnumerable<string> Managers(KubernetesObject obj) =>
        (obj.Json.FindArray("metadata", "managedFields") ?? []).Select(entry => entry.FindString("manager")).OfType<string>();

    internal static JsonNode? DeploymentOf(KubernetesObject service, IReadOnlyList<KubernetesObject> deployments)
    {
        var selector = JsonAccess.ToStringMap(service.Find("spec", "selector"));
        return selector.Count == 0 ? null : deployments.FirstOrDefault(deployment =>
        {
            var labels = JsonAccess.ToStringMap(deployment.Find("spec", "template", "metadata", "labels"));
            return selector.All(pair => string.Equals(labels.GetValueOrDefault(pair.Key), pair.Value, StringComparison.Ordinal));
        })?.Json;
    }

    /// <summary>The network whose endpoints a Deployment's proxies ask for.</summary>
    internal static string? View(JsonNode? deployment) =>
        (deployment.FindArray("spec", "template", "spec", "containers") ?? [])
            .SelectMany(container => container.FindArray("env") ?? [])
            .FirstOrDefault(variable => variable.FindString("name") is NetworkView)
            .FindString("value") is { Length: > 0 } view ? view : null;

    private static IReadOnlyList<GatewayPort> Ports(KubernetesObject service) =>
    [
        .. from port in service.Json.FindArray("spec", "ports") ?? []
           let number = port.FindInt64("port")
           where number is not null
           select new GatewayPort(port.FindString("name") ?? "", (int)number, (int?)port.FindInt64("targetPort")),
    ];

    private static IEnumerable<string> Problems(
        KubernetesObject service, JsonNode? deployment, GatewaySurroundings around, IReadOnlyList<string> addresses, IReadOnlyList<GatewayPort> ports) =>
        NetworkProblems(service, deployment, around.ClusterNetwork)
            .Concat(PortProblems(service, ports))
            .Concat(ProxyProblems(service, deployment, around))
            .Concat(addresses.Count == 0 ? [AddressProblem(service)] : []);

    private static IEnumerable<string> NetworkProblems(KubernetesObject service, JsonNode? deployment, string? clusterNetwork)
    {
        var view = View(deployment);
        var network = Label(service, EastWestGateways.NetworkLabel);
        if (network is null)
        {
            // Without any network it is for a single one (virtual machines, an exposed control plane); behind a declared address the label is left out on purpose.
            if (view is not null && GatewayAddresses.Advertised(service).Count == 0)
                yield return $"its Service has no label {EastWestGateways.NetworkLabel}, so Istio takes it for a gateway of no network";
            network = view;
        }

        if (network is null)
            yield break;
        if (clusterNetwork is null)
            yield return $"it leads into network {network}, but the control plane's namespace has no label {EastWestGateways.NetworkLabel}, so the cluster's endpoints are in no network and are called directly";
        else if (!Same(network, clusterNetwork))
            yield return $"it leads into network {network}, but the cluster's endpoints are in network {clusterNetwork} (label of the control plane's namespace)";
        if (view is not null && !Same(view, network))
            yield return $"its proxy asks for the endpoints of network {view} ({NetworkView}), not of {network}";
        if (deployment.FindString("spec", "template", "metadata", "labels", EastWestGateways.NetworkLabel) is { } pods && !Same(pods, network))
            yield return $"its pods are labelled with network {pods}, its Service with {network}";
    }

    private static IEnumerable<string> PortProblems(KubernetesObject service, IReadOnlyList<GatewayPort> ports)
    {
        var given = Label(service, PortLabel);
        var port = MtlsPort;
        if (given is not null && !int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out port))
        {
            yield return $"its label {PortLabel} is {given}, which is no port";
            port = MtlsPort;
        }

        if (!ports.Any(item => item.Port == port || item.Port == HbonePort))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"its Service has neither port {port} nor port {HbonePort}, so Istio ignores it");
        }
    }

    private static IEnumerable<string> ProxyProblems(KubernetesObject service, JsonNode? deployment, GatewaySurroundings around)
    {
        if (around.Slices is not { } slices)
            yield break;
        var endpoints = slices.Where(slice => string.Equals(slice.Labels.GetValueOrDefault("kubernetes.io/service-name"), service.Name, StringComparison.Ordinal))
            .SelectMany(slice => slice.Json.FindArray("endpoints") ?? []).ToArray();
        // A condition that is not reported means ready (k8s.io/api discovery/v1, EndpointConditions).
        if (Array.Exists(endpoints, endpoint => endpoint.FindBoolean("conditions", "ready") ?? true))
            yield break;
        yield return endpoints.Length == 0 && deployment is null && around.Deployments.Count > 0
            ? "no Deployment has the pods that its Service selects"
            : "no proxy of it is ready";
    }

    private static string AddressProblem(KubernetesObject service) => service.FindString("spec", "type") switch
    {
        "LoadBalancer" => "its load balancer has no address yet",
        "NodePort" when GatewayAddresses.NodeSelector(service) is null =>
            $"it has no address: a Service of type NodePort needs annotation {GatewayAddresses.NodeSelectorAnnotation} with the labels of the nodes that take its calls",
        "NodePort" => $"it has no address: no node that annotation {GatewayAddresses.NodeSelectorAnnotation} chooses has an external one",
        var type => $"it has no address that other networks reach: its Service is of type {type ?? "ClusterIP"}",
    };

    private static string? Label(KubernetesObject obj, string key) => obj.Labels.GetValueOrDefault(key) is { Length: > 0 } value ? value : null;

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.Ordinal);
}
