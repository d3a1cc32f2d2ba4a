using System.Globalization;

namespace MeshTools.Verify;

/// <summary>How one call ended, as the client saw it.</summary>
/// <param name="Status">The HTTP status; 0 when no answer came.</param>
/// <param name="Duration">From the start of the call to the end of its answer.</param>
internal sealed record CallOutcome(int Status, TimeSpan Duration)
{
    /// <summary>curl's exit code (curl docs/libcurl/libcurl-errors): 6 no such name, 7 refused, 28 timed out, 52 empty, 56 reset.</summary>
    internal int ExitCode { get; init; }

    /// <summary>curl's message.</summary>
    internal string Error { get; init; } = "";

    /// <summary>The headers of the answer, by name in lower case.</summary>
    internal IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The beginning of the body.</summary>
    internal string Body { get; init; } = "";

    internal bool Succeeded => Status is >= 200 and < 400;

    /// <summary>Whether the client gave up waiting.</summary>
    internal bool TimedOut => Status == 0 && ExitCode == 28;

    /// <summary>
    /// Whether a workload answered, well or not. A proxy that passes an answer on adds the time that its upstream took; to an answer of its own it does not
    /// (Envoy, HTTP connection manager, <c>x-envoy-upstream-service-time</c>).
    /// </summary>
    internal bool FromWorkload => Status != 0 && (Headers.ContainsKey("x-envoy-upstream-service-time") || Headers.GetValueOrDefault("server") is not "envoy");

    /// <summary>What the call ended with; <see langword="null"/> when it succeeded.</summary>
    internal string? Failure
    {
        get
        {
            if (Succeeded)
                return null;
            if (Status == 0)
                return Error.Length > 0 ? string.Create(CultureInfo.InvariantCulture, $"curl {ExitCode}: {Steady(Error)}") : string.Create(CultureInfo.InvariantCulture, $"curl {ExitCode}");
            var code = Status.ToString(CultureInfo.InvariantCulture);
            return FromWorkload || EnvoyReply.Read(Status, Body) is not { } reply ? code : $"{code} {reply.Flags} ({reply.Reason})";
        }
    }

    // Times differ from call to call; what ended alike should count as one kind of failure.
    private static string Steady(string error)
    {
        var after = error.IndexOf(" after ", StringComparison.Ordinal);
        var end = after < 0 ? -1 : error.IndexOf(" ms", after, StringComparison.Ordinal);
        end = after >= 0 && end < 0 ? error.IndexOf(" milliseconds", after, StringComparison.Ordinal) + " milliseconds".Length - 3 : end;
        return after >= 0 && end > after ? error[..after] + error[(end + 3)..] : error;
    }
}
