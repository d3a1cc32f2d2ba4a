using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>A project of the lab's Google Cloud.</summary>
/// <param name="Id">Its ID.</param>
/// <param name="Number">Its number.</param>
internal sealed record GoogleProject(string Id, string Number)
{
    /// <summary>The APIs that are enabled.</summary>
    public HashSet<string> Services { get; } = new(StringComparer.Ordinal);

    /// <summary>The IAM policy, without etag.</summary>
    public JsonObject Policy { get; set; } = [];

    /// <summary>Grows with each write of the policy.</summary>
    public int PolicyGeneration { get; set; } = 1;
}

/// <summary>Something that is not an API's fault but the caller's or the world's.</summary>
internal sealed class GoogleFailure(int status, string code, string message) : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>The canonical code.</summary>
    public string Code { get; } = code;

    /// <summary>Details, each with its type.</summary>
    public List<JsonObject> Details { get; } = [];

    /// <summary>Seconds in Retry-After.</summary>
    public int? RetryAfter { get; init; }

    public static GoogleFailure NotFound(string what) => new(404, "NOT_FOUND", $"Resource '{what}' was not found");

    public static GoogleFailure Invalid(string message) => new(400, "INVALID_ARGUMENT", message);

    public static GoogleFailure Exists(string what) => new(409, "ALREADY_EXISTS", $"Resource '{what}' already exists");

    public static GoogleFailure Precondition(string message) => new(400, "FAILED_PRECONDITION", message);

    public static GoogleFailure Aborted() => new(409, "ABORTED", "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff.");

    public static GoogleFailure Denied(string permission, string resource)
    {
        var failure = new GoogleFailure(403, "PERMISSION_DENIED", $"Permission '{permission}' denied on resource '{resource}' (or it may not exist).");
        failure.Info("IAM_PERMISSION_DENIED", "iam.googleapis.com", ("permission", permission), ("resource", resource));
        return failure;
    }

    public static GoogleFailure Disabled(string service, GoogleProject project)
    {
        var url = $"https://console.developers.google.com/apis/api/{service}/overview?project={project.Number}";
        var message = $"{service} has not been used in project {project.Number} before or it is disabled. Enable it by visiting {url} then retry. " +
            "If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.";
        var failure = new GoogleFailure(403, "PERMISSION_DENIED", message);
        failure.Info("SERVICE_DISABLED", "googleapis.com", ("service", service), ("consumer", "projects/" + project.Number), ("activationUrl", url));
        failure.Details.Add(new JsonObject
        {
            ["@type"] = "type.googleapis.com/google.rpc.Help",
            ["links"] = new JsonArray(new JsonObject { ["description"] = "Google developers console API activation", ["url"] = url }),
        });
        return failure;
    }

    public void Info(string reason, string domain, params (string Key, string Value)[] metadata) => Details.Add(new JsonObject
    {
        ["@type"] = "type.googleapis.com/google.rpc.ErrorInfo",
        ["reason"] = reason,
        ["domain"] = domain,
        ["metadata"] = new JsonObject(metadata.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
    });

    /// <summary>As an answer's body.</summary>
    public JsonObject Body()
    {
        var error = new JsonObject { ["code"] = Status, ["message"] = Message, ["status"] = Code };
        if (Details.Count > 0)
        {
            error["details"] = new JsonArray([.. Details.Select(detail => detail.DeepClone())]);
        }

        return new JsonObject { ["error"] = error };
    }
}

/// <summary>An operation that is done after a number of looks.</summary>
internal sealed class GoogleOperation(string name, int looks, Action finish)
{
    public string Name { get; } = name;

    public int LooksLeft { get; set; } = looks;

    public Action Finish { get; } = finish;

    /// <summary>How it will end; null for well.</summary>
    public (int Code, string Message)? Failure { get; set; }

    public Func<JsonObject?> Response { get; init; } = () => null;

    public string Target { get; init; } = string.Empty;

    public bool Done { get; set; }

    public string StartTime { get; } = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);
}
