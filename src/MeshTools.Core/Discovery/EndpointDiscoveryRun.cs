using System.Threading.Channels;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Discovery;

/// <summary>One execution: credentials are made once and awaited by every link that needs them.</summary>
internal sealed class EndpointDiscoveryRun : IDisposable
{
    private readonly IReadOnlyCollection<LinkPlan> _links;
    private readonly IReadOnlyDictionary<(string, string?), RemoteSecretPlan> _credentials;
    private readonly IReadOnlyDictionary<(string, string?), Exception> _failures;
    private readonly EndpointDiscoveryOptions _options;
    private readonly Func<PlannedChange, bool> _approved;
    private readonly IOperationLog _log;
    private readonly CancellationTokenSource _stop;
    private readonly StepSlots _slots;
    private readonly Channel<EndpointDiscoveryLink> _finished = Channel.CreateUnbounded<EndpointDiscoveryLink>(new UnboundedChannelOptions { SingleReader = true });

    internal EndpointDiscoveryRun(
        IReadOnlyCollection<LinkPlan> links,
        IReadOnlyDictionary<(string, string?), RemoteSecretPlan> credentials,
        IReadOnlyDictionary<(string, string?), Exception> failures,
        EndpointDiscoveryOptions options,
        Func<PlannedChange, bool> approved,
        IOperationLog log,
        CancellationToken cancellationToken)
    {
        _links = links;
        _credentials = credentials;
        _failures = failures;
        _options = options;
        _approved = approved;
        _log = log;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _slots = new StepSlots(options.ThrottleLimit, links.SelectMany(link => new[] { link.Reader, link.Target }));
    }

    internal async IAsyncEnumerable<EndpointDiscoveryLink> LinksAsync()
    {
        var work = WorkAsync();
        try
        {
            await foreach (var link in _finished.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
                yield return link;
            await work.ConfigureAwait(false);
        }
        finally
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose()
    {
        _slots.Dispose();
        _stop.Dispose();
    }

    private async Task WorkAsync()
    {
        try
        {
            // A credential that no link can use is not made: a rerun makes it together with its links.
            var needed = _links.Where(link => FailureOf(link) is null).Select(link => link.Target.Entry()).ToHashSet();
            var credentials = _credentials.Where(entry => needed.Contains(entry.Key)).ToDictionary(entry => entry.Key, entry => CredentialAsync(entry.Value));
            await Task.WhenAll(_links.GroupBy(link => link.Reader.Entry()).Select(ofReader => ReaderAsync([.. ofReader], credentials))).ConfigureAwait(false);
        }
        finally
        {
            _finished.Writer.Complete();
        }
    }

    // The token's failure is a value: every link that needs it says so, and it is reported once.
    private async Task<CredentialOutcome> CredentialAsync(RemoteSecretPlan plan)
    {
        if (plan.Changes.Any(change => change.Writes && !_approved(change)))
            return new CredentialOutcome(null, null);
        try
        {
            return new CredentialOutcome(await _slots.RunAsync(plan.Cluster, () => plan.ExecuteAsync(_log, _stop.Token), _stop.Token).ConfigureAwait(false), null);
        }
        catch (Exception e) when (e is KubernetesException or MeshException)
        {
            _log.Failed(e, plan.Cluster);
            return new CredentialOutcome(null, e);
        }
    }

    private async Task ReaderAsync(LinkPlan[] links, Dictionary<(string, string?), Task<CredentialOutcome>> credentials)
    {
        var made = await Task.WhenAll(links.Select(link => LinkAsync(link, credentials))).ConfigureAwait(false);
        if (!_options.Wait)
            return;
        var waiting = made.OfType<EndpointDiscoveryLink>().ToArray();
        if (waiting.Length == 0)
            return;
        var wait = new SyncWait(links[0].Reader, _options, _log, _slots);
        await foreach (var link in wait.RunAsync(waiting, _stop.Token).ConfigureAwait(false))
            _finished.Writer.TryWrite(link);
    }

    /// <summary>Makes one link; <see langword="null"/> when it is finished already.</summary>
    private async Task<EndpointDiscoveryLink?> LinkAsync(LinkPlan plan, Dictionary<(string, string?), Task<CredentialOutcome>> credentials)
    {
        if (FailureOf(plan) is { } failure)
            return Finish(plan.Link() with { Change = ChangeOutcome.Failed, Reason = failure });
        var outcome = await credentials[plan.Target.Entry()].ConfigureAwait(false);
        if (outcome.Failure is { } why)
            return Finish(plan.Link() with { Change = ChangeOutcome.Failed, Reason = ErrorCatalog.Describe(why, plan.Target).Message });
        if (outcome.Secret is not { } secret || (plan.Change is { Writes: true } change && !_approved(change)))
            return Finish(plan.Link() with { Reason = "declined" });
        // The reader's own credential brings its namespace, where that is missing; should it fail, so will the apply, with the reason.
        if (_credentials.TryGetValue(plan.Reader.Entry(), out var own) && own.MakesNamespace && credentials.TryGetValue(plan.Reader.Entry(), out var home))
            await home.ConfigureAwait(false);
        var link = await ApplyAsync(plan, secret).ConfigureAwait(false);
        return _options.Wait && link.Change != ChangeOutcome.Failed ? link : Finish(link);
    }

    private async Task<EndpointDiscoveryLink> ApplyAsync(LinkPlan plan, RemoteSecret secret)
    {
        try
        {
            var installation = plan.Install(secret, _options.ForceConflicts);
            await _slots.RunAsync(plan.Reader, () => installation.ExecuteAsync(_stop.Token), _stop.Token).ConfigureAwait(false);
            return plan.Link() with
            {
                Server = secret.Server,
                Change = installation.Change.Kind.Outcome(),
            };
        }
        catch (Exception e) when (e is KubernetesException or MeshException)
        {
            var link = plan.Link() with { Server = secret.Server, Change = ChangeOutcome.Failed, Reason = ErrorCatalog.Describe(e, plan.Reader).Message };
            _log.Failed(e, link);
            return link;
        }
    }

    private string? FailureOf(LinkPlan plan)
    {
        foreach (var cluster in new[] { plan.Reader, plan.Target })
        {
            if (_failures.TryGetValue(cluster.Entry(), out var failure))
                return ErrorCatalog.Describe(failure, cluster).Message;
        }

        return null;
    }

    private EndpointDiscoveryLink? Finish(EndpointDiscoveryLink link)
    {
        _finished.Writer.TryWrite(link);
        return null;
    }

    private sealed record CredentialOutcome(RemoteSecret? Secret, Exception? Failure);
}
