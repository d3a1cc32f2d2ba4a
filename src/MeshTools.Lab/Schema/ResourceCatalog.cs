using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>What a cluster serves: the built-in resources, and those of its custom resource definitions as they come and go.</summary>
internal sealed class ResourceCatalog
{
    private static readonly Lazy<ImmutableArray<ServedResource>> BuiltIn = new(LoadBuiltIn);
    private static readonly Lazy<ImmutableDictionary<(string, string, string), ServedResource>> BuiltInIndex =
        new(() => BuiltIn.Value.ToImmutableDictionary(r => (r.Group, r.Version, r.Plural)));

    private readonly object _gate = new();
    private ImmutableDictionary<string, ImmutableArray<ServedResource>> _customByDefinition = ImmutableDictionary<string, ImmutableArray<ServedResource>>.Empty;
    private ImmutableDictionary<(string Group, string Version, string Plural), ServedResource> _index = BuiltInIndex.Value;
    private int _generation;

    /// <summary>Changes whenever what is served changes: documents made from the catalog may be kept until then.</summary>
    internal int Generation => Volatile.Read(ref _generation);

    /// <summary>Everything served, built-in kinds first.</summary>
    internal IEnumerable<ServedResource> All =>
        BuiltIn.Value.Concat(_customByDefinition.OrderBy(entry => entry.Key, StringComparer.Ordinal).SelectMany(entry => entry.Value));

    internal ServedResource? Find(string group, string version, string plural) => _index.GetValueOrDefault((group, version, plural));

    /// <summary>The resource by storage place, in the version that the object names when that is served.</summary>
    internal ServedResource? Find(ResourceKey key, string? apiVersion = null)
    {
        var version = apiVersion is null ? null : apiVersion[(apiVersion.LastIndexOf('/') + 1)..];
        if (version is not null && Find(key.Group, version, key.Plural) is { } exact)
        {
            return exact;
        }

        return All.FirstOrDefault(r => string.Equals(r.Plural, key.Plural, StringComparison.Ordinal) && string.Equals(r.Group, key.Group, StringComparison.Ordinal));
    }

    internal bool ServesGroupVersion(string group, string version) =>
        _index.Keys.Any(key => string.Equals(key.Group, group, StringComparison.Ordinal) && string.Equals(key.Version, version, StringComparison.Ordinal));

    internal bool ServesGroup(string group) => _index.Keys.Any(key => string.Equals(key.Group, group, StringComparison.Ordinal));

    /// <summary>Starts, changes or ends the serving of a definition's resources.</summary>
    internal void Define(string definitionName, JsonObject? definition)
    {
        lock (_gate)
        {
            var resources = definition is null ? [] : ReadDefinition(definitionName, definition);
            _customByDefinition = resources.IsEmpty ? _customByDefinition.Remove(definitionName) : _customByDefinition.SetItem(definitionName, resources);
            _index = BuiltInIndex.Value.AddRange(
                _customByDefinition.Values.SelectMany(list => list)
                    .Where(r => !BuiltInIndex.Value.ContainsKey((r.Group, r.Version, r.Plural)))
                    .DistinctBy(r => (r.Group, r.Version, r.Plural))
                    .Select(r => KeyValuePair.Create((r.Group, r.Version, r.Plural), r)));
            Interlocked.Increment(ref _generation);
        }
    }

    private static ImmutableArray<ServedResource> ReadDefinition(string definitionName, JsonObject definition)
    {
        if (definition["spec"] is not JsonObject spec || !IsEstablished(definition))
        {
            return [];
        }

        var names = definition["status"]?["acceptedNames"] as JsonObject ?? spec["names"] as JsonObject;
        var group = JsonTree.Text(spec["group"]);
        var plural = JsonTree.Text(names?["plural"]);
        var kind = JsonTree.Text(names?["kind"]);
        if (group is null || plural is null || kind is null || spec["versions"] is not JsonArray versions)
        {
            return [];
        }

        var builder = ImmutableArray.CreateBuilder<ServedResource>();
        foreach (var version in versions.OfType<JsonObject>())
        {
            if (version["served"]?.GetValue<bool>() != true)
            {
                continue;
            }

            var subresources = version["subresources"] as JsonObject;
            builder.Add(new ServedResource
            {
                Group = group,
                Version = JsonTree.Text(version["name"])!,
                Plural = plural,
                Singular = JsonTree.Text(names!["singular"]) ?? kind.ToLowerInvariant(),
                Kind = kind,
                ListKind = JsonTree.Text(names["listKind"]) ?? kind + "List",
                Namespaced = JsonTree.Text(spec["scope"]) is "Namespaced",
                ShortNames = Texts(names["shortNames"]),
                Categories = Texts(names["categories"]),
                Verbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"],
                Subresources = [.. (subresources?.ContainsKey("status") == true ? new[] { "status" } : []), .. (subresources?.ContainsKey("scale") == true ? new[] { "scale" } : [])],
                Schema = CustomSchemas.ForObject(version["schema"]?["openAPIV3Schema"] as JsonObject),
                Custom = new CustomResource
                {
                    DefinitionName = definitionName,
                    Columns = ReadColumns(version["additionalPrinterColumns"] as JsonArray),
                    SpecReplicasPath = JsonTree.FindText(subresources, "scale", "specReplicasPath"),
                    StatusReplicasPath = JsonTree.FindText(subresources, "scale", "statusReplicasPath"),
                    LabelSelectorPath = JsonTree.FindText(subresources, "scale", "labelSelectorPath"),
                },
            });
        }

        return builder.ToImmutable();
    }

    private static bool IsEstablished(JsonObject definition) =>
        (definition["status"]?["conditions"] as JsonArray)?.OfType<JsonObject>()
            .Any(c => JsonTree.Text(c["type"]) is "Established" && JsonTree.Text(c["status"]) is "True") == true;

    private static PrinterColumn[] ReadColumns(JsonArray? columns) => columns?.OfType<JsonObject>().Select(column => new PrinterColumn(
        JsonTree.Text(column["name"]) ?? "",
        JsonTree.Text(column["type"]) ?? "string",
        JsonTree.Text(column["format"]) ?? "",
        JsonTree.Text(column["description"]) ?? $"Custom resource definition column (in JSONPath format): {JsonTree.Text(column["jsonPath"])}",
        (int)(JsonTree.Integer(column["priority"]) ?? 0),
        JsonTree.Text(column["jsonPath"]) ?? "")).ToArray() ?? [];

    private static string[] Texts(JsonNode? list) => (list as JsonArray)?.Select(JsonTree.Text).OfType<string>().ToArray() ?? [];

    private static ImmutableArray<ServedResource> LoadBuiltIn()
    {
        var builder = ImmutableArray.CreateBuilder<ServedResource>();
        foreach (var line in BuiltInTypes.ReadLines("builtin-resources.txt"))
        {
            // group version plural singular kind scope short-names categories verbs subresources
            var words = line.Split(' ');
            var group = words[0] is "-" ? "" : words[0];
            builder.Add(new ServedResource
            {
                Group = group,
                Version = words[1],
                Plural = words[2],
                Singular = words[3],
                Kind = words[4],
                ListKind = words[4] + "List",
                Namespaced = words[5] is "N",
                ShortNames = Words(words[6]),
                Categories = Words(words[7]),
                Verbs = words[8] is "all" ? ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"] : Words(words[8]),
                Subresources = Words(words[9]),
                Schema = BuiltInTypes.Instance.Get(TypeName(group, words[1], words[4])),
            });
        }

        return builder.ToImmutable();
    }

    private static string[] Words(string text) => text is "-" ? [] : text.Split(',');

    internal static string TypeName(string group, string version, string kind)
    {
        var package = group.Length == 0 ? "core" : group.Split('.')[0] is "rbac" or "authentication" or "authorization" or "networking" or "storage" or "events"
            or "admissionregistration" or "apiextensions" or "scheduling" or "coordination" or "node" or "discovery" ? group.Split('.')[0] : group;
        return $"{package}.{version}.{kind}";
    }
}
