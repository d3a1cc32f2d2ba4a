using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MeshTools.GoogleCloud;

/// <summary>What <c>google.rpc.Status</c> and its details say; every part may be missing.</summary>
public sealed partial record GoogleError
{
    private const string DetailPrefix = "type.googleapis.com/google.rpc.";

    // The canonical codes by number (google/rpc/code.proto): errors of operations carry only the number.
    private static readonly string[] s_codes =
    [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ];

    /// <summary>The HTTP status of the answer; <see langword="null"/> for operations.</summary>
    public HttpStatusCode? HttpStatus { get; init; }

    /// <summary>The canonical code.</summary>
    public string Status { get; init; } = "";

    /// <summary>The text.</summary>
    public string Message { get; init; } = "";

    /// <summary>The reason.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The domain of the reason.</summary>
    public string Domain { get; init; } = "";

    /// <summary>What belongs to the reason: <c>permission</c>, <c>service</c>, <c>consumer</c> and so on.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Pages that help.</summary>
    public IReadOnlyList<Uri> HelpLinks { get; init; } = [];

    /// <summary>Violations of quotas, preconditions and fields, one line each.</summary>
    public IReadOnlyList<string> Violations { get; init; } = [];

    /// <summary>How long to wait before the next attempt.</summary>
    public TimeSpan? RetryDelay { get; init; }

    internal string? DisabledService => Reason is "SERVICE_DISABLED"
        ? Metadata.GetValueOrDefault("service")
        : Activation().Match(Message) is { Success: true } match ? match.Groups["service"].Value : null;

    /// <summary>Reads an answer's body, which need not be JSON.</summary>
    internal static GoogleError Parse(HttpStatusCode status, string body)
    {
        try
        {
            return (JsonNode.Parse(body) as JsonObject)?["error"] switch
            {
                JsonObject error => Parse(error) with { HttpStatus = status },
                // OAuth's form.
                JsonValue code => new GoogleError { HttpStatus = status, Reason = code.ToString(), Message = JsonNode.Parse(body)!["error_description"]?.ToString() ?? code.ToString() },
                _ => Unreadable(status),
            };
        }
        catch (JsonException)
        {
            return Unreadable(status);
        }
    }

    /// <summary>Reads a Status, as operations carry it too.</summary>
    internal static GoogleError Parse(JsonObject error)
    {
        var details = (error["details"] as JsonArray ?? []).OfType<JsonObject>().ToLookup(detail => TypeOf(detail), StringComparer.Ordinal);
        var info = details["ErrorInfo"].FirstOrDefault();
        var number = error["code"] is JsonValue value && value.TryGetValue(out int code) ? code : -1;
        return new GoogleError
        {
            Status = error.Text("status") ?? (number >= 0 && number < s_codes.Length ? s_codes[number] : ""),
            Message = error.Text("message") ?? "",
            Reason = info?.Text("reason") ?? (error["errors"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault()?.Text("reason") ?? "",
            Domain = info?.Text("domain") ?? "",
            Metadata = (info?["metadata"] as JsonObject ?? []).ToDictionary(pair => pair.Key, pair => pair.Value?.ToString() ?? "", StringComparer.Ordinal),
            HelpLinks =
            [
                .. details["Help"].SelectMany(help => help["links"] as JsonArray ?? []).Select(link => (link as JsonObject)?.Text("url"))
                    .Select(url => Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "https" ? uri : null).OfType<Uri>(),
            ],
            Violations =
            [
                .. new[] { "QuotaFailure", "PreconditionFailure" }.SelectMany(type => details[type]).SelectMany(d => d["violations"] as JsonArray ?? []).Select(Violation),
                .. details["BadRequest"].SelectMany(d => d["fieldViolations"] as JsonArray ?? []).Select(Violation),
            ],
            RetryDelay = details["RetryInfo"].Select(retry => Seconds(retry.Text("retryDelay"))).FirstOrDefault(delay => delay is not null),
        };
    }

    private static string TypeOf(JsonObject detail) =>
        detail.Text("@type") is { } type && type.StartsWith(DetailPrefix, StringComparison.Ordinal) ? type[DetailPrefix.Length..] : "";

    private static string Violation(JsonNode? node) =>
        node is not JsonObject violation ? "" : string.Join(": ", new[] { violation.Text("field") ?? violation.Text("subject"), violation.Text("description") }.OfType<string>());

    private static TimeSpan? Seconds(string? duration) =>
        duration is [.. var number, 's'] && double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < 86400
            ? TimeSpan.FromSeconds(seconds)
            : null;

    // A proxy's or a load balancer's page; it says nothing that helps.
    private static GoogleError Unreadable(HttpStatusCode status) =>
        new() { HttpStatus = status, Message = string.Create(CultureInfo.InvariantCulture, $"HTTP {(int)status} without an answer that can be read") };

    // What gcloud goes by (googlecloudsdk/api_lib/util/apis_util.py): older answers say it only in the text.
    [GeneratedRegex(@"console\.(cloud|developers)\.google\.com/apis/api/(?<service>[^/\s]+)/overview\?project=", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Activation();
}
