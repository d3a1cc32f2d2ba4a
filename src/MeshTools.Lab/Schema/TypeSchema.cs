namespace MeshTools.Lab;

/// <summary>What a value is.</summary>
internal enum ValueKind
{
    Text,
    Integer,
    Number,
    Boolean,
    Bytes,
    Time,
    MicroTime,
    Quantity,
    IntegerOrText,

    /// <summary>Anything: owned field by field as far as it goes, lists as a whole.</summary>
    Any,
    Structure,
    List,
    Map,
}

/// <summary>How a list is merged and owned (<c>x-kubernetes-list-type</c>).</summary>
internal enum ListRelation
{
    Atomic,
    Set,
    Map,
}

/// <summary>The structure of a value: enough to check, merge and own its fields. Built once, then shared.</summary>
internal sealed class TypeSchema
{
    internal required ValueKind Kind { get; init; }

    /// <summary>The definition's name as OpenAPI has it, for structures.</summary>
    internal string? Name { get; init; }

    /// <summary>The fields of a structure, by name, in the order in which they are written.</summary>
    internal IReadOnlyDictionary<string, FieldSchema> Fields { get; set; } = EmptyFields;

    /// <summary>The same fields in order.</summary>
    internal IReadOnlyList<FieldSchema> OrderedFields { get; set; } = [];

    /// <summary>What a list or map holds.</summary>
    internal TypeSchema? Element { get; init; }

    /// <summary>How list items are told apart.</summary>
    internal ListRelation Relation { get; init; }

    /// <summary>The key fields of a <see cref="ListRelation.Map"/> list.</summary>
    internal IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>A map or structure that is replaced as a whole.</summary>
    internal bool IsAtomic { get; init; }

    /// <summary>Unknown fields stay (<c>x-kubernetes-preserve-unknown-fields</c>).</summary>
    internal bool PreservesUnknown { get; init; }

    /// <summary>Strategic merge: the key that list items are merged by, empty for lists of scalars, null when the list is replaced.</summary>
    internal string? PatchMergeKey { get; init; }

    /// <summary>Strategic merge: fields that the patch does not name are dropped when it says so (<c>$retainKeys</c>).</summary>
    internal bool PatchRetainsKeys { get; init; }

    /// <summary>A custom resource's <c>nullable</c>.</summary>
    internal bool IsNullable { get; init; }

    /// <summary>The OpenAPI of a custom resource, as declared: further checks (required, enum, pattern) read it.</summary>
    internal System.Text.Json.Nodes.JsonObject? Declared { get; init; }

    private static IReadOnlyDictionary<string, FieldSchema> EmptyFields { get; } = new Dictionary<string, FieldSchema>(StringComparer.Ordinal);

    internal static TypeSchema Anything { get; } = new() { Kind = ValueKind.Any, PreservesUnknown = true };

    /// <summary>The schema of a named child of a structure or map; null when there is no such field.</summary>
    internal TypeSchema? Child(string name) => Kind switch
    {
        ValueKind.Structure => Fields.TryGetValue(name, out var field) ? field.Type : Element ?? (PreservesUnknown ? Anything : null),
        ValueKind.Map => Element,
        ValueKind.Any => Anything,
        _ => null,
    };
}

/// <summary>One field of a structure, with what encoding it in Go does to it.</summary>
internal sealed record FieldSchema(string Name, TypeSchema Type)
{
    /// <summary>A pointer: its zero value is a value, not absence.</summary>
    internal bool IsPointer { get; init; }

    /// <summary>Written even when it was never set.</summary>
    internal bool IsAlwaysWritten { get; init; }

    /// <summary>Written as null when it was never set.</summary>
    internal bool IsNullWhenAbsent { get; init; }

    /// <summary>Required by the schema.</summary>
    internal bool IsRequired { get; init; }

    /// <summary>The default of a key field.</summary>
    internal string? Default { get; init; }
}
