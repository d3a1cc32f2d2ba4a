namespace MeshTools.Lab;

/// <summary>The place of one object in a cluster. The version is no part of it: every version of a group shows the same object.</summary>
/// <param name="Group">API group, empty for the core group.</param>
/// <param name="Plural">Plural resource name, lower case: <c>configmaps</c>.</param>
/// <param name="Namespace">Namespace, or null for a cluster-scoped object.</param>
/// <param name="Name">Object name.</param>
public readonly record struct ResourceKey(string Group, string Plural, string? Namespace, string Name)
{
    /// <summary>The resource as RBAC and error messages name it: <c>configmaps</c> or <c>deployments.apps</c>.</summary>
    public string QualifiedResource => Group.Length == 0 ? Plural : Plural + "." + Group;

    /// <inheritdoc/>
    public override string ToString() => Namespace is null ? $"{QualifiedResource}/{Name}" : $"{QualifiedResource}/{Namespace}/{Name}";
}
