using System.Diagnostics;
using System.Runtime.CompilerServices;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Workloads;

namespace MeshTools.Injection;

/// <summary>Rolling restarts of the workloads of a namespace, as <c>kubectl rollout restart</c> makes them.</summary>
public sealed class RestartPlan
{
    private readonly RestartOptions _options;
    private readonly IReadOnlyList<Item> _items;

    private RestartPlan(MeshCluster cluster, RestartOptions options, IReadOnlyList<Item> items)
    {
        Cluster = cluster;
        _options = options;
        _items = items;
    }

    /// <summary>The cluster.</summary>
    public MeshCluster Cluster { get; }

    /// <summary>What would happen, in order.</summary>
    public IEnumerable<PlannedChange> Changes => _items.Where(item => item.Skip is null).Select(item => item.Change);

    /// <summary>Plans restarts. Only reads.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="ns">The namespace.</param>
    /// <param name="options">Which, and how.</param>
    /// <param name="log">Takes a warning where there is nothing to restart.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The plan, Deployments before StatefulSets before DaemonSets, by name.</returns>
    /// <exception cref="MeshException">The namespace is not there, or no workload is meant by the names.</exception>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    public static async Task<RestartPlan> CreateAsync(MeshCluster cluster, string ns, RestartOptions options, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentException.ThrowIfNullOrEmpty(ns);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        var webhooks = InjectionWebhooks.ReadAsync(cluster, cancellationToken);
        var workloads = NamespaceWorkloads.ReadAsync(cluster, ns, cancellationToken);
        var live = cluster.Connect().FindAsync(ResourceTypes.Namespace, null, ns, cancellationToken);
        await Task.WhenAll(webhooks, workloads, live).ConfigureAwait(false);
        var labels = (await live.ConfigureAwait(false))?.Labels
            ?? throw new MeshException(ErrorCatalog.NamespaceNotFound, $"{cluster.Name}: there is no namespace {ns}", cluster, "Check its name.");
        var injectors = await webhooks.ConfigureAwait(false);
        var items = (await workloads.ConfigureAwait(false)).Where(item => item.Owner is not null)
            .Where(item => options.Matches?.Invoke(item.Owner!.Kind, item.Owner.Name) ?? true)
            .OrderBy(item => item.Owner!.Kind switch { "Deployment" => 0, "StatefulSet" => 1, _ => 2 }).ThenBy(item => item.Owner!.Name, StringComparer.Ordinal)
            .Select(item => Plan(cluster, ns, item, injectors, labels, options)).ToArray();
        if (items.Length == 0 && options.Matches is not null)
            throw new MeshException(ErrorCatalog.WorkloadNotFound, $"{cluster.Name}: namespace {ns} has no workload of that name", cluster);
        if (items.Length == 0)
            log.Warning($"{cluster.Name}: namespace {ns} has no Deployment, StatefulSet or DaemonSet to restart.");
        return new RestartPlan(cluster, options, items);
    }

    /// <summary>Restarts what was approved. With <see cref="RestartOptions.Wait"/>, what comes after one that does not come up is left alone.</summary>
    /// <param name="approved">Whether a change may be made.</param>
    /// <param name="log">Takes milestones and failures.</param>
    /// <param name="cancellationToken">Cancels the requests and waits.</param>
    /// <returns>A result for each workload, as they finish. A failure is also reported to the log.</returns>
    public async IAsyncEnumerable<WorkloadRestart> ExecuteAsync(
        Func<PlannedChange, bool> approved, IOperationLog log, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(approved);
        ArgumentNullException.ThrowIfNull(log);
        foreach (var item in _items.Where(item => item.Skip is not null))
            yield return item.Result with { Outcome = item.Outcome, Reason = item.Skip!.Length > 0 ? item.Skip : null };
        Item[] wanted = [.. _items.Where(item => item.Skip is null && approved(item.Change))];
        var failed = (string?)null;
        var done = 0;
        await foreach (var result in FanOut.RunAsync(wanted, _options.AtATime, RunAsync, cancellationToken).ConfigureAwait(false))
        {
            log.Progress(new OperationProgress("Restarting workloads", $"{result.Namespace}/{result.Name}: {result.Outcome}", ++done, wanted.Length, Cluster.Name));
            yield return result;
        }

        async Task<WorkloadRestart> RunAsync(Item item, CancellationToken stop)
        {
            if (Volatile.Read(ref failed) is { } earlier)
                return item.Result with { Outcome = RestartOutcome.Skipped, Reason = $"{earlier} did not come up" };
            try
            {
                return await RestartAsync(item, log, stop).ConfigureAwait(false);
            }
            catch (Exception e) when (e is KubernetesException or MeshException)
            {
                Volatile.Write(ref failed, $"{item.Result.Kind} {item.Result.Name}");
                log.Failed(e, Cluster);
                return item.Result with { Outcome = RestartOutcome.Failed, Reason = ErrorCatalog.Describe(e, Cluster).Message };
            }
        }
    }

    private async Task<WorkloadRestart> RestartAsync(Item item, IOperationLog log, CancellationToken cancellationToken)
    {
        var reference = item.Change.Object;
        await RollingRestart.BeginAsync(Cluster, reference, log, cancellationToken).ConfigureAwait(false);
        if (!_options.Wait)
            return item.Result with { Outcome = RestartOutcome.Restarted };
        var clock = Stopwatch.StartNew();
        var rollout = new RolloutOptions { Timeout = _options.Timeout, Patience = _options.Patience, Injected = item.Result.Revision is not null };
        await WorkloadRollout.WaitAsync(Cluster, reference, rollout, log, cancellationToken).ConfigureAwait(false);
        return item.Result with { Outcome = RestartOutcome.Ready, Duration = clock.Elapsed };
    }

    private static Item Plan(
        MeshCluster cluster, string ns, WorkloadPods workload, InjectionWebhooks webhooks, IReadOnlyDictionary<string, string> labels, RestartOptions options)
    {
        var owner = workload.Owner!;
        var revision = workload.HostNetwork || InjectionWebhooks.OptsOut(workload.Labels, workload.Annotations) ? null : webhooks.Find(labels, workload.Labels)?.Revision;
        string[] before = [.. workload.Pods.Where(PodSidecar.IsInjected).Select(pod => PodSidecar.Revision(pod) ?? "unknown").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var result = new WorkloadRestart(cluster, ns, owner.Kind, owner.Name) { RevisionBefore = before, Revision = revision };
        var change = new PlannedChange(cluster, new ObjectReference("apps/v1", owner.Kind, owner.Name, ns), ChangeKind.Update, Description(before, revision))
        {
            Fields = [$"spec.template.metadata.annotations['{RollingRestart.Annotation}']"],
        };
        if (options.OutdatedOnly && !InjectionState.NeedsRestart(webhooks, labels, workload))
            return new Item(result, change, "", RestartOutcome.Unchanged);
        // kubectl refuses the first; with the second, new pods come only when somebody deletes the old ones.
        if (owner.Json.Find("spec").FindBoolean("paused") is true)
            return new Item(result, change, "its rollout is paused: kubectl rollout resume ends that", RestartOutcome.Skipped);
        return owner.FindString("spec", "updateStrategy", "type") is "OnDelete"
            ? new Item(result, change, "its update strategy is OnDelete: its pods are made anew only when they are deleted", RestartOutcome.Skipped)
            : new Item(result, change, null, RestartOutcome.Restarted);
    }

    private static string Description(string[] before, string? revision)
    {
        var after = revision is null ? "no proxy" : $"proxy of revision {revision}";
        return before is [var only] && string.Equals(only, revision, StringComparison.Ordinal)
            ? $"rolling restart, {after}"
            : $"rolling restart, {(before.Length == 0 ? "no proxy" : "proxy of revision " + string.Join(", ", before))} -> {after}";
    }

    /// <param name="Result">What is known of it before.</param>
    /// <param name="Change">What would happen.</param>
    /// <param name="Skip">Why it is left alone, empty when that goes without saying; <see langword="null"/> when it is restarted.</param>
    /// <param name="Outcome">What came of it when it is left alone.</param>
    private sealed record Item(WorkloadRestart Result, PlannedChange Change, string? Skip, RestartOutcome Outcome);
}
