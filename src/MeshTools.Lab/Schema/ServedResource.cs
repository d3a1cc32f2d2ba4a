namespace MeshTools.Lab;

/// <summary>One resource in one version, as the API serves it.</summary>
internal sealed record ServedResource
{
    internal required string Group { get; init; }

    internal required string Version { get; init; }

    internal required string Plural { get; init; }

    internal required string Singular { get; init; }

    internal required string Kind { get; init; }

    internal string ListKind { get; init; } = "";

    internal required bool Namespaced { get; init; }

    internal IReadOnlyList<string> ShortNames { get; init; } = [];

    internal IReadOnlyList<string> Categories { get; init; } = [];

    internal required IReadOnlyList<string> Verbs { get; init; }

    internal IReadOnlyList<string> Subresources { get; init; } = [];

    /// <summary>The structure of its objects.</summary>
    internal required TypeSchema Schema { get; init; }

    /// <summary>The custom resource definition it comes from, null for a built-in kind.</summary>
    internal CustomResource? Custom { get; init; }

    internal bool IsCustom => Custom is not null;

    internal string ApiVersion => Group.Length == 0 ? Version : Group + "/" + Version;

    internal bool HasStatus => Subresources.Contains("status");

    /// <summary>Group and version as Go prints them, with the slash even for the core group.</summary>
    internal string ApiVersionWithSlash => Group + "/" + Version;

    /// <summary>The group in which its objects are kept: events live in one place under two groups.</summary>
    internal string StorageGroup => Group is "events.k8s.io" ? "" : Group;

    internal string QualifiedPlural => Group.Length == 0 ? Plural : Plural + "." + Group;

    internal string QualifiedKind => Group.Length == 0 ? Kind : Kind + "." + Group;

    internal ResourceKey Key(string? @namespace, string name) => new(StorageGroup, Plural, Namespaced ? @namespace : null, name);
}

/// <summary>What a custom resource's definition adds to it.</summary>
internal sealed record CustomResource
{
    internal required string DefinitionName { get; init; }

    /// <summary>Extra columns of its Table: name, type, format, description, priority, JSON path.</summary>
    internal IReadOnlyList<PrinterColumn> Columns { get; init; } = [];

    internal string? SpecReplicasPath { get; init; }

    internal string? StatusReplicasPath { get; init; }

    internal string? LabelSelectorPath { get; init; }
}

/// <summary>One column of a custom resource's Table.</summary>
internal sealed record PrinterColumn(string Name, string Type, string Format, string Description, int Priority, string JsonPath);
