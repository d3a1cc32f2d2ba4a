using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>One cause in a <c>Status</c>: which field, why, in words.</summary>
/// <param name="Reason">Machine-readable cause, e.g. <c>FieldValueInvalid</c>.</param>
/// <param name="Message">Words for people.</param>
/// <param name="Field">The field, in the notation of the API (<c>spec.ports[0].port</c>).</param>
public sealed record StatusCause(string Reason, string Message, string? Field);

/// <summary>A failure that the API reports as a <c>Status</c> object. Wording and shape follow k8s.io/apimachinery/pkg/api/errors.</summary>
public sealed class ApiStatusException : Exception
{
    /// <summary>Creates a failure.</summary>
    public ApiStatusException(int code, string? reason, string message, JsonObject? details = null)
        : base(message)
    {
        Code = code;
        Reason = reason;
        Details = details;
    }

    /// <summary>The HTTP status code.</summary>
    public int Code { get; }

    /// <summary>The machine-readable reason, null where a real server gives none.</summary>
    public string? Reason { get; }

    /// <summary>The <c>details</c> of the Status, null where a real server gives none.</summary>
    public JsonObject? Details { get; }

    /// <summary>The Status object.</summary>
    public JsonObject ToStatus()
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = Message,
        };
        if (Reason is not null)
        {
            status["reason"] = Reason;
        }

        if (Details is not null)
        {
            status["details"] = Details.DeepClone();
        }

        status["code"] = Code;
        return status;
    }

    /// <summary>404 for an object: <c>configmaps "a" not found</c>.</summary>
    public static ApiStatusException NotFound(string group, string plural, string name) =>
        new(404, "NotFound", $"{Qualify(plural, group)} \"{name}\" not found", DetailsOf(name, group, plural));

    /// <summary>404 for an object.</summary>
    public static ApiStatusException NotFound(ResourceKey key) => NotFound(key.Group, key.Plural, key.Name);

    /// <summary>409 for a name that is taken.</summary>
    public static ApiStatusException AlreadyExists(ResourceKey key) =>
        new(409, "AlreadyExists", $"{key.QualifiedResource} \"{key.Name}\" already exists", DetailsOf(key.Name, key.Group, key.Plural));

    /// <summary>409 for a write against an old version.</summary>
    public static ApiStatusException Conflict(ResourceKey key) => Conflict(
        key.Group,
        key.Plural,
        key.Name,
        "the object has been modified; please apply your changes to the latest version and try again");

    /// <summary>409 with a message of its own.</summary>
    public static ApiStatusException Conflict(string group, string plural, string name, string problem) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {Qualify(plural, group)} \"{name}\": {problem}", DetailsOf(name, group, plural));

    /// <summary>400.</summary>
    public static ApiStatusException BadRequest(string message) => new(400, "BadRequest", message);

    /// <summary>410: the version asked for is compacted away.</summary>
    public static ApiStatusException Expired(string message) => new(410, "Expired", message);

    /// <summary>404 for a resource (not an object) that is not served: <c>the server could not find the requested resource</c>.</summary>
    public static ApiStatusException ResourceNotServed() =>
        new(404, "NotFound", "the server could not find the requested resource", []);

    /// <summary>405.</summary>
    public static ApiStatusException MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", []);

    /// <summary>403 with a message of its own.</summary>
    public static ApiStatusException Forbidden(string group, string plural, string name, string problem, params StatusCause[] causes)
    {
        var resource = Qualify(plural, group);
        var message = name.Length == 0 ? $"{resource} is forbidden: {problem}" : $"{resource} \"{name}\" is forbidden: {problem}";
        return new(403, "Forbidden", message, DetailsOf(name, group, plural, causes));
    }

    /// <summary>422 from field errors, summed up as Kubernetes does: one as it is, several in brackets.</summary>
    public static ApiStatusException Invalid(string group, string kind, string name, IReadOnlyList<StatusCause> causes)
    {
        var parts = causes.Select(cause => cause.Field is null ? cause.Message : $"{cause.Field}: {cause.Message}").Distinct(StringComparer.Ordinal).ToArray();
        var summary = parts.Length == 1 ? parts[0] : "[" + string.Join(", ", parts) + "]";
        return new(422, "Invalid", $"{Qualify(kind, group)} \"{name}\" is invalid: {summary}", DetailsOf(name, group, kind, causes));
    }

    internal static JsonObject DetailsOf(string? name, string? group, string? kind, IReadOnlyList<StatusCause>? causes = null)
    {
        var details = new JsonObject();
        Add(details, "name", name);
        Add(details, "group", group);
        Add(details, "kind", kind);
        if (causes is { Count: > 0 })
        {
            var array = new JsonArray();
            foreach (var cause in causes)
            {
                var item = new JsonObject { ["reason"] = cause.Reason, ["message"] = cause.Message };
                Add(item, "field", cause.Field);
                array.Add((JsonNode)item);
            }

            details["causes"] = array;
        }

        return details;
    }

    private static void Add(JsonObject target, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            target[name] = value;
        }
    }

    private static string Qualify(string resource, string group) => group.Length == 0 ? resource : resource + "." + group;
}
