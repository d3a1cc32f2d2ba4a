using System.Globalization;
using System.Text;

namespace MeshTools.Lab;

/// <summary>One rule of misbehaviour. Without <see cref="Verb"/> and <see cref="Resource"/> it hits every request.</summary>
/// <param name="Kind">What happens.</param>
public sealed record Fault(FaultKind Kind)
{
    /// <summary>An API verb (get, list, watch, create, update, patch, delete, deletecollection), or null for all.</summary>
    public string? Verb { get; init; }

    /// <summary>A plural resource name (<c>secrets</c>, <c>pods/exec</c>), or null for all, discovery and version included.</summary>
    public string? Resource { get; init; }

    /// <summary>How long <see cref="FaultKind.Slow"/> waits.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Seconds in <c>Retry-After</c>. A throttled request always has one (1 by default), a server error only when set.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>500 or 503 for <see cref="FaultKind.ServerError"/> and <see cref="FaultKind.AppError"/>.</summary>
    public int StatusCode { get; init; } = 500;

    /// <summary>What the quota or the webhook of <see cref="FaultKind.QuotaExceeded"/> and <see cref="FaultKind.AdmissionRefused"/> says; null for words of their kind.</summary>
    public string? Message { get; init; }

    /// <summary>How many requests are hit before the rule is spent; null for no end.</summary>
    public int? Times { get; init; }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder(Kind.ToString().ToLowerInvariant());
        if (Verb is not null)
        {
            text.Append(' ').Append(Verb);
        }

        if (Resource is not null)
        {
            text.Append(' ').Append(Resource);
        }

        if (Kind is FaultKind.Slow)
        {
            text.Append(CultureInfo.InvariantCulture, $" by {Delay.TotalSeconds:0.###} s");
        }

        if (Kind is FaultKind.ServerError or FaultKind.AppError)
        {
            text.Append(CultureInfo.InvariantCulture, $" {StatusCode}");
        }

        if (RetryAfterSeconds is { } seconds)
        {
            text.Append(CultureInfo.InvariantCulture, $" retry after {seconds} s");
        }

        if (Message is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $" \"{Message}\"");
        }

        if (Times is { } times)
        {
            text.Append(CultureInfo.InvariantCulture, $" {times} times");
        }

        return text.ToString();
    }
}
