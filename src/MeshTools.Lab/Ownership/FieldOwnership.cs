using System.Text.Json;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// Who owns which field: records it for creates, updates and patches, and applies configurations with it. The rules are those of
/// k8s.io/apimachinery/pkg/util/managedfields and sigs.k8s.io/structured-merge-diff/merge.
/// </summary>
internal static class FieldOwnership
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    /// <summary>What the server writes itself is owned by nobody.</summary>
    private static readonly FieldSet ServerFields = new[]
    {
        FieldSet.Of("f:apiVersion"),
        FieldSet.Of("f:kind"),
        FieldSet.Of("f:metadata"),
        FieldSet.Of("f:metadata", "f:name"),
        FieldSet.Of("f:metadata", "f:namespace"),
        FieldSet.Of("f:metadata", "f:creationTimestamp"),
        FieldSet.Of("f:metadata", "f:selfLink"),
        FieldSet.Of("f:metadata", "f:uid"),
        FieldSet.Of("f:metadata", "f:clusterName"),
        FieldSet.Of("f:metadata", "f:generation"),
        FieldSet.Of("f:metadata", "f:managedFields"),
        FieldSet.Of("f:metadata", "f:resourceVersion"),
    }.Aggregate((all, one) => all.Union(one));

    /// <summary>Records a create, update or patch by a manager.</summary>
    /// <param name="resource">What the object is.</param>
    /// <param name="live">The object before; for a create the empty object of its kind.</param>
    /// <param name="updated">The object after, not changed. Its own <c>managedFields</c> count when they can be read and are not empty, as clients may edit them.</param>
    /// <param name="manager">The field manager.</param>
    /// <param name="subresource">The subresource written to, or empty.</param>
    /// <param name="ignored">Fields that this endpoint does not write.</param>
    /// <param name="now">The time of the write.</param>
    /// <returns>The object after with its <c>managedFields</c>.</returns>
    internal static JsonObject RecordUpdate(
        ServedResource resource,
        JsonObject live,
        JsonObject updated,
        string manager,
        string subresource,
        FieldSet ignored,
        DateTimeOffset now)
    {
        var result = JsonTree.CloneObject(updated);
        var managed = ReadOf(live, updated, subresource.Length > 0);
        var isCreate = JsonTree.FindText(live, "metadata", "uid") is null;
        var before = WithoutManagedFields(live);
        SetManagedFields(result, null);
        if (managed.Entries.Count == 0 && !isCreate)
        {
            // An object that nobody tracks stays so until it is applied.
            return result;
        }

        var comparison = TypedTree.Compare(resource.Schema, before, result).Without(ignored);
        foreach (var (owner, entry) in managed.Entries.ToArray())
        {
            Keep(managed, owner, entry, entry.Fields.Difference(comparison.Modified.Union(comparison.Added)).Difference(comparison.Removed));
        }

        var gained = comparison.Modified.Union(comparison.Added).Without(ignored).Difference(ServerFields);
        if (!gained.IsEmpty)
        {
            var self = new FieldManager(manager, IsApplier: false, resource.ApiVersion, subresource);
            var known = managed.Entries.TryGetValue(self, out var mine) ? mine.Fields : FieldSet.Empty;
            managed.Entries[self] = new ManagedEntry(known.Union(gained), resource.ApiVersion, now);
        }

        managed.Cap();
        SetManagedFields(result, managed);
        return result;
    }

    /// <summary>Applies a configuration.</summary>
    /// <param name="resource">What the object is.</param>
    /// <param name="live">The object as it is; for a create the empty object of its kind.</param>
    /// <param name="configuration">The configuration.</param>
    /// <param name="manager">The field manager.</param>
    /// <param name="subresource">The subresource applied to, or empty.</param>
    /// <param name="ignored">Fields that this endpoint does not write.</param>
    /// <param name="force">Takes fields from other managers.</param>
    /// <param name="now">The time of the write.</param>
    /// <returns>The object after, before defaults. The live object itself, but for <c>managedFields</c>, when the configuration changes nothing.</returns>
    /// <exception cref="ApiStatusException">409 with a cause for each conflict; 500 for fields that are not in the schema.</exception>
    internal static JsonObject Apply(
        ServedResource resource,
        JsonObject live,
        JsonObject configuration,
        string manager,
        string subresource,
        FieldSet ignored,
        bool force,
        DateTimeOffset now)
    {
        var name = JsonTree.FindText(configuration, "metadata", "name");
        var @namespace = JsonTree.FindText(configuration, "metadata", "namespace");
        try
        {
            TypedTree.Validate(resource.Schema, configuration);
        }
        catch (FormatException fault)
        {
            var where = @namespace is null ? "/" + name : @namespace + "/" + name;
            throw new ApiStatusException(500, null, $"failed to create typed patch object ({where}; {resource.ApiVersionWithSlash}, Kind={resource.Kind}): {fault.Message}");
        }

        var before = WithoutManagedFields(live);
        var managed = ReadOf(live, live, fromLive: true);
        if (managed.Entries.Count == 0 && JsonTree.FindText(live, "metadata", "uid") is not null)
        {
            // The first apply: what is there belongs to whoever wrote it before, together.
            var untracked = TypedTree.Compare(resource.Schema, ObjectDecoder.Empty(resource), before).Added.Without(ignored).Difference(ServerFields);
            var known = TypedTree.Compare(resource.Schema, ObjectDecoder.Empty(resource), before).Modified.Without(ignored).Difference(ServerFields).Union(untracked);
            if (!known.IsEmpty)
            {
                managed.Entries[new FieldManager("before-first-apply", IsApplier: false, resource.ApiVersion, "")] = new ManagedEntry(known, resource.ApiVersion, now);
            }
        }

        var self = new FieldManager(manager, IsApplier: true, "", subresource);
        var applied = TypedTree.Fields(resource.Schema, configuration).Without(ignored).Difference(ServerFields);
        var last = managed.Entries.TryGetValue(self, out var previous) ? previous : null;
        managed.Entries[self] = new ManagedEntry(applied, resource.ApiVersion, previous?.Time ?? now);
        var merged = TypedTree.Merge(resource.Schema, before, configuration);
        merged = Prune(resource.Schema, merged, managed, last?.Fields);
        var comparison = TypedTree.Compare(resource.Schema, before, merged).Without(ignored);
        var changed = comparison.Modified.Union(comparison.Added);
        var conflicts = managed.Entries
            .Where(entry => entry.Key != self)
            .Select(entry => (Manager: entry.Key, Fields: entry.Value.Fields.Intersection(changed)))
            .Where(conflict => !conflict.Fields.IsEmpty)
            .ToArray();
        if (conflicts.Length > 0 && !force)
        {
            conflicts = WithoutClientSideApplied(resource.Schema, before, manager, conflicts);
            if (conflicts.Length > 0)
            {
                throw Conflict(conflicts);
            }
        }

        foreach (var (owner, entry) in managed.Entries.ToArray())
        {
            if (owner != self)
            {
                Keep(managed, owner, entry, entry.Fields.Difference(changed).Difference(comparison.Removed));
            }
        }

        if (applied.IsEmpty)
        {
            managed.Entries.Remove(self);
        }

        var isSame = JsonTree.AreEqual(before, merged);
        if (!isSame && managed.Entries.TryGetValue(self, out var now1))
        {
            managed.Entries[self] = now1 with { Time = now };
        }

        var result = isSame ? before : merged;
        UpdateLastApplied(result, configuration, manager);
        managed.Cap();
        SetManagedFields(result, managed);
        return result;
    }

    /// <summary>The object without its <c>managedFields</c>, as a copy.</summary>
    internal static JsonObject WithoutManagedFields(JsonObject value)
    {
        var copy = JsonTree.CloneObject(value);
        SetManagedFields(copy, null);
        return copy;
    }

    private static void SetManagedFields(JsonObject value, ManagedFields? managed)
    {
        if (managed is not { Entries.Count: > 0 })
        {
            (value["metadata"] as JsonObject)?.Remove("managedFields");
            return;
        }

        Metadata.Of(value)["managedFields"] = managed.Write();
    }

    private static ManagedFields ReadOf(JsonObject live, JsonObject updated, bool fromLive)
    {
        if (!fromLive && JsonTree.Find(updated, "metadata", "managedFields") is JsonArray { Count: > 0 } given)
        {
            // One empty entry is how a client asks to forget all owners.
            if (given.Count == 1 && given[0] is JsonObject only && only.All(field => JsonTree.Text(field.Value) is ""))
            {
                return new ManagedFields();
            }

            try
            {
                var read = ManagedFields.Read(given);
                if (read.Entries.Count > 0)
                {
                    return read;
                }
            }
            catch (FormatException)
            {
                // Unreadable owners are as good as none given.
            }
        }

        try
        {
            return ManagedFields.Read(JsonTree.Find(live, "metadata", "managedFields") as JsonArray);
        }
        catch (FormatException)
        {
            return new ManagedFields();
        }
    }

    private static void Keep(ManagedFields managed, FieldManager owner, ManagedEntry entry, FieldSet fields)
    {
        if (fields.IsEmpty)
        {
            managed.Entries.Remove(owner);
        }
        else
        {
            managed.Entries[owner] = entry with { Fields = fields };
        }
    }

    /// <summary>Drops what the manager applied last time, does not apply now, and nobody else owns.</summary>
    private static JsonObject Prune(TypeSchema schema, JsonObject merged, ManagedFields managed, FieldSet? last)
    {
        if (last is null || last.IsEmpty)
        {
            return merged;
        }

        var lastNamed = last.WithStructures(schema);
        var mergedNamed = TypedTree.Fields(schema, merged).WithStructures(schema);
        var owned = managed.Entries.Values.Select(entry => entry.Fields).Aggregate(FieldSet.Empty, (all, one) => all.Union(one)).WithStructures(schema);

        var pruned = TypedTree.Remove(schema, merged, lastNamed);
        var prunedNamed = TypedTree.Fields(schema, pruned).WithStructures(schema);
        pruned = TypedTree.Remove(schema, merged, mergedNamed.Difference(prunedNamed.Union(owned)));
        prunedNamed = TypedTree.Fields(schema, pruned).WithStructures(schema);
        return TypedTree.Remove(schema, merged, mergedNamed.Difference(prunedNamed).Intersection(lastNamed));
    }

    /// <summary>kubectl may take over what it applied from the client side: fields whose live value is still the one in its annotation.</summary>
    private static (FieldManager Manager, FieldSet Fields)[] WithoutClientSideApplied(
        TypeSchema schema,
        JsonObject live,
        string manager,
        (FieldManager Manager, FieldSet Fields)[] conflicts)
    {
        if (manager is not "kubectl" || JsonTree.FindText(live, "metadata", "annotations", LastApplied) is not { Length: > 0 } text)
        {
            return conflicts;
        }

        JsonObject? annotated;
        try
        {
            annotated = JsonTree.Parse(System.Text.Encoding.UTF8.GetBytes(text)) as JsonObject;
            if (annotated is null)
            {
                return conflicts;
            }

            TypedTree.Validate(schema, annotated);
        }
        catch (Exception unreadable) when (unreadable is JsonException or FormatException)
        {
            return conflicts;
        }

        var comparison = TypedTree.Compare(schema, annotated, live);
        var allowed = TypedTree.Fields(schema, annotated).Difference(comparison.Modified).Difference(comparison.Added).Difference(comparison.Removed);
        return conflicts
            .Select(conflict => (conflict.Manager, Fields: conflict.Fields.Difference(allowed)))
            .Where(conflict => !conflict.Fields.IsEmpty)
            .ToArray();
    }

    private static void UpdateLastApplied(JsonObject result, JsonObject configuration, string manager)
    {
        if (manager is not "kubectl" || JsonTree.Find(result, "metadata", "annotations") is not JsonObject annotations || !annotations.ContainsKey(LastApplied))
        {
            return;
        }

        var kept = JsonTree.CloneObject(configuration);
        (JsonTree.Find(kept, "metadata", "annotations") as JsonObject)?.Remove(LastApplied);
        SetManagedFields(kept, null);
        annotations[LastApplied] = kept.ToJsonString(Wire.SerializerOptions) + "\n";
    }

    private static ApiStatusException Conflict((FieldManager Manager, FieldSet Fields)[] conflicts)
    {
        var causes = new List<StatusCause>();
        var lines = new List<string>();
        foreach (var (manager, fields) in conflicts.OrderBy(conflict => conflict.Manager.Name, StringComparer.Ordinal))
        {
            lines.Add($"conflicts with {manager.Display}:");
            foreach (var path in fields.Paths())
            {
                lines.Add("- " + path);
                causes.Add(new StatusCause("FieldManagerConflict", $"conflict with {manager.Display}", path));
            }
        }

        var message = causes.Count == 1
            ? $"Apply failed with 1 conflict: {causes[0].Message}: {causes[0].Field}"
            : $"Apply failed with {causes.Count} conflicts: {string.Join('\n', lines)}";
        return new ApiStatusException(409, "Conflict", message, ApiStatusException.DetailsOf(null, null, null, causes));
    }
}
