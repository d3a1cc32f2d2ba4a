using System.Text;
using System.Text.Json;

namespace MeshTools.Lab;

/// <summary>Writes kubeconfigs for the administrators of lab clusters. All data is inline, so that the file can be moved.</summary>
internal static class AdminKubeconfig
{
    /// <summary>Marks a kubeconfig as a lab's: such a file may be overwritten by the next lab.</summary>
    public const string ExtensionName = "meshtools.lab";

    public static string Write(IReadOnlyList<Entry> entries)
    {
        var text = new StringBuilder("apiVersion: v1\nkind: Config\npreferences: {}\n");
        text.Append("current-context: ").Append(Quote(entries[0].ContextName)).Append('\n');
        text.Append("extensions:\n- name: ").Append(ExtensionName).Append("\n  extension:\n    provider: ").Append(ExtensionName).Append('\n');
        text.Append("clusters:\n");
        foreach (var entry in entries)
        {
            text.Append("- name: ").Append(Quote(entry.ContextName)).Append("\n  cluster:\n    server: ").Append(Quote(entry.Server))
                .Append("\n    certificate-authority-data: ").Append(Base64(entry.AuthorityPem))
                .Append("\n    extensions:\n    - name: ").Append(ExtensionName).Append("\n      extension:\n        provider: ").Append(ExtensionName).Append('\n');
        }

        text.Append("users:\n");
        foreach (var entry in entries)
        {
            text.Append("- name: ").Append(Quote(entry.ContextName)).Append("\n  user:\n    client-certificate-data: ")
                .Append(Base64(entry.Credential.CertificatePem)).Append("\n    client-key-data: ").Append(Base64(entry.Credential.KeyPem)).Append('\n');
        }

        text.Append("contexts:\n");
        foreach (var name in entries.Select(entry => Quote(entry.ContextName)))
        {
            text.Append("- name: ").Append(name).Append("\n  context:\n    cluster: ").Append(name).Append("\n    user: ").Append(name).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>True for the text of a kubeconfig that a lab wrote.</summary>
    public static bool IsLabs(string text) => text.Contains("name: " + ExtensionName, StringComparison.Ordinal);

    // A JSON string is a YAML string, whatever is in it.
    private static string Quote(string value) => JsonSerializer.Serialize(value);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    internal sealed record Entry(string ContextName, string Server, string AuthorityPem, ClientCredential Credential);
}
