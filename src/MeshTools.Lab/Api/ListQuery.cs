using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace MeshTools.Lab;

/// <summary>The query of a list or watch: ListOptions.</summary>
internal sealed record ListQuery
{
    internal required LabelSelector Labels { get; init; }

    internal required FieldSelector Fields { get; init; }

    internal required long Limit { get; init; }

    internal required string Continue { get; init; }

    /// <summary>The version given, null for none.</summary>
    internal required long? ResourceVersion { get; init; }

    /// <summary>The version that the list must show, when it must be exactly that.</summary>
    internal required long? ExactVersion { get; init; }

    internal bool IsFiltering => !Labels.IsEverything || !Fields.IsEverything;

    internal bool Matches(JsonObject value) =>
        Labels.Matches(JsonTree.Find(value, "metadata", "labels") as JsonObject) && Fields.Matches(value);

    /// <exception cref="ApiStatusException">400 for a selector or version that cannot be read, 422 for combinations that make no sense.</exception>
    internal static ListQuery Read(ServedResource resource, HttpRequest request)
    {
        var query = request.Query;
        LabelSelector labels;
        try
        {
            labels = LabelSelector.Parse(query["labelSelector"].ToString());
        }
        catch (FormatException fault)
        {
            throw ApiStatusException.BadRequest(fault.Message);
        }

        var limitText = query["limit"].ToString();
        if (limitText.Length > 0 && !long.TryParse(limitText, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
        {
            throw ApiStatusException.BadRequest($"strconv.ParseInt: parsing \"{limitText}\": invalid syntax");
        }

        var versionText = query["resourceVersion"].ToString();
        var match = query["resourceVersionMatch"].ToString();
        var next = query["continue"].ToString();
        long? version = null;
        if (versionText.Length > 0)
        {
            if (!ulong.TryParse(versionText, NumberStyles.None, CultureInfo.InvariantCulture, out var read))
            {
                throw ApiStatusException.BadRequest(
                    $"invalid resource version: resourceVersion: Invalid value: \"{versionText}\": strconv.ParseUint: parsing \"{versionText}\": invalid syntax");
            }

            version = (long)Math.Min(read, long.MaxValue);
        }

        if (match.Length > 0 && !RequestPath.IsTrue(query["watch"]))
        {
            if (match is not ("Exact" or "NotOlderThan"))
            {
                throw Invalid("FieldValueNotSupported", $"Unsupported value: \"{match}\": supported values: \"Exact\", \"NotOlderThan\", \"\"");
            }

            if (versionText.Length == 0)
            {
                throw Invalid("FieldValueForbidden", "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided");
            }
        }

        return new ListQuery
        {
            Labels = labels,
            Fields = FieldSelector.Parse(resource, query["fieldSelector"].ToString()),
            Limit = limitText.Length == 0 ? 0 : long.Parse(limitText, CultureInfo.InvariantCulture),
            Continue = next,
            ResourceVersion = version,
            ExactVersion = match is "Exact" && version > 0 ? version : null,
        };
    }

    private static ApiStatusException Invalid(string reason, string message) =>
        ApiStatusException.Invalid("meta.k8s.io", "ListOptions", "", [new StatusCause(reason, message, "resourceVersionMatch")]);
}
