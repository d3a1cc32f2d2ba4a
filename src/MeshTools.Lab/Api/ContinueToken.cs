using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>Where the next page of a list starts, and of which version the list is (k8s.io/apiserver/pkg/storage/continue.go).</summary>
internal sealed record ContinueToken(long ResourceVersion, string Start)
{
    internal string Encode()
    {
        var text = new JsonObject { ["v"] = "meta.k8s.io/v1", ["rv"] = ResourceVersion, ["start"] = Start + "\0" }.ToJsonString();
        return Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    /// <exception cref="ApiStatusException">400 for anything that this server did not hand out.</exception>
    internal static ContinueToken Decode(string token)
    {
        var padded = token.Replace('-', '+').Replace('_', '/');
        padded = padded.PadRight((padded.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length];
        if (!Convert.TryFromBase64String(padded, bytes, out var length))
        {
            throw Invalid("illegal base64 data at input byte 0");
        }

        try
        {
            var node = JsonTree.Parse(bytes.AsSpan(0, length)) as JsonObject;
            if (JsonTree.Text(node?["v"]) is not "meta.k8s.io/v1" || JsonTree.Integer(node?["rv"]) is not { } version || JsonTree.Text(node?["start"]) is not { } start)
            {
                throw Invalid("incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
            }

            return new ContinueToken(version, start.TrimEnd('\0'));
        }
        catch (JsonException)
        {
            var shown = length == 0 ? "unexpected end of JSON input" : $"invalid character '{(char)bytes[0]}' looking for beginning of value";
            throw Invalid(shown);
        }
    }

    private static ApiStatusException Invalid(string why) => ApiStatusException.BadRequest("invalid continue token: continue key is not valid: " + why);
}
