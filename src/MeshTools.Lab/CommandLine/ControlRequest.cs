namespace MeshTools.Lab;

/// <summary>A command to a running lab: what to do to which cluster.</summary>
/// <param name="Cluster">Name or context, or <c>all</c>.</param>
/// <param name="Action">A fault's name (<c>down</c>, <c>slow</c>, ...), <c>clear</c>, <c>stop</c>, <c>start</c> or <c>certificate-...</c>.</param>
internal sealed record ControlRequest(string Cluster, string Action)
{
    /// <summary>Faults by the names they have on the command line.</summary>
    public static readonly IReadOnlyDictionary<string, FaultKind> Faults = new Dictionary<string, FaultKind>(StringComparer.OrdinalIgnoreCase)
    {
        ["down"] = FaultKind.Down,
        ["slow"] = FaultKind.Slow,
        ["throttle"] = FaultKind.Throttle,
        ["server-error"] = FaultKind.ServerError,
        ["reset"] = FaultKind.Reset,
        ["forbidden"] = FaultKind.Forbidden,
        ["quota-exceeded"] = FaultKind.QuotaExceeded,
        ["admission-refused"] = FaultKind.AdmissionRefused,
        ["gateway-blocked"] = FaultKind.GatewayBlocked,
        ["app-error"] = FaultKind.AppError,
    };

    /// <summary>Changes how load balancers get addresses.</summary>
    public const string LoadBalancers = "load-balancers";

    /// <summary>What can be done besides.</summary>
    public static readonly IReadOnlyList<string> OtherActions =
        ["clear", "stop", "start", LoadBalancers, "certificate-proper", "certificate-wrong-name", "certificate-wrong-authority"];

    public string? Verb { get; init; }

    public string? Resource { get; init; }

    public double? DelaySeconds { get; init; }

    public int? RetryAfter { get; init; }

    public int? Times { get; init; }

    public int? StatusCode { get; init; }

    public string? Message { get; init; }

    public string? How { get; init; }

    /// <summary>For Google Cloud: the API, by the name in its host.</summary>
    public string? Api { get; init; }

    /// <summary>For Google Cloud: what the caller may not do.</summary>
    public string? Permission { get; init; }

    /// <summary>For Google Cloud: the state in which managed control planes are stuck.</summary>
    public string? State { get; init; }

    /// <summary>For Google Cloud: the condition that says why.</summary>
    public string? Condition { get; init; }

    public Fault ToFault(FaultKind kind)
    {
        var fault = new Fault(kind) { Verb = Verb, Resource = Resource, RetryAfterSeconds = RetryAfter, Times = Times, Message = Message };
        fault = DelaySeconds is { } seconds ? fault with { Delay = TimeSpan.FromSeconds(seconds) } : fault;
        return StatusCode is { } code ? fault with { StatusCode = code } : fault;
    }
}
