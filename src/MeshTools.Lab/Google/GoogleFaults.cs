using System.Globalization;
using Microsoft.AspNetCore.Connections.Features;

namespace MeshTools.Lab;

/// <summary>How the lab's Google Cloud misbehaves. Safe for use from many threads.</summary>
public sealed class GoogleFaults
{
    private readonly object gate = new();
    private readonly List<Rule> rules = [];
    private readonly HashSet<string> denied = new(StringComparer.Ordinal);
    private readonly HashSet<string> disabled = new(StringComparer.Ordinal);
    private readonly Queue<(string Api, string Message)> failing = new();
    private TimeSpan meshDelay;
    private (string State, string Code, string Details)? meshFailure;
    private int conflicts;
    private int looks;

    /// <summary>What holds now, in words.</summary>
    public IReadOnlyList<string> Active
    {
        get
        {
            lock (gate)
            {
                return
                [
                    .. rules.Select(rule => rule.ToString()), .. denied.Order(StringComparer.Ordinal).Select(name => "deny " + name),
                    .. disabled.Order(StringComparer.Ordinal).Select(name => "api-disabled " + name),
                    .. failing.Select(item => $"fail-operation {item.Api}: {item.Message}"),
                    .. meshDelay > TimeSpan.Zero ? [string.Create(CultureInfo.InvariantCulture, $"mesh-slow by {meshDelay.TotalSeconds:0.###} s")] : Array.Empty<string>(),
                    .. meshFailure is var (state, code, _) && meshFailure is not null ? [$"mesh-failed {state} {code}"] : Array.Empty<string>(),
                    .. conflicts > 0 ? [string.Create(CultureInfo.InvariantCulture, $"conflict {conflicts} times")] : Array.Empty<string>(),
                ];
            }
        }
    }

    /// <summary>Takes a permission from the caller everywhere, whatever roles say.</summary>
    /// <param name="permission">For example <c>gkehub.memberships.create</c>; one that ends with a dot takes all that begin so.</param>
    public void Deny(string permission)
    {
        lock (gate)
        {
            denied.Add(permission);
        }
    }

    /// <summary>Refuses an API as one that is not enabled, whatever Service Usage says: as in the minutes after it was enabled.</summary>
    /// <param name="api">The API's name, for example <c>gkehub</c>.</param>
    public void Disable(string api)
    {
        lock (gate)
        {
            disabled.Add(api + ".googleapis.com");
        }
    }

    /// <summary>Answers requests of an API with an error.</summary>
    /// <param name="api">The API's name, for example <c>gkehub</c>; null for all.</param>
    /// <param name="status">429, 500, 502 (a page in place of JSON), 503 or 0 for a connection that is cut.</param>
    /// <param name="times">How often; null for ever.</param>
    /// <param name="retryAfter">Seconds in <c>Retry-After</c>.</param>
    public void Fail(string? api, int status, int? times = null, int? retryAfter = null)
    {
        lock (gate)
        {
            rules.Add(new Rule(api, status, retryAfter) { Remaining = times });
        }
    }

    /// <summary>Ends the next operation of an API with an error.</summary>
    public void FailNextOperation(string api, string message)
    {
        lock (gate)
        {
            failing.Enqueue((api, message));
        }
    }

    /// <summary>Answers so many writes with an etag or a fingerprint as if somebody else had just written.</summary>
    public void Conflict(int times)
    {
        lock (gate)
        {
            conflicts = times;
        }
    }

    /// <summary>Lets operations take so many looks more.</summary>
    public void SlowOperations(int moreLooks)
    {
        lock (gate)
        {
            looks = moreLooks;
        }
    }

    /// <summary>Lets managed control planes take so long until they are provided.</summary>
    public void SlowMesh(TimeSpan delay)
    {
        lock (gate)
        {
            meshDelay = delay;
        }
    }

    /// <summary>Lets managed control planes not be provided; those that are stay.</summary>
    /// <param name="state">The state that the fleet reports: <c>FAILED_PRECONDITION</c>, <c>STALLED</c> or <c>NEEDS_ATTENTION</c>.</param>
    /// <param name="code">The condition, for example <c>NODEPOOL_WORKLOAD_IDENTITY_FEDERATION_REQUIRED</c>.</param>
    /// <param name="details">The text of the condition.</param>
    public void FailMesh(string state, string code, string details)
    {
        lock (gate)
        {
            meshFailure = (state, code, details);
        }
    }

    /// <summary>All is well again.</summary>
    public void Clear()
    {
        lock (gate)
        {
            rules.Clear();
            denied.Clear();
            disabled.Clear();
            failing.Clear();
            meshDelay = TimeSpan.Zero;
            meshFailure = null;
            conflicts = 0;
            looks = 0;
        }
    }

    internal int MoreLooks
    {
        get
        {
            lock (gate)
            {
                return looks;
            }
        }
    }

    internal ManagedTrouble Mesh
    {
        get
        {
            lock (gate)
            {
                return new ManagedTrouble(meshDelay, meshFailure?.State, meshFailure?.Code, meshFailure?.Details);
            }
        }
    }

    internal bool IsDenied(string permission)
    {
        lock (gate)
        {
            return denied.Any(item => item.EndsWith('.') ? permission.StartsWith(item, StringComparison.Ordinal) : string.Equals(item, permission, StringComparison.Ordinal));
        }
    }

    internal bool IsDisabled(string service)
    {
        lock (gate)
        {
            return disabled.Contains(service);
        }
    }

    internal bool TakeConflict()
    {
        lock (gate)
        {
            return conflicts-- > 0 || (conflicts = 0) > 0;
        }
    }

    internal string? TakeFailure(string api)
    {
        lock (gate)
        {
            return failing.TryPeek(out var next) && string.Equals(next.Api, api, StringComparison.Ordinal) ? failing.Dequeue().Message : null;
        }
    }

    internal async Task HitAsync(string api, HttpContext context)
    {
        Rule? hit;
        lock (gate)
        {
            hit = rules.Find(rule => rule.Api is null || string.Equals(rule.Api, api, StringComparison.Ordinal));
            if (hit is { Remaining: { } left })
            {
                hit.Remaining = left - 1;
                if (left == 1)
                {
                    rules.Remove(hit);
                }
            }
        }

        switch (hit?.Status)
        {
            case null:
                return;
            case 0:
                context.Features.Get<IConnectionLifetimeFeature>()?.Abort();
                context.Abort();
                throw new OperationCanceledException(context.RequestAborted);
            case 502:
                context.Response.StatusCode = 502;
                context.Response.ContentType = "text/html";
                await context.Response.WriteAsync("<html><title>Error 502 (Server Error)!!1</title></html>", context.RequestAborted).ConfigureAwait(false);
                await context.Response.CompleteAsync().ConfigureAwait(false);
                throw new OperationCanceledException(context.RequestAborted);
            case 429:
                var throttled = new GoogleFailure(429, "RESOURCE_EXHAUSTED", $"Quota exceeded for quota metric 'Requests' and limit 'Requests per minute' of service '{api}.googleapis.com'.") { RetryAfter = hit.RetryAfter };
                throttled.Info("RATE_LIMIT_EXCEEDED", "googleapis.com", ("service", api + ".googleapis.com"));
                throw throttled;
            default:
                throw new GoogleFailure(hit.Status, hit.Status == 503 ? "UNAVAILABLE" : "INTERNAL", hit.Status == 503 ? "The service is currently unavailable." : "Internal error encountered.") { RetryAfter = hit.RetryAfter };
        }
    }

    private sealed class Rule(string? api, int status, int? retryAfter)
    {
        public string? Api { get; } = api;

        public int Status { get; } = status;

        public int? RetryAfter { get; } = retryAfter;

        public int? Remaining { get; set; }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(Status == 0 ? "down" : Status)} {Api ?? "all"}") + (Remaining is { } left ? string.Create(CultureInfo.InvariantCulture, $" {left} times") : string.Empty);
    }
}
