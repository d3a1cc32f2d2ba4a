using System.Text;
using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>The credential a plugin printed, and until when it is good.</summary>
internal sealed class ExecPluginAnswer
{
    private ExecPluginAnswer(Credential credential, DateTimeOffset? expires)
    {
        Credential = credential;
        Expires = expires;
    }

    internal Credential Credential { get; }

    internal DateTimeOffset? Expires { get; }

    internal static ExecPluginAnswer Parse(ExecPlugin plugin, byte[] output)
    {
        var json = JsonAccess.TryParseObject(output) ?? throw Bad(plugin, "it printed no JSON object");
        if (json.FindString("kind") is not "ExecCredential")
            throw Bad(plugin, "it printed an object that is no ExecCredential");
        if (json.FindString("apiVersion") is not { } version || !string.Equals(version, plugin.ApiVersion, StringComparison.Ordinal))
        {
            throw new ExecPluginException(
                plugin.Command,
                ExecPluginProblem.UnsupportedVersion,
                $"the credential plugin {plugin.Command} is configured to use API version {plugin.ApiVersion}, but it answered with version {json.FindString("apiVersion")}")
            {
                InstallHint = plugin.InstallHint,
            };
        }

        if (json["status"] is not JsonObject status)
            throw Bad(plugin, "it printed no status");
        var credential = Read(plugin, status);
        var expires = status.FindString("expirationTimestamp");
        if (expires is not null && JsonAccess.AsTime(expires) is null)
            throw Bad(plugin, "its expirationTimestamp is no RFC 3339 time");
        return new ExecPluginAnswer(credential, JsonAccess.AsTime(expires));
    }

    private static Credential Read(ExecPlugin plugin, JsonObject status)
    {
        var token = status.FindString("token");
        var certificate = status.FindString("clientCertificateData");
        var key = status.FindString("clientKeyData");
        if (string.IsNullOrEmpty(certificate) != string.IsNullOrEmpty(key))
            throw Bad(plugin, "it gave only one of clientCertificateData and clientKeyData");
        if (string.IsNullOrEmpty(token) && string.IsNullOrEmpty(certificate))
            throw Bad(plugin, "it gave neither a token nor a client certificate");

        var credential = string.IsNullOrEmpty(token) ? Credential.None : Credential.Bearer(token);
        return string.IsNullOrEmpty(certificate)
            ? credential
            : credential.With(ClientCertificate.FromPem(
                Encoding.UTF8.GetBytes(certificate), Encoding.UTF8.GetBytes(key!), $"the credential plugin {plugin.Command}"));
    }

    private static ExecPluginException Bad(ExecPlugin plugin, string problem) =>
        new(plugin.Command, ExecPluginProblem.BadOutput, $"the credential plugin {plugin.Command} gave no usable answer: {problem}")
        {
            InstallHint = plugin.InstallHint,
        };
}
