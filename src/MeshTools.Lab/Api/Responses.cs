using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace MeshTools.Lab;

/// <summary>Writes answers.</summary>
internal static class Responses
{
    internal const string JsonType = "application/json";

    internal static Task JsonAsync(HttpContext context, int status, JsonNode document, string contentType = JsonType) =>
        BytesAsync(context, status, JsonTree.ToUtf8(document), contentType);

    internal static async Task BytesAsync(HttpContext context, int status, ReadOnlyMemory<byte> body, string contentType = JsonType)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
        }
    }

    internal static Task TextAsync(HttpContext context, int status, string text)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return BytesAsync(context, status, Encoding.UTF8.GetBytes(text), "text/plain; charset=utf-8");
    }

    internal static Task PageNotFoundAsync(HttpContext context) => TextAsync(context, 404, "404 page not found\n");

    internal static Task FailAsync(HttpContext context, ApiStatusException failure) => JsonAsync(context, failure.Code, failure.ToStatus());

    /// <summary>Adds a warning for the user (RFC 7234 5.5, as k8s.io/apimachinery/pkg/util/net has it).</summary>
    internal static void Warn(HttpContext context, string text) => context.Response.Headers.Append(
        "Warning",
        string.Create(CultureInfo.InvariantCulture, $"299 - \"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""));
}
