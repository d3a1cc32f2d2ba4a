using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace MeshTools.Lab;

/// <summary>A request object that is answered and not kept.</summary>
internal sealed record ReviewBody(ServedResource Resource, JsonObject Decoded)
{
    internal static async Task<ReviewBody> ReadAsync(HttpContext context, string typeName, string kind, string apiVersion)
    {
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        var resource = new ServedResource
        {
            Group = apiVersion[..slash],
            Version = apiVersion[(slash + 1)..],
            Plural = kind.ToLowerInvariant() + "s",
            Singular = kind.ToLowerInvariant(),
            Kind = kind,
            Namespaced = false,
            Verbs = ["create"],
            Schema = BuiltInTypes.Instance.Get(typeName),
        };
        var options = RequestOptions.Read(context.Request, "CreateOptions");
        return new ReviewBody(resource, await ResourceRequests.ReadObjectAsync(context, resource, options).ConfigureAwait(false));
    }

    /// <summary>The request with its managed fields, ready to get a status.</summary>
    internal JsonObject Answer(RequestOptions options, TimeProvider clock, string subresource) => FieldOwnership.RecordUpdate(
        Resource,
        ObjectDecoder.Empty(Resource),
        Decoded,
        options.EffectiveManager,
        subresource,
        FieldSet.Of("f:status"),
        clock.GetUtcNow());
}
