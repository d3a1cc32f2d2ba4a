using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>
/// One object of any kind, over its JSON. Nothing is lost or reordered: fields this library does not know stay where they are.
/// </summary>
public sealed class KubernetesObject
{
    /// <summary>Wraps a JSON object; the tree is not copied.</summary>
    /// <param name="json">The object, normally with <c>apiVersion</c>, <c>kind</c> and <c>metadata</c>.</param>
    public KubernetesObject(JsonObject json)
    {
        ArgumentNullException.ThrowIfNull(json);
        Json = json;
    }

    /// <summary>Makes a new object with its metadata.</summary>
    /// <param name="apiVersion">For example <c>v1</c> or <c>apps/v1</c>.</param>
    /// <param name="kind">For example <c>Secret</c>.</param>
    /// <param name="name">The name.</param>
    /// <param name="namespace">The namespace; <see langword="null"/> for cluster-scoped objects.</param>
    /// <returns>The object.</returns>
    public static KubernetesObject Create(string apiVersion, string kind, string name, string? @namespace = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(apiVersion);
        ArgumentException.ThrowIfNullOrEmpty(kind);
        ArgumentException.ThrowIfNullOrEmpty(name);
        var metadata = new JsonObject { ["name"] = name };
        if (@namespace is not null)
            metadata["namespace"] = @namespace;
        return new KubernetesObject(new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind, ["metadata"] = metadata });
    }

    /// <summary>The JSON itself; changes to it are changes to this object.</summary>
    public JsonObject Json { get; }

    /// <summary><c>apiVersion</c>; empty when absent.</summary>
    public string ApiVersion => Json.FindString("apiVersion") ?? "";

    /// <summary><c>kind</c>; empty when absent.</summary>
    public string Kind => Json.FindString("kind") ?? "";

    /// <summary><c>metadata.name</c>; empty when absent.</summary>
    public string Name => Json.FindString("metadata", "name") ?? "";

    /// <summary><c>metadata.namespace</c>; <see langword="null"/> for cluster-scoped objects.</summary>
    public string? Namespace => Json.FindString("metadata", "namespace") is { Length: > 0 } value ? value : null;

    /// <summary><c>metadata.uid</c>, which the server gives.</summary>
    public string? Uid => Json.FindString("metadata", "uid");

    /// <summary><c>metadata.resourceVersion</c>, opaque.</summary>
    public string? ResourceVersion => Json.FindString("metadata", "resourceVersion");

    /// <summary><c>metadata.generation</c>; 0 for kinds that do not count their specification's changes.</summary>
    public long Generation => Json.FindInt64("metadata", "generation") ?? 0;

    /// <summary><c>metadata.creationTimestamp</c>.</summary>
    public DateTimeOffset? CreationTimestamp => JsonAccess.AsTime(Json.FindString("metadata", "creationTimestamp"));

    /// <summary><c>metadata.deletionTimestamp</c>: set while the object waits for its finalizers.</summary>
    public DateTimeOffset? DeletionTimestamp => JsonAccess.AsTime(Json.FindString("metadata", "deletionTimestamp"));

    /// <summary><c>metadata.labels</c>, a copy; never <see langword="null"/>.</summary>
    public IReadOnlyDictionary<string, string> Labels => JsonAccess.ToStringMap(Json.Find("metadata", "labels"));

    /// <summary><c>metadata.annotations</c>, a copy; never <see langword="null"/>.</summary>
    public IReadOnlyDictionary<string, string> Annotations => JsonAccess.ToStringMap(Json.Find("metadata", "annotations"));

    /// <summary>What names this object.</summary>
    public ObjectReference Reference => new(ApiVersion, Kind, Name, Namespace);

    /// <summary>The node at a path of map keys.</summary>
    /// <param name="path">The keys, outermost first.</param>
    /// <returns>The node, or <see langword="null"/> when any step is absent or not a map.</returns>
    public JsonNode? Find(params string[] path) => Json.Find(path);

    /// <summary>The string at a path of map keys.</summary>
    /// <param name="path">The keys, outermost first.</param>
    /// <returns>The text, or <see langword="null"/> when any step is absent or the value is no string.</returns>
    public string? FindString(params string[] path) => Json.FindString(path);

    /// <summary>The whole number at a path of map keys.</summary>
    /// <param name="path">The keys, outermost first.</param>
    /// <returns>The number, or <see langword="null"/> when any step is absent or the value is no whole number.</returns>
    public long? FindInt64(params string[] path) => Json.FindInt64(path);

    /// <summary>The condition of a type under <c>status.conditions</c>; types compare case-insensitively, as kubectl does.</summary>
    /// <param name="type">For example <c>Available</c>.</param>
    /// <returns>The condition, or <see langword="null"/>.</returns>
    public JsonObject? FindCondition(string type)
    {
        foreach (var item in Json.FindArray("status", "conditions") ?? [])
        {
            if (string.Equals(item.FindString("type"), type, StringComparison.OrdinalIgnoreCase))
                return item as JsonObject;
        }

        return null;
    }

    /// <summary>A deep copy.</summary>
    /// <returns>The copy; changes to it do not reach this object.</returns>
    public KubernetesObject Clone() => new((JsonObject)Json.DeepClone());

    /// <summary>
    /// A copy without what only the server writes: <c>metadata.managedFields</c>, <c>resourceVersion</c>, <c>uid</c>,
    /// <c>creationTimestamp</c>, <c>generation</c>, <c>selfLink</c>, <c>deletionTimestamp</c>, <c>deletionGracePeriodSeconds</c> and <c>status</c>.
    /// Use it to apply an object that was read from a cluster.
    /// </summary>
    /// <returns>The copy.</returns>
    public KubernetesObject WithoutServerFields()
    {
        var copy = Clone();
        if (copy.Json["metadata"] is JsonObject metadata)
        {
            foreach (var field in ServerMetadata)
                metadata.Remove(field);
            metadata.Remove("managedFields");
        }

        copy.Json.Remove("status");
        return copy;
    }

    internal static readonly string[] ServerMetadata =
        ["resourceVersion", "uid", "creationTimestamp", "generation", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds"];

    /// <summary>The object's reference; its content may be secret and is never shown.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Reference}");
}
