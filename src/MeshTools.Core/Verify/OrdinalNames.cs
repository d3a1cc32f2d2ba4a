namespace MeshTools.Verify;

/// <summary>Names of objects, labels and networks are compared letter by letter.</summary>
internal static class OrdinalNames
{
    internal static bool Same(this string? one, string? other) => string.Equals(one, other, StringComparison.Ordinal);
}
