using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>What changed between two objects, as field sets.</summary>
internal sealed record Comparison(FieldSet Added, FieldSet Removed, FieldSet Modified)
{
    internal Comparison Without(FieldSet ignored) => new(Added.Without(ignored), Removed.Without(ignored), Modified.Without(ignored));
}

/// <summary>
/// Structured merging by schema: which fields an object sets, what two objects differ in, their merge, and removal of fields. The rules are those of
/// sigs.k8s.io/structured-merge-diff (typed/): maps and structures are merged field by field, associative lists item by item, everything else is one value.
/// </summary>
internal static class TypedTree
{
    /// <summary>Checks an object against the schema, as an apply does.</summary>
    /// <exception cref="FormatException">The first fault, as <c>.path: problem</c>.</exception>
    internal static void Validate(TypeSchema schema, JsonNode? value) => Validate(schema, value, "");

    /// <summary>The fields that an object sets.</summary>
    internal static FieldSet Fields(TypeSchema schema, JsonObject value)
    {
        var builder = new FieldSet.Builder();
        CollectChildren(schema, value, builder);
        return builder.ToSet();
    }

    internal static Comparison Compare(TypeSchema schema, JsonObject left, JsonObject right)
    {
        var added = new FieldSet.Builder();
        var removed = new FieldSet.Builder();
        var modified = new FieldSet.Builder();
        CompareMaps(schema, left, right, new Sink(added, removed, modified));
        return new Comparison(added.ToSet(), removed.ToSet(), modified.ToSet());
    }

    /// <summary>The left object with what the right one sets.</summary>
    internal static JsonObject Merge(TypeSchema schema, JsonObject left, JsonObject right) =>
        (JsonObject)(Merge(schema, new Operand(true, left), new Operand(true, right)).Value ?? new JsonObject());

    /// <summary>The object without the fields of the set.</summary>
    internal static JsonObject Remove(TypeSchema schema, JsonObject value, FieldSet fields) =>
        Remove(schema, (JsonNode)value, fields) as JsonObject ?? [];

    private static bool IsMap(TypeSchema schema, JsonNode? value) =>
        schema.Kind is ValueKind.Structure or ValueKind.Map || schema.Kind == ValueKind.Any && value is JsonObject;

    private static bool IsGranularList(TypeSchema schema) => schema.Kind == ValueKind.List && schema.Relation != ListRelation.Atomic;

    private static void Validate(TypeSchema schema, JsonNode? value, string path)
    {
        if (value is null)
        {
            return;
        }

        switch (schema.Kind)
        {
            case ValueKind.Structure or ValueKind.Map:
                if (value is not JsonObject map)
                {
                    throw new FormatException($"{path}: expected map, got {Describe(value)}");
                }

                foreach (var (name, child) in map)
                {
                    var childSchema = schema.Child(name) ?? throw new FormatException($"{path}.{name}: field not declared in schema");
                    Validate(childSchema, child, path + "." + name);
                }

                break;
            case ValueKind.List:
                if (value is not JsonArray list)
                {
                    throw new FormatException($"{path}: expected list, got {Describe(value)}");
                }

                var seen = new HashSet<string>(StringComparer.Ordinal);
                for (var i = 0; i < list.Count; i++)
                {
                    var step = string.Create(CultureInfo.InvariantCulture, $"[{i}]");
                    if (IsGranularList(schema))
                    {
                        string key;
                        try
                        {
                            key = ListItems.Step(schema, list[i]);
                        }
                        catch (FormatException fault)
                        {
                            throw new FormatException($"{path}: element {i}: {fault.Message}", fault);
                        }

                        if (!seen.Add(key))
                        {
                            throw new FormatException($"{path}: duplicate entries for key {DisplayKey(key)}");
                        }

                        step = DisplayKey(key);
                    }

                    Validate(schema.Element!, list[i], path + step);
                }

                break;
            case ValueKind.Any:
                break;
            default:
                ValidateScalar(schema, value, path);
                break;
        }
    }

    private static string DisplayKey(string step) => FieldSet.Of(step).Paths().First();

    private static void ValidateScalar(TypeSchema schema, JsonNode value, string path)
    {
        var kind = (value as JsonValue)?.GetValueKind() ?? JsonValueKind.Object;
        var expected = schema.Kind switch
        {
            ValueKind.Text or ValueKind.Bytes when kind != JsonValueKind.String => "expected string",
            ValueKind.Integer or ValueKind.Number when kind != JsonValueKind.Number => "expected numeric (int or float)",
            ValueKind.Boolean when kind is not (JsonValueKind.True or JsonValueKind.False) => "expected boolean",
            _ when kind is JsonValueKind.Object => "expected scalar",
            _ => null,
        };
        if (expected is not null)
        {
            throw new FormatException($"{path}: {expected}, got {Describe(value)}");
        }
    }

    private static string Describe(JsonNode value) => value switch
    {
        JsonObject => "map[string]interface {}",
        JsonArray => "[]interface {}",
        _ => value.GetValueKind() switch
        {
            JsonValueKind.String => "string",
            JsonValueKind.Number => JsonTree.Integer(value) is null ? "float64" : "int64",
            _ => "bool",
        },
    };

    private static void Collect(TypeSchema schema, JsonNode? value, FieldSet.Builder parent, string step)
    {
        if (IsMap(schema, value))
        {
            if (schema.IsAtomic)
            {
                parent.Insert(step);
            }
            else if (value is JsonObject map && map.Count > 0)
            {
                CollectChildren(schema, map, parent.Child(step));
            }
        }
        else if (schema.Kind == ValueKind.List)
        {
            if (schema.Relation == ListRelation.Atomic)
            {
                parent.Insert(step);
            }
            else if (value is JsonArray list)
            {
                var builder = parent.Child(step);
                foreach (var item in list)
                {
                    var itemStep = ListItems.Step(schema, item);
                    Collect(schema.Element!, item, builder, itemStep);
                    builder.Insert(itemStep);
                }
            }
        }
        else
        {
            parent.Insert(step);
        }
    }

    private static void CollectChildren(TypeSchema schema, JsonObject map, FieldSet.Builder builder)
    {
        foreach (var (name, value) in map)
        {
            if (schema.Child(name) is not { } childSchema)
            {
                continue;
            }

            var step = "f:" + name;
            Collect(childSchema, value, builder, step);
            if (value is null or JsonObject { Count: 0 } || !(schema.Kind == ValueKind.Structure && schema.Fields.ContainsKey(name)))
            {
                builder.Insert(step);
            }
        }
    }

    private static void Compare(TypeSchema schema, Operand left, Operand right, Sink sink, string step)
    {
        var probe = right.Value ?? left.Value;
        var isLeaf = true;
        if (IsMap(schema, probe) && left.Value is null or JsonObject && right.Value is null or JsonObject)
        {
            var a = left.Value as JsonObject;
            var b = right.Value as JsonObject;
            isLeaf = schema.IsAtomic || (a is not { Count: > 0 } && b is not { Count: > 0 });
            if (!isLeaf)
            {
                CompareMaps(schema, a, b, sink.Under(step));
            }
        }
        else if (IsGranularList(schema))
        {
            var a = left.Value as JsonArray;
            var b = right.Value as JsonArray;
            isLeaf = a is not { Count: > 0 } && b is not { Count: > 0 };
            if (!isLeaf)
            {
                CompareLists(schema, a, b, sink.Under(step));
            }
        }

        if (!left.Present)
        {
            sink.Added.Insert(step);
        }
        else if (!right.Present)
        {
            sink.Removed.Insert(step);
        }
        else if (isLeaf && !JsonTree.AreEqual(left.Value, right.Value))
        {
            sink.Modified.Insert(step);
        }
    }

    private static void CompareMaps(TypeSchema schema, JsonObject? left, JsonObject? right, Sink sink)
    {
        foreach (var (name, value) in left ?? [])
        {
            if (schema.Child(name) is { } child)
            {
                Compare(child, new Operand(true, value), Operand.Of(right, name), sink, "f:" + name);
            }
        }

        foreach (var (name, value) in right ?? [])
        {
            if ((left is null || !left.ContainsKey(name)) && schema.Child(name) is { } child)
            {
                Compare(child, Operand.Absent, new Operand(true, value), sink, "f:" + name);
            }
        }
    }

    private static void CompareLists(TypeSchema schema, JsonArray? left, JsonArray? right, Sink sink)
    {
        var a = Index(schema, left);
        var b = Index(schema, right);
        foreach (var (step, value) in a)
        {
            Compare(schema.Element!, new Operand(true, value), b.TryGetValue(step, out var other) ? new Operand(true, other) : Operand.Absent, sink, step);
        }

        foreach (var (step, value) in b)
        {
            if (!a.ContainsKey(step))
            {
                Compare(schema.Element!, Operand.Absent, new Operand(true, value), sink, step);
            }
        }
    }

    private static Dictionary<string, JsonNode?> Index(TypeSchema schema, JsonArray? list)
    {
        var index = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var item in list ?? [])
        {
            index.TryAdd(ListItems.Step(schema, item), item);
        }

        return index;
    }

    private static Operand Merge(TypeSchema schema, Operand left, Operand right)
    {
        if (!right.Present)
        {
            return left.Copy();
        }

        if (!left.Present)
        {
            return right.Copy();
        }

        var probe = right.Value ?? left.Value;
        if (IsMap(schema, probe) && !schema.IsAtomic && left.Value is null or JsonObject && right.Value is JsonObject b && (b.Count > 0 || left.Value is JsonObject { Count: > 0 }))
        {
            var a = left.Value as JsonObject;
            var result = new JsonObject();
            foreach (var (name, value) in a ?? [])
            {
                var merged = Merge(schema.Child(name) ?? TypeSchema.Anything, new Operand(true, value), Operand.Of(b, name));
                result[name] = merged.Value;
            }

            foreach (var (name, value) in b)
            {
                if (a is null || !a.ContainsKey(name))
                {
                    result[name] = JsonTree.Clone(value);
                }
            }

            return new Operand(true, result);
        }

        if (IsGranularList(schema) && left.Value is null or JsonArray && right.Value is JsonArray items && (items.Count > 0 || left.Value is JsonArray { Count: > 0 }))
        {
            return new Operand(true, MergeLists(schema, left.Value as JsonArray ?? [], items));
        }

        // Explicitly null over a map or list that has fields: nothing of it is set by the right side.
        if (right.Value is null && (left.Value is JsonObject { Count: > 0 } && IsMap(schema, left.Value) && !schema.IsAtomic || left.Value is JsonArray { Count: > 0 } && IsGranularList(schema)))
        {
            return left.Copy();
        }

        return right.Copy();
    }

    /// <summary>Items of both sides keep the order of the right one; items of the left side alone stay where they stand among them.</summary>
    private static JsonArray MergeLists(TypeSchema schema, JsonArray left, JsonArray right)
    {
        var leftSteps = left.Select(item => ListItems.Step(schema, item)).ToArray();
        var rightSteps = right.Select(item => ListItems.Step(schema, item)).ToArray();
        var leftIndex = Index(schema, left);
        var rightIndex = Index(schema, right);
        var shared = new Queue<string>(rightSteps.Where(leftIndex.ContainsKey));
        var done = new HashSet<string>(StringComparer.Ordinal);
        var result = new JsonArray();
        int l = 0, r = 0;
        while (l < leftSteps.Length || r < rightSteps.Length)
        {
            if (l < leftSteps.Length)
            {
                var step = leftSteps[l];
                if (!rightIndex.ContainsKey(step))
                {
                    result.Add(JsonTree.Clone(left[l]));
                    l++;
                    continue;
                }

                if (done.Contains(step) || (r < rightSteps.Length && shared.TryPeek(out var next) && !string.Equals(next, step, StringComparison.Ordinal)))
                {
                    l++;
                    continue;
                }
            }

            if (r < rightSteps.Length)
            {
                var step = rightSteps[r];
                if (done.Add(step))
                {
                    var mine = leftIndex.TryGetValue(step, out var known) ? new Operand(true, known) : Operand.Absent;
                    result.Add(Merge(schema.Element!, mine, new Operand(true, rightIndex[step])).Value);
                    if (shared.TryPeek(out var next) && string.Equals(next, step, StringComparison.Ordinal))
                    {
                        shared.Dequeue();
                    }
                }

                if (l < leftSteps.Length && string.Equals(leftSteps[l], step, StringComparison.Ordinal))
                {
                    l++;
                }

                r++;
            }
            else
            {
                l++;
            }
        }

        return result;
    }

    private static JsonNode? Remove(TypeSchema schema, JsonNode? value, FieldSet fields)
    {
        if (IsMap(schema, value) && value is JsonObject map)
        {
            if (map.Count == 0 || schema.IsAtomic)
            {
                return null;
            }

            var result = new JsonObject();
            var touched = false;
            foreach (var (name, child) in map)
            {
                var step = "f:" + name;
                if (fields.Has(step))
                {
                    continue;
                }

                var below = fields.Under(step);
                if (below.IsEmpty)
                {
                    result[name] = JsonTree.Clone(child);
                }
                else
                {
                    touched = true;
                    result[name] = Remove(schema.Child(name) ?? TypeSchema.Anything, child, below) ?? EmptyLike(child);
                }
            }

            return result.Count > 0 || touched ? result : null;
        }

        if (schema.Kind == ValueKind.List && value is JsonArray list)
        {
            if (list.Count == 0 || schema.Relation == ListRelation.Atomic)
            {
                return null;
            }

            var result = new JsonArray();
            var touched = false;
            foreach (var item in list)
            {
                var step = ListItems.Step(schema, item);
                if (fields.Has(step))
                {
                    continue;
                }

                var below = fields.Under(step);
                if (below.IsEmpty)
                {
                    result.Add(JsonTree.Clone(item));
                }
                else
                {
                    touched = true;
                    result.Add(Remove(schema.Element!, item, below) ?? EmptyLike(item));
                }
            }

            return result.Count > 0 || touched ? result : null;
        }

        return JsonTree.Clone(value);
    }

    private static JsonNode? EmptyLike(JsonNode? value) => value switch
    {
        JsonObject => new JsonObject(),
        JsonArray => new JsonArray(),
        _ => null,
    };

    /// <summary>A value that may be absent, which is not the same as null.</summary>
    private readonly record struct Operand(bool Present, JsonNode? Value)
    {
        internal static Operand Absent => default;

        internal static Operand Of(JsonObject? parent, string name) =>
            parent is not null && parent.TryGetPropertyValue(name, out var value) ? new Operand(true, value) : Absent;

        internal Operand Copy() => this with { Value = JsonTree.Clone(Value) };
    }

    private sealed record Sink(FieldSet.Builder Added, FieldSet.Builder Removed, FieldSet.Builder Modified)
    {
        internal Sink Under(string step) => new(Added.Child(step), Removed.Child(step), Modified.Child(step));
    }
}
