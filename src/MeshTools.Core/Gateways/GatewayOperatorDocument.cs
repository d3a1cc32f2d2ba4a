using System.Text.Json.Nodes;
using MeshTools.ControlPlane;
using MeshTools.Kubernetes;

namespace MeshTools.Gateways;

/// <summary>The gateway as an IstioOperator document for istioctl, as gen-eastwest-gateway.sh writes it; what the script has no option for is added as istioctl takes it.</summary>
internal static class GatewayOperatorDocument
{
    /// <summary>The name of the document, which istioctl notes on every object it makes from it.</summary>
    internal const string DocumentName = "eastwest";

    internal static KubernetesObject Render(GatewaySpecification gateway)
    {
        var document = KubernetesObject.Create("install.istio.io/v1alpha1", "IstioOperator", NameOf(gateway));
        var values = new JsonObject { ["gateways"] = new JsonObject { ["istio-ingressgateway"] = Values(gateway) } };
        if (gateway.Network is not null)
            values["global"] = new JsonObject { ["network"] = gateway.Network };
        document.Json["spec"] = new JsonObject
        {
            ["revision"] = gateway.Revision ?? "",
            ["profile"] = "empty",
            ["components"] = new JsonObject { ["ingressGateways"] = new JsonArray(Component(gateway)) },
            ["values"] = values,
        };
        return document;
    }

    // istioctl prunes what carries its document's name and is no longer in it: a second gateway needs a name of its own.
    private static string NameOf(GatewaySpecification gateway) =>
        string.Equals(gateway.Name, EastWestGatewayOptions.DefaultName, StringComparison.Ordinal) ? DocumentName : $"{DocumentName}-{gateway.Name}";

    private static JsonObject Component(GatewaySpecification gateway)
    {
        var component = new JsonObject { ["name"] = gateway.Name };
        if (!string.Equals(gateway.Namespace, ControlPlaneRevision.DefaultNamespace, StringComparison.Ordinal))
            component["namespace"] = gateway.Namespace;
        component["label"] = new JsonObject(gateway.Selector.Select(pair => new KeyValuePair<string, JsonNode?>(pair.Key, pair.Value)));
        component["enabled"] = true;
        component["k8s"] = Settings(gateway);
        return component;
    }

    private static JsonObject Settings(GatewaySpecification gateway)
    {
        var settings = new JsonObject();
        if (gateway.Network is not null)
            settings["env"] = new JsonArray(new JsonObject { ["name"] = EastWestGatewayReading.NetworkView, ["value"] = gateway.Network });
        if (gateway.Annotations.Count > 0)
            settings["serviceAnnotations"] = Map(gateway.Annotations);
        if (Resources(gateway.Resources) is { Count: > 0 } resources)
            settings["resources"] = resources;
        if (Overlays(gateway) is { Count: > 0 } overlays)
            settings["overlays"] = overlays;
        var service = new JsonObject();
        if (gateway.ServiceType is not null)
            service["type"] = gateway.ServiceType;
        if (gateway.LoadBalancerIP is not null)
            service["loadBalancerIP"] = gateway.LoadBalancerIP;
        service["ports"] = GatewayManifest.ServicePorts();
        settings["service"] = service;
        return settings;
    }

    private static JsonArray Overlays(GatewaySpecification gateway)
    {
        var overlays = new JsonArray();
        if (gateway.Image is not null)
        {
            // The injected chart writes "auto" whatever its values say.
            overlays.Add((JsonNode)Overlay(gateway, "Deployment", new JsonObject { ["path"] = "spec.template.spec.containers.[name:istio-proxy].image", ["value"] = gateway.Image }));
        }

        if (gateway.AdvertisedAddresses.Count > 0 && gateway.Network is not null)
            overlays.Add((JsonNode)Overlay(gateway, "Service", new JsonObject { ["path"] = @"metadata.labels.topology\.istio\.io/network" }));
        return overlays;
    }

    private static JsonObject Overlay(GatewaySpecification gateway, string kind, JsonObject patch) =>
        new() { ["kind"] = kind, ["name"] = gateway.Name, ["patches"] = new JsonArray(patch) };

    private static JsonObject Resources(GatewayResources? resources)
    {
        var result = new JsonObject();
        if (resources?.Requests is { Count: > 0 } requests)
            result["requests"] = Map(requests);
        if (resources?.Limits is { Count: > 0 } limits)
            result["limits"] = Map(limits);
        return result;
    }

    private static JsonObject Values(GatewaySpecification gateway)
    {
        var values = new JsonObject { ["injectionTemplate"] = "gateway" };
        if (gateway.Replicas is { } replicas)
        {
            // As values, and not as k8s.hpaSpec: the chart also decides by them whether there is a disruption budget.
            values["autoscaleMin"] = replicas;
            values["autoscaleMax"] = gateway.MaxReplicas;
        }

        return values;
    }

    private static JsonObject Map(IReadOnlyDictionary<string, string> pairs) =>
        new(pairs.Select(pair => new KeyValuePair<string, JsonNode?>(pair.Key, pair.Value)));
}
