namespace MeshTools.Kubernetes;

/// <summary>A kind as one version of an API group serves it.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">The version, for example <c>v1</c>.</param>
/// <param name="Kind">The kind, for example <c>Deployment</c>.</param>
/// <param name="Plural">The name in paths, for example <c>deployments</c>.</param>
/// <param name="Namespaced">Whether its objects live in namespaces.</param>
public sealed record ResourceType(string Group, string Version, string Kind, string Plural, bool Namespaced)
{
    /// <summary>The singular name, for example <c>deployment</c>.</summary>
    public string Singular { get; init; } = Kind.ToLowerInvariant();

    /// <summary>Short names, for example <c>deploy</c>.</summary>
    public IReadOnlyList<string> ShortNames { get; init; } = [];

    /// <summary>Verbs the server offers; empty where they are not known.</summary>
    public IReadOnlyList<string> Verbs { get; init; } = [];

    /// <summary>Categories, for example <c>all</c>.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Subresources, for example <c>status</c> and <c>scale</c>.</summary>
    public IReadOnlyList<string> Subresources { get; init; } = [];

    /// <summary>Group and version as written in an object: <c>v1</c>, <c>apps/v1</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>Two are equal when group, version, kind, plural and scope are; what discovery adds does not count.</summary>
    /// <param name="other">The other.</param>
    /// <returns>Whether they name the same thing.</returns>
    public bool Equals(ResourceType? other) =>
        other is not null && Namespaced == other.Namespaced
        && string.Equals(Group, other.Group, StringComparison.Ordinal) && string.Equals(Version, other.Version, StringComparison.Ordinal)
        && string.Equals(Kind, other.Kind, StringComparison.Ordinal) && string.Equals(Plural, other.Plural, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Group, Version, Kind, Plural, Namespaced);

    /// <summary><c>deployments.v1.apps</c>; <c>pods.v1</c> in the core group.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Group.Length == 0 ? $"{Plural}.{Version}" : $"{Plural}.{Version}.{Group}";

    internal static (string Group, string Version) SplitApiVersion(string apiVersion)
    {
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? ("", apiVersion) : (apiVersion[..slash], apiVersion[(slash + 1)..]);
    }
}
