using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>Pods made from a template (k8s pkg/controller/controller_utils.go).</summary>
internal static class PodTemplates
{
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>A pod of a template, owned by its controller.</summary>
    public static JsonObject Pod(JsonNode? template, StoredObject owner)
    {
        var pod = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Pod" };
        var metadata = pod.Child("metadata");
        if (template.At("metadata", "labels") is { } labels)
        {
            metadata["labels"] = labels.DeepClone();
        }

        if (template.At("metadata", "annotations") is { } annotations)
        {
            metadata["annotations"] = annotations.DeepClone();
        }

        metadata["ownerReferences"] = new JsonArray(Fields.OwnerReference(owner));
        pod["spec"] = template.At("spec")?.DeepClone() ?? new JsonObject();
        return pod;
    }

    /// <summary>A hash of a template in the alphabet that Kubernetes uses in names (apimachinery util/rand SafeEncodeString).</summary>
    public static string Hash(JsonNode? template)
    {
        // FNV-1a; which hash it is does not matter to anyone, that it is short and the same for equal templates does.
        var text = new StringBuilder();
        Append(text, template);
        var hash = 2166136261u;
        for (var i = 0; i < text.Length; i++)
        {
            hash = (hash ^ text[i]) * 16777619u;
        }

        return Encode(hash.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Five random characters, the end of a generated name.</summary>
    public static string Suffix() => string.Create(5, 0, (span, _) =>
    {
        for (var i = 0; i < span.Length; i++)
        {
            span[i] = Alphabet[Random.Shared.Next(Alphabet.Length)];
        }
    });

    /// <summary>True for a pod that is neither finished nor going.</summary>
    public static bool IsActive(StoredObject pod) =>
        !pod.IsTerminating && pod.Json.Text("status", "phase") is not ("Succeeded" or "Failed");

    /// <summary>True for a pod whose Ready condition is True.</summary>
    public static bool IsReady(StoredObject pod) => pod.Json.Objects("status", "conditions").Any(condition =>
        condition.Text("type") is "Ready" && condition.Text("status") is "True");

    /// <summary>The pods that an object controls.</summary>
    public static List<StoredObject> Of(ObjectStore store, StoredObject owner) =>
        [.. store.List("", "pods", owner.Key.Namespace).Items.Where(pod => IsControlledBy(pod, owner.Uid))];

    /// <summary>True when an object's controlling owner has this UID.</summary>
    public static bool IsControlledBy(StoredObject dependent, string uid) =>
        string.Equals(Fields.Controller(dependent.Json).Text("uid"), uid, StringComparison.Ordinal);

    /// <summary>The key of the controlling owner when it is of a kind.</summary>
    public static ResourceKey? OwnerKey(StoredObject dependent, string kind, string group, string plural) =>
        Fields.Controller(dependent.Json) is { } owner && string.Equals(owner.Text("kind"), kind, StringComparison.Ordinal) &&
        owner.Text("name") is { } name
            ? new ResourceKey(group, plural, dependent.Key.Namespace, name)
            : null;

    /// <summary>JSON with its fields in order and without empty ones, so that neither the way a template came nor defaults of "nothing" count.</summary>
    private static void Append(StringBuilder text, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject fields:
                text.Append('{');
                foreach (var (name, value) in fields.OrderBy(field => field.Key, StringComparer.Ordinal))
                {
                    if (value is not (null or JsonObject { Count: 0 } or JsonArray { Count: 0 }))
                    {
                        text.Append(name).Append(':');
                        Append(text, value);
                        text.Append(',');
                    }
                }

                text.Append('}');
                break;
            case JsonArray items:
                text.Append('[');
                foreach (var item in items)
                {
                    Append(text, item);
                    text.Append(',');
                }

                text.Append(']');
                break;
            default:
                text.Append(node?.ToJsonString());
                break;
        }
    }

    private static string Encode(string digits) => string.Create(digits.Length, digits, (span, text) =>
    {
        for (var i = 0; i < span.Length; i++)
        {
            span[i] = Alphabet[text[i] % Alphabet.Length];
        }
    });
}
