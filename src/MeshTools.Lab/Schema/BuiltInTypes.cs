using System.Reflection;

namespace MeshTools.Lab;

/// <summary>
/// The types of the built-in kinds, read from <c>builtin-types.txt</c>. One type a line: its name, a colon, its fields separated by semicolons.
/// A field is a name, a type and marks. Types: s text, i integer, n number, b boolean, B bytes, t time, u time with microseconds, q quantity,
/// x integer or text, ? anything, F field set, [T] list, {T} map, or the name of another type. Marks: <c>ptr</c>, <c>always</c>, <c>null</c> (see
/// <see cref="FieldSchema"/>), <c>req</c>, <c>set</c> and <c>key=a,b</c> (list types), <c>merge=k</c> and <c>retain</c> (strategic merge), <c>atomic</c>,
/// <c>=value</c> (default). A type name followed by % is atomic.
/// </summary>
internal sealed class BuiltInTypes
{
    private static readonly Lazy<BuiltInTypes> Shared = new(Load);
    private readonly Dictionary<string, TypeSchema> _types = new(StringComparer.Ordinal);
    private readonly List<(TypeSchema Marked, TypeSchema Named)> _marked = [];

    private BuiltInTypes()
    {
    }

    internal static BuiltInTypes Instance => Shared.Value;

    internal IReadOnlyDictionary<string, TypeSchema> All => _types;

    internal TypeSchema Get(string name) => _types[name];

    /// <summary>The lines of a table that is embedded in this assembly.</summary>
    internal static IEnumerable<string> ReadLines(string file)
    {
        var assembly = Assembly.GetExecutingAssembly();
        using var stream = assembly.GetManifestResourceStream(file) ?? throw new InvalidOperationException($"The assembly lacks {file}.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0)
            {
                yield return line;
            }
        }
    }

    private static BuiltInTypes Load()
    {
        var types = new BuiltInTypes();
        var lines = new List<(TypeSchema Type, string Fields)>();
        foreach (var line in ReadLines("builtin-types.txt"))
        {
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            var head = line[..colon];
            var atomic = head.EndsWith('%');
            var name = atomic ? head[..^1] : head;
            var type = new TypeSchema { Kind = ValueKind.Structure, Name = name, IsAtomic = atomic };
            types._types.Add(name, type);
            lines.Add((type, line[(colon + 2)..]));
        }

        foreach (var (type, text) in lines)
        {
            var fields = text.Split("; ", StringSplitOptions.RemoveEmptyEntries).Select(types.ReadField).ToArray();
            type.OrderedFields = fields;
            type.Fields = fields.ToDictionary(field => field.Name, StringComparer.Ordinal);
        }

        foreach (var (marked, named) in types._marked)
        {
            marked.Fields = named.Fields;
            marked.OrderedFields = named.OrderedFields;
        }

        return types;
    }

    private FieldSchema ReadField(string text)
    {
        var words = text.Split(' ');
        var marks = words.AsSpan(2);
        return new FieldSchema(words[0], ReadType(words[1], marks))
        {
            IsPointer = marks.Contains("ptr"),
            IsAlwaysWritten = marks.Contains("always"),
            IsNullWhenAbsent = marks.Contains("null"),
            IsRequired = marks.Contains("req"),
            Default = Marked(marks, "="),
        };
    }

    private static string? Marked(ReadOnlySpan<string> marks, string prefix)
    {
        foreach (var mark in marks)
        {
            if (mark.StartsWith(prefix, StringComparison.Ordinal))
            {
                return mark[prefix.Length..];
            }
        }

        return null;
    }

    private TypeSchema ReadType(string text, ReadOnlySpan<string> marks)
    {
        switch (text)
        {
            case "s":
                return Scalar(ValueKind.Text);
            case "i":
                return Scalar(ValueKind.Integer);
            case "n":
                return Scalar(ValueKind.Number);
            case "b":
                return Scalar(ValueKind.Boolean);
            case "B":
                return Scalar(ValueKind.Bytes);
            case "t":
                return Scalar(ValueKind.Time);
            case "u":
                return Scalar(ValueKind.MicroTime);
            case "q":
                return Scalar(ValueKind.Quantity);
            case "x":
                return Scalar(ValueKind.IntegerOrText);
            case "?" or "F":
                return TypeSchema.Anything;
        }

        if (text[0] == '[')
        {
            var keys = Marked(marks, "key=");
            return new TypeSchema
            {
                Kind = ValueKind.List,
                Element = ReadType(text[1..^1], []),
                Relation = keys is not null ? ListRelation.Map : marks.Contains("set") ? ListRelation.Set : ListRelation.Atomic,
                Keys = keys?.Split(',') ?? [],
                PatchMergeKey = Marked(marks, "merge="),
                PatchRetainsKeys = marks.Contains("retain"),
            };
        }

        var retains = marks.Contains("retain");
        if (text[0] == '{')
        {
            return new TypeSchema { Kind = ValueKind.Map, Element = ReadType(text[1..^1], []), IsAtomic = marks.Contains("atomic"), PatchRetainsKeys = retains };
        }

        var named = _types[text];
        var atomic = marks.Contains("atomic") || named.IsAtomic;
        if (atomic == named.IsAtomic && !retains)
        {
            return named;
        }

        // A named type with a mark of one field's own; the named type may not have its fields yet.
        var marked = new TypeSchema { Kind = ValueKind.Structure, Name = named.Name, IsAtomic = atomic, PatchRetainsKeys = retains };
        _marked.Add((marked, named));
        return marked;
    }

    private static TypeSchema Scalar(ValueKind kind) => new() { Kind = kind };
}
