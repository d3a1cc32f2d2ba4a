using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// What every active namespace has: the ServiceAccount <c>default</c> and the ConfigMap <c>kube-root-ca.crt</c>
/// (k8s pkg/controller/serviceaccount, pkg/controller/certificates/rootcacertpublisher). Both come back when deleted.
/// </summary>
internal sealed class NamespaceDefaultsController(ObjectStore store, string authorityPem) : IController
{
    private const string RootConfigMap = "kube-root-ca.crt";

    public IEnumerable<ResourceKey> KeysFor(StoreEvent change)
    {
        var key = change.Object.Key;
        if (key is { Group: "", Plural: "namespaces" })
        {
            yield return key;
        }
        else if (key is { Group: "", Plural: "serviceaccounts", Name: "default" } or { Group: "", Plural: "configmaps", Name: RootConfigMap })
        {
            yield return Namespaces.Key(key.Namespace!);
        }
    }

    public ValueTask<TimeSpan?> ReconcileAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        if (Namespaces.IsActive(store, key.Name))
        {
            Namespaces.CreateIfAbsent(store, new ResourceKey("", "serviceaccounts", key.Name, "default"), ServiceAccount(), FieldManagers.ControllerManager);
            var root = new ResourceKey("", "configmaps", key.Name, RootConfigMap);
            Namespaces.CreateIfAbsent(store, root, RootCertificate(), FieldManagers.ControllerManager);
            store.Mutate(root, WithRootCertificate, FieldManagers.ControllerManager);
        }

        return ValueTask.FromResult<TimeSpan?>(null);
    }

    private static JsonObject ServiceAccount() => new() { ["apiVersion"] = "v1", ["kind"] = "ServiceAccount" };

    private JsonObject RootCertificate() => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject
        {
            ["annotations"] = new JsonObject
            {
                ["kubernetes.io/description"] =
                    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP " +
                    "or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.",
            },
        },
        ["data"] = new JsonObject { ["ca.crt"] = authorityPem },
    };

    private JsonObject WithRootCertificate(JsonObject json)
    {
        json["data"] = new JsonObject { ["ca.crt"] = authorityPem };
        return json;
    }
}
