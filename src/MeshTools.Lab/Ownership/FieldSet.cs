using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// A set of fields, as <c>fieldsV1</c> writes it. A step of a path is kept as it is written: <c>f:name</c>, <c>k:{"name":"c"}</c>, <c>v:"x"</c>. Sets are
/// values: every operation gives a new one.
/// </summary>
internal sealed class FieldSet
{
    internal static readonly FieldSet Empty = new([], []);

    private readonly HashSet<string> _members;
    private readonly Dictionary<string, FieldSet> _children;

    private FieldSet(HashSet<string> members, Dictionary<string, FieldSet> children)
    {
        _members = members;
        _children = children;
    }

    internal bool IsEmpty => _members.Count == 0 && _children.Count == 0;

    internal bool Has(string step) => _members.Contains(step);

    internal FieldSet Under(string step) => _children.GetValueOrDefault(step, Empty);

    internal FieldSet Union(FieldSet other)
    {
        if (IsEmpty)
        {
            return other;
        }

        if (other.IsEmpty)
        {
            return this;
        }

        var members = new HashSet<string>(_members, StringComparer.Ordinal);
        members.UnionWith(other._members);
        var children = new Dictionary<string, FieldSet>(_children, StringComparer.Ordinal);
        foreach (var (step, child) in other._children)
        {
            children[step] = children.TryGetValue(step, out var mine) ? mine.Union(child) : child;
        }

        return new FieldSet(members, children);
    }

    internal FieldSet Intersection(FieldSet other)
    {
        var members = new HashSet<string>(_members, StringComparer.Ordinal);
        members.IntersectWith(other._members);
        var children = new Dictionary<string, FieldSet>(StringComparer.Ordinal);
        foreach (var (step, child) in _children)
        {
            Add(children, step, child.Intersection(other.Under(step)));
        }

        return new FieldSet(members, children);
    }

    /// <summary>The members that the other set does not have; what lies below a member of the other set stays.</summary>
    internal FieldSet Difference(FieldSet other)
    {
        if (other.IsEmpty)
        {
            return this;
        }

        var members = new HashSet<string>(_members, StringComparer.Ordinal);
        members.ExceptWith(other._members);
        var children = new Dictionary<string, FieldSet>(StringComparer.Ordinal);
        foreach (var (step, child) in _children)
        {
            Add(children, step, child.Difference(other.Under(step)));
        }

        return new FieldSet(members, children);
    }

    /// <summary>The set without the members of the other set and everything below them.</summary>
    internal FieldSet Without(FieldSet other)
    {
        if (other.IsEmpty)
        {
            return this;
        }

        var members = new HashSet<string>(_members, StringComparer.Ordinal);
        members.ExceptWith(other._members);
        var children = new Dictionary<string, FieldSet>(StringComparer.Ordinal);
        foreach (var (step, child) in _children)
        {
            if (!other._members.Contains(step))
            {
                Add(children, step, child.Without(other.Under(step)));
            }
        }

        return new FieldSet(members, children);
    }

    /// <summary>The same set in which every named field of a structure that has owned fields below it is owned itself.</summary>
    internal FieldSet WithStructures(TypeSchema? schema)
    {
        var members = new HashSet<string>(_members, StringComparer.Ordinal);
        var children = new Dictionary<string, FieldSet>(StringComparer.Ordinal);
        foreach (var (step, child) in _children)
        {
            if (schema is { Kind: ValueKind.Structure } && schema.Fields.ContainsKey(step[2..]) && step[0] == 'f')
            {
                members.Add(step);
            }

            children[step] = child.WithStructures(step[0] == 'f' ? schema?.Child(step[2..]) : schema?.Element);
        }

        return new FieldSet(members, children);
    }

    /// <summary>Every path, in the notation of conflict messages: <c>.spec.containers[name="c"].image</c>. Members of a level come before what lies deeper.</summary>
    internal IEnumerable<string> Paths() => Paths("");

    internal JsonObject ToFieldsV1()
    {
        var result = new JsonObject();
        foreach (var step in _members.Union(_children.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var below = _children.TryGetValue(step, out var child) ? child.ToFieldsV1() : [];
            if (_members.Contains(step) && below.Count > 0)
            {
                var withSelf = new JsonObject { ["."] = new JsonObject() };
                foreach (var (name, value) in below)
                {
                    withSelf[name] = JsonTree.Clone(value);
                }

                below = withSelf;
            }

            result[step] = below;
        }

        return result;
    }

    /// <exception cref="FormatException">No field set.</exception>
    internal static FieldSet FromFieldsV1(JsonObject fields)
    {
        var builder = new Builder();
        Read(fields, builder);
        return builder.ToSet();
    }

    internal static FieldSet Of(params string[] path)
    {
        var builder = new Builder();
        var current = builder;
        foreach (var step in path.AsSpan(0, path.Length - 1))
        {
            current = current.Child(step);
        }

        current.Insert(path[^1]);
        return builder.ToSet();
    }

    private static void Read(JsonObject fields, Builder builder)
    {
        foreach (var (step, value) in fields)
        {
            if (step is ".")
            {
                continue;
            }

            if (step.Length < 2 || step[1] != ':' || value is not JsonObject below)
            {
                throw new FormatException($"invalid field set step '{step}'");
            }

            if (below.Count == 0 || below.ContainsKey("."))
            {
                builder.Insert(step);
            }

            if (below.Count > 0)
            {
                Read(below, builder.Child(step));
            }
        }
    }

    private static void Add(Dictionary<string, FieldSet> children, string step, FieldSet child)
    {
        if (!child.IsEmpty)
        {
            children[step] = child;
        }
    }

    private static string Display(string step)
    {
        switch (step[0])
        {
            case 'f':
                return "." + step[2..];
            case 'k':
                var text = new StringBuilder("[");
                foreach (var (name, value) in (JsonObject)JsonNode.Parse(step[2..])!)
                {
                    text.Append(text.Length > 1 ? "," : "").Append(name).Append('=').Append(value?.ToJsonString(Wire.SerializerOptions) ?? "null");
                }

                return text.Append(']').ToString();
            case 'v':
                return "[=" + step[2..] + "]";
            default:
                return "[" + step[2..] + "]";
        }
    }

    private IEnumerable<string> Paths(string prefix)
    {
        foreach (var step in _members.Order(StringComparer.Ordinal))
        {
            yield return prefix + Display(step);
        }

        foreach (var (step, child) in _children.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            foreach (var path in child.Paths(prefix + Display(step)))
            {
                yield return path;
            }
        }
    }

    /// <summary>Collects fields.</summary>
    internal sealed class Builder
    {
        private readonly HashSet<string> _members = new(StringComparer.Ordinal);
        private readonly Dictionary<string, Builder> _children = new(StringComparer.Ordinal);

        internal void Insert(string step) => _members.Add(step);

        internal Builder Child(string step)
        {
            if (!_children.TryGetValue(step, out var child))
            {
                child = new Builder();
                _children.Add(step, child);
            }

            return child;
        }

        internal FieldSet ToSet()
        {
            var children = new Dictionary<string, FieldSet>(StringComparer.Ordinal);
            foreach (var (step, child) in _children)
            {
                Add(children, step, child.ToSet());
            }

            return new FieldSet(_members, children);
        }
    }
}
