using System.Security.Cryptography;
using System.Text;

namespace MeshTools.Clusters;

/// <summary>DNS-1123 labels: at most 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit (RFC 1123).</summary>
public static class DnsLabel
{
    /// <summary>The longest label.</summary>
    public const int MaximumLength = 63;

    private const int KeptWhenShortened = 42;
    private const int DigestLength = 20;

    /// <summary>Whether a text is a label.</summary>
    /// <param name="text">The text.</param>
    /// <returns><see langword="true"/> for a label.</returns>
    public static bool IsValid(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length is > 0 and <= MaximumLength && text.All(IsLabelCharacter) && text[0] != '-' && text[^1] != '-';
    }

    /// <summary>
    /// Makes a label from any name: lower case, every other character a hyphen, no hyphen at either end. A name that is too long keeps 42 characters, followed by a
    /// hyphen and 20 hexadecimal digits of its SHA-256, the lengths that asmcli uses.
    /// </summary>
    /// <param name="name">The name, for example a kubeconfig context.</param>
    /// <returns>The label; <c>cluster</c> when nothing of the name can stand in one.</returns>
    public static string From(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var label = new string([.. name.Select(c => IsLabelCharacter(char.ToLowerInvariant(c)) ? char.ToLowerInvariant(c) : '-')]).Trim('-');
        if (label.Length == 0)
            return "cluster";
        if (label.Length <= MaximumLength)
            return label;
        var digest = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..DigestLength].ToLowerInvariant();
        return $"{label[..KeptWhenShortened].TrimEnd('-')}-{digest}";
    }

    private static bool IsLabelCharacter(char c) => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-';
}
