namespace MeshTools.Lab;

/// <summary><c>fault google-cloud KIND</c>: makes a lab's Google Cloud misbehave, or well again.</summary>
internal static class GoogleFaultCommand
{
    public const string Target = "google-cloud";

    private static readonly string[] Kinds = ["down", "throttle", "server-error", "deny", "api-disabled", "operation-error", "slow-operations", "conflict", "mesh-slow", "mesh-failed", "clear"];

    private static readonly string[] Apis = ["container", "gkehub", "serviceusage", "cloudresourcemanager", "meshconfig", "privateca"];

    public static ControlRequest Request(Arguments parsed)
    {
        if (parsed.Positional is not [_, var kind] || !Kinds.Contains(kind, StringComparer.Ordinal))
        {
            throw new UsageException($"fault {Target} needs one of {string.Join(", ", Kinds)}.");
        }

        if (kind is "deny" && parsed.Text("--permission") is null)
        {
            throw new UsageException("deny needs --permission.");
        }

        if (kind is "operation-error" or "api-disabled" && parsed.Text("--api") is null)
        {
            throw new UsageException($"{kind} needs --api.");
        }

        return new ControlRequest(Target, kind)
        {
            DelaySeconds = parsed.Duration("--delay")?.TotalSeconds,
            State = parsed.Choice("--state", "FAILED_PRECONDITION", "STALLED", "NEEDS_ATTENTION"),
            Condition = parsed.Text("--condition"),
            Api = parsed.Choice("--api", Apis),
            Permission = parsed.Text("--permission"),
            RetryAfter = parsed.Number("--retry-after", 0, 3600),
            StatusCode = parsed.Choice("--status", "500", "502", "503") is { } code ? int.Parse(code, System.Globalization.CultureInfo.InvariantCulture) : null,
            Message = parsed.Text("--message"),
            Times = parsed.Number("--times", 1, int.MaxValue),
        };
    }

    public static void Apply(GoogleCloudEndpoint google, ControlRequest request)
    {
        switch (request.Action)
        {
            case "down":
                google.Faults.Fail(request.Api, 0, request.Times);
                break;
            case "throttle":
                google.Faults.Fail(request.Api, 429, request.Times, request.RetryAfter ?? 1);
                break;
            case "server-error":
                google.Faults.Fail(request.Api, request.StatusCode ?? 503, request.Times, request.RetryAfter);
                break;
            case "deny":
                google.Faults.Deny(request.Permission ?? throw new ArgumentException("deny needs a permission.", nameof(request)));
                break;
            case "api-disabled":
                google.Faults.Disable(request.Api ?? throw new ArgumentException("api-disabled needs an API.", nameof(request)));
                break;
            case "operation-error":
                google.Faults.FailNextOperation(request.Api ?? throw new ArgumentException("operation-error needs an API.", nameof(request)), request.Message ?? "Internal error encountered.");
                break;
            case "slow-operations":
                google.Faults.SlowOperations(request.Times ?? 5);
                break;
            case "conflict":
                google.Faults.Conflict(request.Times ?? 1);
                break;
            case "mesh-slow":
                google.Faults.SlowMesh(TimeSpan.FromSeconds(request.DelaySeconds ?? 2));
                break;
            case "mesh-failed":
                google.Faults.FailMesh(
                    request.State ?? "FAILED_PRECONDITION", request.Condition ?? "NODEPOOL_WORKLOAD_IDENTITY_FEDERATION_REQUIRED",
                    request.Message ?? "One or more node pools have workload identity federation disabled.");
                break;
            case "clear":
                google.Faults.Clear();
                break;
            default:
                throw new ArgumentException($"Google Cloud knows no fault \"{request.Action}\".", nameof(request));
        }
    }
}
