using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace MeshTools.Lab;

/// <summary>What a write does about fields that are not in the schema.</summary>
internal enum FieldValidation
{
    Ignore,
    Warn,
    Strict,
}

/// <summary>The query of a write: CreateOptions, UpdateOptions, PatchOptions.</summary>
internal sealed record RequestOptions
{
    internal required string? FieldManager { get; init; }

    /// <summary>The field manager, or the name that the user agent gives itself.</summary>
    internal required string EffectiveManager { get; init; }

    internal required bool DryRun { get; init; }

    internal required bool? Force { get; init; }

    internal required FieldValidation Validation { get; init; }

    /// <exception cref="ApiStatusException">422 for values that are not allowed.</exception>
    internal static RequestOptions Read(HttpRequest request, string kind)
    {
        var query = request.Query;
        var faults = new List<StatusCause>();
        var dryRun = query["dryRun"];
        foreach (var value in dryRun)
        {
            if (value is not ("All" or ""))
            {
                faults.Add(new StatusCause("FieldValueNotSupported", $"Unsupported value: [\"{value}\"]: supported values: \"All\"", "dryRun"));
            }
        }

        var manager = query.TryGetValue("fieldManager", out var given) ? given.ToString() : null;
        if (manager is { Length: > 128 })
        {
            faults.Add(new StatusCause("FieldValueTooLong", "Too long: may not be more than 128 bytes", "fieldManager"));
        }

        var validation = query["fieldValidation"].ToString();
        if (validation is not ("" or "Ignore" or "Warn" or "Strict"))
        {
            faults.Add(new StatusCause(
                "FieldValueNotSupported",
                $"Unsupported value: \"{validation}\": supported values: \"\", \"Ignore\", \"Strict\", \"Warn\"",
                "fieldValidation"));
        }

        if (faults.Count > 0)
        {
            throw ApiStatusException.Invalid("meta.k8s.io", kind, "", faults);
        }

        return new RequestOptions
        {
            FieldManager = string.IsNullOrEmpty(manager) ? null : manager,
            EffectiveManager = string.IsNullOrEmpty(manager) ? FromUserAgent(request) : manager,
            DryRun = dryRun.Contains("All"),
            Force = query.ContainsKey("force") ? RequestPath.IsTrue(query["force"]) : null,
            Validation = validation switch { "Ignore" => FieldValidation.Ignore, "Strict" => FieldValidation.Strict, _ => FieldValidation.Warn },
        };
    }

    /// <summary>Seconds of a <c>timeoutSeconds</c>, null when absent.</summary>
    internal static TimeSpan? Timeout(HttpRequest request) =>
        long.TryParse(request.Query["timeoutSeconds"], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
            ? TimeSpan.FromSeconds(Math.Min(seconds, 86400))
            : null;

    private static string FromUserAgent(HttpRequest request)
    {
        var agent = request.Headers.UserAgent.ToString();
        var slash = agent.IndexOf('/', StringComparison.Ordinal);
        var name = slash < 0 ? agent : agent[..slash];
        name = new string(name.Where(c => !char.IsControl(c)).ToArray());
        return name.Length == 0 ? "unknown" : name.Length > 128 ? name[..128] : name;
    }
}
