namespace MeshTools.Lab;

/// <summary>The name rule of RFC 1123 labels (k8s apimachinery util/validation IsDNS1123Label).</summary>
internal static class DnsLabel
{
    public static bool IsValid(string name) =>
        name.Length is > 0 and <= 63 && name[0] != '-' && name[^1] != '-' &&
        name.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-');
}
