using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>What istiod writes into the status of a Gateway (istio pilot/pkg/config/kube/gateway/conversion.go, reportGatewayStatus).</summary>
internal static class GatewayApiStatus
{
    public static JsonObject Write(ObjectStore store, JsonObject gateway, GatewayApiClass kind, string? service)
    {
        var now = Metadata.Timestamp(store.Clock);
        var status = gateway.Child("status");
        var addresses = kind.Managed is null && service is null ? Given(gateway) : Of(store, gateway, service);
        status["addresses"] = new JsonArray([.. addresses.Select(address => new JsonObject
        {
            ["type"] = System.Net.IPAddress.TryParse(address, out _) ? "IPAddress" : "Hostname",
            ["value"] = address,
        })]);
        Condition(gateway, status, now, "Accepted", "True", "Accepted", "Resource accepted");
        Programmed(store, gateway, status, now, service, addresses.Count > 0);
        var listeners = new JsonArray();
        foreach (var listener in gateway.Objects("spec", "listeners"))
        {
            listeners.Add((JsonNode)Listener(gateway, status, listener, now));
        }

        status["listeners"] = listeners;
        return gateway;
    }

    private static List<string> Given(JsonObject gateway) => [.. gateway.Objects("spec", "addresses").Select(address => address.Text("value")).OfType<string>()];

    private static List<string> Of(ObjectStore store, JsonObject gateway, string? service) =>
        store.Find(Key(gateway, service)) is { } found
            ? found.Json.Text("spec", "type") is "LoadBalancer" ? [.. NetworkGateways.Addresses(found.Json)] : [Host(gateway, service)]
            : [];

    private static ResourceKey Key(JsonObject gateway, string? service) => new("", "services", gateway.Text("metadata", "namespace"), service ?? string.Empty);

    private static string Host(JsonObject gateway, string? service) => $"{service}.{gateway.Text("metadata", "namespace")}.svc.cluster.local";

    private static void Programmed(ObjectStore store, JsonObject gateway, JsonObject status, string now, string? service, bool hasAddress)
    {
        if (service is null)
        {
            Condition(gateway, status, now, "Programmed", "True", "Programmed", "Resource programmed");
        }
        else if (store.Find(Key(gateway, service)) is null)
        {
            Condition(
                gateway, status, now, "Programmed", "False", "AddressNotUsable",
                $"Failed to assign to any requested addresses: hostname \"{Host(gateway, service)}\" not found");
        }
        else
        {
            var assigned = string.Join(
                " and ",
                gateway.Objects("spec", "listeners").Select(listener => Host(gateway, service) + ":" + listener.Number(0, "port").ToString(CultureInfo.InvariantCulture)));
            Condition(
                gateway, status, now, "Programmed", hasAddress ? "True" : "False", hasAddress ? "Programmed" : "AddressNotAssigned",
                hasAddress
                    ? $"Resource programmed, assigned to service(s) {assigned}"
                    : $"Assigned to service(s) {assigned}, but failed to assign to all requested addresses: address pending for hostname \"{Host(gateway, service)}\"");
        }
    }

    private static JsonObject Listener(JsonObject gateway, JsonObject status, JsonObject listener, string now)
    {
        var name = listener.Text("name");
        var before = status.Objects("listeners").FirstOrDefault(entry => string.Equals(entry.Text("name"), name, StringComparison.Ordinal));
        var entry = new JsonObject { ["name"] = name, ["attachedRoutes"] = 0, ["supportedKinds"] = new JsonArray() };
        if (before?["conditions"] is { } conditions)
        {
            entry["conditions"] = conditions.DeepClone();
        }

        Condition(gateway, entry, now, "Accepted", "True", "Accepted", "No errors found");
        Condition(gateway, entry, now, "Conflicted", "False", "NoConflicts", "No errors found");
        Condition(gateway, entry, now, "Programmed", "True", "Programmed", "No errors found");
        Condition(gateway, entry, now, "ResolvedRefs", "True", "ResolvedRefs", "No errors found");
        return entry;
    }

    private static void Condition(JsonObject gateway, JsonObject target, string now, string type, string value, string reason, string message)
    {
        Fields.SetCondition(target, now, type, value, reason, message);
        target.Objects("conditions").First(condition => string.Equals(condition.Text("type"), type, StringComparison.Ordinal))["observedGeneration"] =
            gateway.Number(1, "metadata", "generation");
    }
}
