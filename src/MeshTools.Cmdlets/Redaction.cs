using System.Text.RegularExpressions;

namespace MeshTools.Cmdlets;

/// <summary>
/// The last gate before a text reaches PowerShell. Nothing below writes credentials into texts; should a server or a plugin repeat one in its own message, it ends here.
/// </summary>
internal static partial class Redaction
{
    private const string Hidden = "<redacted>";

    internal static string Apply(string text) => Credential().Replace(text, Hidden);

    // JSON web tokens, bearer headers, PEM private keys, and the credential fields of kubeconfigs.
    [GeneratedRegex(
        """eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?|(?<=\bBearer\s+)[^\s"']+|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)|(?<=\b(?:token|password|client-key-data|access_token)["']?\s*[:=]\s*["']?)[\w./+=-]{16,}""",
        RegexOptions.CultureInvariant | RegexOptions.Singleline,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Credential();
}
