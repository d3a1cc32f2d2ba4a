using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// Asks the injectors that a cluster's MutatingWebhookConfigurations name, by their own selectors: this is where the labels
/// <c>istio-injection</c> and <c>istio.io/rev</c> of a namespace mean something, and where one of them hides the other.
/// </summary>
internal sealed class SidecarWebhooks(ObjectStore store, IstiodController istiod) : IPodAdmission
{
    private const string Group = "admissionregistration.k8s.io";

    /// <inheritdoc/>
    public JsonObject? Admit(string @namespace, JsonObject pod)
    {
        if (store.Find(Namespaces.Key(@namespace)) is not { } home)
        {
            return null;
        }

        JsonObject? changed = null;
        foreach (var (configuration, webhook) in store.List(Group, "mutatingwebhookconfigurations").Items.SelectMany(item => item.Json.Objects("webhooks").Select(webhook => (item, webhook))))
        {
            if (!Matches(webhook, home, changed ?? pod))
            {
                continue;
            }

            if (webhook.Text("clientConfig", "service", "path")?.StartsWith("/inject", StringComparison.Ordinal) == true)
            {
                changed = Call(webhook, @namespace, changed ?? pod) ?? changed;
            }
            else if (webhook.Text("clientConfig", "url")?.Contains("/inject", StringComparison.Ordinal) == true)
            {
                changed = CallManaged(configuration, webhook, @namespace, changed ?? pod) ?? changed;
            }
        }

        return changed;
    }

    private static bool Matches(JsonObject webhook, StoredObject home, JsonObject pod) =>
        (webhook["namespaceSelector"] is not JsonObject namespaces || Fields.Selects(namespaces, home.Json.At("metadata", "labels"))) &&
        (webhook["objectSelector"] is not JsonObject objects || Fields.Selects(objects, pod.At("metadata", "labels")));

    /// <summary>An injector outside of the cluster: that of a managed control plane.</summary>
    private JsonObject? CallManaged(StoredObject configuration, JsonObject webhook, string @namespace, JsonObject pod)
    {
        if (istiod.Managed(configuration.Json.Label("istio.io/rev")) is { } replica)
        {
            return SidecarInjector.Inject(store, replica.Settings, @namespace, pod);
        }

        return webhook.Text("failurePolicy") is "Ignore" ? null : throw new ApiStatusException(
            500,
            "InternalError",
            $"Internal error occurred: failed calling webhook \"{webhook.Text("name")}\": failed to call webhook: Post \"{webhook.Text("clientConfig", "url")}?timeout=10s\": context deadline exceeded");
    }

    private JsonObject? Call(JsonObject webhook, string @namespace, JsonObject pod)
    {
        var service = webhook.At("clientConfig", "service");
        var name = service.Text("name") ?? string.Empty;
        var home = service.Text("namespace") ?? string.Empty;
        if (istiod.Behind(home, name) is { } replica)
        {
            return SidecarInjector.Inject(store, replica.Settings, @namespace, pod);
        }

        if (webhook.Text("failurePolicy") is "Ignore")
        {
            return null;
        }

        var problem = store.Find(new ResourceKey("", "services", home, name)) is null ? $"service \"{name}\" not found" : $"no endpoints available for service \"{name}\"";
        throw new ApiStatusException(
            500,
            "InternalError",
            $"Internal error occurred: failed calling webhook \"{webhook.Text("name")}\": failed to call webhook: " +
            $"Post \"https://{name}.{home}.svc:443{service.Text("path")}?timeout=10s\": {problem}");
    }
}
