using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>The API's answer to a request that failed (<c>v1 Status</c>), or what stands for it where a server sent something else.</summary>
/// <param name="Code">The HTTP status code it speaks of.</param>
/// <param name="Reason">The machine-readable reason, for example <c>NotFound</c>; empty where the server gave none.</param>
/// <param name="Message">The message for people.</param>
public sealed record Status(int Code, string Reason, string Message)
{
    /// <summary>The causes, never <see langword="null"/>.</summary>
    public IReadOnlyList<StatusCause> Causes { get; init; } = [];

    /// <summary><c>details.name</c>: the object it is about.</summary>
    public string? Name { get; init; }

    /// <summary><c>details.kind</c>: the kind or resource it is about.</summary>
    public string? Kind { get; init; }

    /// <summary><c>details.group</c>.</summary>
    public string? Group { get; init; }

    /// <summary>How long the server asks to wait, from <c>Retry-After</c> or <c>details.retryAfterSeconds</c>.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The object as it came; <see langword="null"/> when the server sent no Status.</summary>
    public JsonObject? Raw { get; init; }

    internal static Status FromJson(JsonObject json, int code, TimeSpan? retryAfter)
    {
        var details = json["details"];
        var causes = new List<StatusCause>();
        foreach (var cause in details.FindArray("causes") ?? [])
        {
            causes.Add(new StatusCause(
                cause.FindString("reason") ?? "", cause.FindString("message") ?? "", cause.FindString("field") ?? ""));
        }

        return new Status(
            (int)(json.FindInt64("code") ?? code),
            json.FindString("reason") ?? "",
            json.FindString("message") is { Length: > 0 } message ? message : $"the server answered {code}")
        {
            Causes = causes,
            Name = details.FindString("name"),
            Kind = details.FindString("kind"),
            Group = details.FindString("group"),
            RetryAfter = retryAfter ?? (details.FindInt64("retryAfterSeconds") is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : null),
            Raw = json,
        };
    }
}

/// <summary>One cause of a failure.</summary>
/// <param name="Reason">For example <c>FieldManagerConflict</c> or <c>FieldValueInvalid</c>.</param>
/// <param name="Message">The message.</param>
/// <param name="Field">The field's path; empty when none is meant.</param>
public sealed record StatusCause(string Reason, string Message, string Field);

/// <summary>A field of an apply that another manager owns.</summary>
/// <param name="Manager">The manager, for example <c>kubectl-client-side-apply</c>.</param>
/// <param name="Field">The field's path, for example <c>.spec.replicas</c>.</param>
public sealed record FieldConflict(string Manager, string Field);
