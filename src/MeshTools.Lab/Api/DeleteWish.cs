using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace MeshTools.Lab;

/// <summary>How something is to be deleted: DeleteOptions, from body or query.</summary>
internal sealed record DeleteWish(DeletePreconditions? Preconditions, string? Propagation, long? GracePeriodSeconds, bool DryRun)
{
    /// <exception cref="ApiStatusException">400 or 422 for options that cannot be.</exception>
    internal static async Task<DeleteWish> ReadAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var body = await RequestBody.ReadAsync(context).ConfigureAwait(false);
        JsonObject? options = null;
        if (body.Length > 0)
        {
            options = RequestBody.ParseObject(RequestBody.MediaType(context.Request), body.Span, null);
            if (JsonTree.Text(options["kind"]) is { Length: > 0 } kind and not "DeleteOptions")
            {
                throw ApiStatusException.BadRequest($"no kind \"{kind}\" is registered for version \"{JsonTree.Text(options["apiVersion"])}\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"");
            }
        }

        var propagation = JsonTree.Text(options?["propagationPolicy"]) ?? (query.ContainsKey("propagationPolicy") ? query["propagationPolicy"].ToString() : null);
        if (options?["orphanDependents"] is JsonValue orphan && orphan.TryGetValue<bool>(out var orphans) && propagation is null)
        {
            propagation = orphans ? "Orphan" : "Background";
        }

        if (propagation is not (null or "Orphan" or "Background" or "Foreground"))
        {
            throw ApiStatusException.Invalid(
                "meta.k8s.io",
                "DeleteOptions",
                "",
                [new StatusCause("FieldValueNotSupported", $"Unsupported value: \"{propagation}\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"", "propagationPolicy")]);
        }

        var grace = JsonTree.Integer(options?["gracePeriodSeconds"])
            ?? (long.TryParse(query["gracePeriodSeconds"], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) ? seconds : null);
        var preconditions = options?["preconditions"] as JsonObject;
        var dryRun = (options?["dryRun"] as JsonArray)?.Select(JsonTree.Text).Contains("All") == true
            || RequestOptions.Read(context.Request, "DeleteOptions").DryRun;
        return new DeleteWish(
            preconditions is null ? null : new DeletePreconditions(JsonTree.Text(preconditions["uid"]), JsonTree.Text(preconditions["resourceVersion"])),
            propagation,
            grace,
            dryRun);
    }
}
