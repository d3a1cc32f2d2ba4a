namespace MeshTools.Injection;

/// <summary>What is wanted of a namespace.</summary>
public sealed record InjectionOptions
{
    /// <summary>The revision or tag; <see langword="null"/> for what fits: the default, or the only one. <c>default</c> is the default tag or the installation without a revision.</summary>
    public string? Revision { get; init; }

    /// <summary>Whether the namespace is made where it is missing.</summary>
    public bool CreateNamespace { get; init; }
}
