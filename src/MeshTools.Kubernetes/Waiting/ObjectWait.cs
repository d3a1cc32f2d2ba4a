using System.Net;

namespace MeshTools.Kubernetes;

/// <summary>Follows one object by list and watch until a question about it is answered (kubectl pkg/cmd/wait).</summary>
internal sealed class ObjectWait
{
    /// <summary>kubectl's meaning of a negative time-out: a week.</summary>
    private static readonly TimeSpan Week = TimeSpan.FromHours(168);

    private readonly KubernetesClient _client;
    private readonly TimeProvider _clock;
    private readonly ResourceType _type;
    private readonly string? _namespace;
    private readonly string _name;

    internal ObjectWait(KubernetesClient client, TimeProvider clock, ResourceType type, string? ns, string name)
    {
        _client = client;
        _clock = clock;
        _type = type;
        _namespace = ns;
        _name = name;
    }

    internal ObjectReference Reference => new(_type.ApiVersion, _type.Kind, _name, _namespace);

    /// <summary>Runs until <paramref name="decide"/> says done.</summary>
    /// <param name="what">What is waited for, for people.</param>
    /// <param name="timeout">Zero asks once; negative waits a week.</param>
    /// <param name="decide">Sees each state of the object, null for an absent one. May throw to end the wait.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The object as it was when done; as last seen, when done means gone.</returns>
    internal async Task<KubernetesObject> RunAsync(
        string what, TimeSpan timeout, Func<KubernetesObject?, WaitVerdict> decide, CancellationToken cancellationToken)
    {
        var state = new Progress(decide);
        if (timeout == TimeSpan.Zero)
        {
            if (state.Offer(await _client.FindAsync(_type, _namespace, _name, cancellationToken).ConfigureAwait(false)))
                return Result(state);
            throw TimedOut(what, timeout, state);
        }

        if (timeout < TimeSpan.Zero)
            timeout = Week;
        using var timer = new CancellationTokenSource(timeout, _clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            await FollowAsync(state, both.Token).ConfigureAwait(false);
            return Result(state);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw TimedOut(what, timeout, state);
        }
    }

    internal KubernetesApiException NotFound() => new(
        HttpStatusCode.NotFound,
        new Status(404, "NotFound", $"{_type.Plural}{(_type.Group.Length == 0 ? "" : "." + _type.Group)} \"{_name}\" not found") { Name = _name, Kind = _type.Plural, Group = _type.Group })
    {
        Endpoint = _client.Configuration.Server,
        ContextName = _client.Configuration.ContextName,
        Verb = "get",
        ResourceType = _type,
        Namespace = _namespace,
        Name = _name,
    };

    private async Task FollowAsync(Progress state, CancellationToken cancellationToken)
    {
        var options = new ListOptions { FieldSelector = $"metadata.name={_name}" };
        var listed = false;
        await foreach (var change in _client.WatchAsync(_type, _namespace, options, cancellationToken).ConfigureAwait(false))
        {
            switch (change.Type)
            {
                case WatchEventType.Bookmark when !listed:
                    listed = true;
                    if (!state.Seen && state.Offer(null))
                        return;
                    break;
                case WatchEventType.Bookmark:
                    break;
                case WatchEventType.Deleted:
                    // It may have been made again already; what counts is what is there now.
                    if (state.Offer(await _client.FindAsync(_type, _namespace, _name, cancellationToken).ConfigureAwait(false)))
                        return;
                    break;
                default:
                    if (state.Offer(change.Object))
                        return;
                    break;
            }
        }
    }

    private KubernetesObject Result(Progress state) => state.Last ?? KubernetesObject.Create(_type.ApiVersion, _type.Kind, _name, _namespace);

    private WaitTimeoutException TimedOut(string what, TimeSpan timeout, Progress state)
    {
        var after = timeout == TimeSpan.Zero ? "" : $" after {timeout.TotalSeconds:0.#} s";
        var unmet = state.Unmet.Length == 0 ? "nothing was heard of it" : state.Unmet;
        return new WaitTimeoutException(Reference, $"{Reference} has not reached {what}{after}: {unmet}", state.Present ? state.Last : null, [unmet])
        {
            Endpoint = _client.Configuration.Server, ContextName = _client.Configuration.ContextName,
        };
    }

    private sealed class Progress(Func<KubernetesObject?, WaitVerdict> decide)
    {
        internal bool Seen { get; private set; }

        internal bool Present { get; private set; }

        internal KubernetesObject? Last { get; private set; }

        internal string Unmet { get; private set; } = "";

        internal bool Offer(KubernetesObject? state)
        {
            Seen = true;
            Present = state is not null;
            Last = state ?? Last;
            var verdict = decide(state);
            Unmet = verdict.Unmet ?? "";
            return verdict.Unmet is null;
        }
    }
}

/// <summary>What a state of an object means to a wait: done, or what is missing.</summary>
/// <param name="Unmet">What is missing; null for done.</param>
internal readonly record struct WaitVerdict(string? Unmet)
{
    internal static WaitVerdict Done => new(Unmet: null);
}
