using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Revisions;
using MeshTools.Workloads;

namespace MeshTools.Injection;

/// <summary>One namespace of one cluster on its way to being injected, or to not being injected any more: one patch that sets one label and removes the other.</summary>
public sealed class InjectionPlan
{
    // The injector leaves these alone whatever their labels say (istio pkg/kube/inject, IgnoredNamespaces).
    private static readonly string[] s_ignored = ["kube-system", "kube-public", "kube-node-lease", "local-path-storage"];

    private readonly JsonObject? _patch;
    private readonly SidecarInjection _result;

    /// <summary>Whether the injector leaves the pods of a namespace alone, whatever labels say.</summary>
    internal static bool Ignores(string ns) => s_ignored.Contains(ns, StringComparer.Ordinal);

    private InjectionPlan(PlannedChange change, JsonObject? patch, SidecarInjection result)
    {
        Change = change;
        _patch = patch;
        _result = result;
    }

    /// <summary>What would happen.</summary>
    public PlannedChange Change { get; }

    /// <summary>The cluster.</summary>
    public MeshCluster Cluster => Change.Cluster;

    /// <summary>Plans injection. Only reads; warns of pods that opted out, and of labels that say something else.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="ns">The namespace.</param>
    /// <param name="options">What is wanted.</param>
    /// <param name="log">Takes warnings.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="MeshException">There is no such revision, it is not clear which is meant, the namespace is not there, or is never injected.</exception>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    public static async Task<InjectionPlan> EnableAsync(MeshCluster cluster, string ns, InjectionOptions options, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        if (Ignores(ns))
            throw new MeshException(ErrorCatalog.NamespaceNotInjectable, $"{cluster.Name}: pods of namespace {ns} are never injected", cluster);
        var (webhooks, live, workloads) = await ReadAsync(cluster, ns, cancellationToken).ConfigureAwait(false);
        if (live is null && !options.CreateNamespace)
            throw new MeshException(ErrorCatalog.NamespaceNotFound, $"{cluster.Name}: there is no namespace {ns}", cluster, "Have it made with -CreateNamespace, or check its name.");
        var before = Labels(live, ns);
        var after = InjectionLabel.Decide(cluster, webhooks, before, options.Revision);
        Warn(cluster, ns, before, after, log);
        var plan = Create(cluster, ns, live, before, after, webhooks, workloads);
        if (plan._result.OptedOut.Count > 0)
            log.Warning($"{cluster.Name}: {ns}: {string.Join(", ", plan._result.OptedOut)} will have no proxy: the pods opt out (sidecar.istio.io/inject=false) or use the host's network.");
        return plan;
    }

    /// <summary>Plans the end of injection: both labels go. Where an installation injects namespaces without a label, the namespace is labelled <c>istio-injection=disabled</c>.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="ns">The namespace.</param>
    /// <param name="log">Takes warnings.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="MeshException">The namespace is not there.</exception>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    public static async Task<InjectionPlan> DisableAsync(MeshCluster cluster, string ns, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(log);
        var (webhooks, live, workloads) = await ReadAsync(cluster, ns, cancellationToken).ConfigureAwait(false);
        if (live is null)
            throw new MeshException(ErrorCatalog.NamespaceNotFound, $"{cluster.Name}: there is no namespace {ns}", cluster, "Check its name.");
        var before = Labels(live, ns);
        var after = InjectionLabel.Without(before);
        if (before.GetValueOrDefault(RevisionLabels.Injection) is "disabled" || webhooks.Find(after, InjectionLabel.None) is not null)
            after[RevisionLabels.Injection] = "disabled";
        var plan = Create(cluster, ns, live, before, after, webhooks, workloads);
        string[] asking = [.. workloads.Where(item => webhooks.Find(after, item.Labels) is not null).Select(item => item.Name)];
        if (asking.Length > 0)
            log.Warning($"{cluster.Name}: {ns}: {string.Join(", ", asking)} will still be injected: the pods ask for it themselves, by their labels.");
        return plan;
    }

    /// <summary>Makes the change.</summary>
    /// <param name="log">Takes milestones.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>How the namespace is injected now, and what needs a restart.</returns>
    /// <exception cref="KubernetesException">The request fails.</exception>
    public async Task<SidecarInjection> ExecuteAsync(IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(log);
        var client = Cluster.Connect();
        switch (Change.Kind)
        {
            case ChangeKind.Create:
                var made = KubernetesObject.Create("v1", "Namespace", _result.Namespace);
                made.Json["metadata"]!["labels"] = _patch!["metadata"]!["labels"]!.DeepClone();
                await client.CreateAsync(made, cancellationToken: cancellationToken).ConfigureAwait(false);
                break;
            case ChangeKind.Update:
                await client.PatchAsync(ResourceTypes.Namespace, null, _result.Namespace, Patch.Merge(_patch!), cancellationToken: cancellationToken).ConfigureAwait(false);
                break;
        }

        log.Verbose($"{Cluster.Name}: namespace {_result.Namespace}: {Change.Description}");
        return _result;
    }

    private static async Task<(InjectionWebhooks Webhooks, KubernetesObject? Namespace, IReadOnlyList<WorkloadPods> Workloads)> ReadAsync(
        MeshCluster cluster, string ns, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentException.ThrowIfNullOrEmpty(ns);
        var webhooks = InjectionWebhooks.ReadAsync(cluster, cancellationToken);
        var workloads = NamespaceWorkloads.ReadAsync(cluster, ns, cancellationToken);
        var live = cluster.Connect().FindAsync(ResourceTypes.Namespace, null, ns, cancellationToken);
        await Task.WhenAll(webhooks, workloads, live).ConfigureAwait(false);
        return (await webhooks.ConfigureAwait(false), await live.ConfigureAwait(false), await workloads.ConfigureAwait(false));
    }

    private static InjectionPlan Create(
        MeshCluster cluster, string ns, KubernetesObject? live, IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after,
        InjectionWebhooks webhooks, IReadOnlyList<WorkloadPods> workloads)
    {
        var found = webhooks.Find(after, InjectionLabel.None);
        var patch = InjectionLabel.Patch(before, after);
        var kind = live is null ? ChangeKind.Create : patch is null ? ChangeKind.Unchanged : ChangeKind.Update;
        var removed = before.Keys.Except(after.Keys, StringComparer.Ordinal).Select(key => $"label {key}={before[key]} removed");
        var said = string.Join("; ", new[] { InjectionLabel.Text(after) is { } text ? text + Via(found) : null }.OfType<string>().Concat(removed));
        var description = said.Length > 0 ? said : "no injection label";
        string[] fields = [.. (patch?["metadata"]?["labels"] as JsonObject ?? []).Select(pair => $"metadata.labels['{pair.Key}']")];
        return new InjectionPlan(
            new PlannedChange(cluster, new ObjectReference("v1", "Namespace", ns, null), kind, description) { Fields = kind is ChangeKind.Update ? fields : [] },
            patch,
            new SidecarInjection(cluster, ns)
            {
                Enabled = found is not null,
                Label = InjectionLabel.Text(after),
                Revision = found?.Revision,
                Tag = found?.Tag,
                Change = kind.Outcome(),
                RestartNeeded = [.. workloads.Where(item => InjectionState.NeedsRestart(webhooks, after, item)).Select(item => item.Name)],
                OptedOut = [.. workloads.Where(item => found is not null && (item.HostNetwork || InjectionWebhooks.OptsOut(item.Labels, item.Annotations))).Select(item => item.Name)],
            });
    }

    private static string Via((string Revision, string? Tag)? found) => 
        found?.Tag is { } tag && !string.Equals(tag, found.Value.Revision, StringComparison.Ordinal) ? $" (tag {tag} leads to revision {found.Value.Revision})" : "";

    private static void Warn(MeshCluster cluster, string ns, IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after, IOperationLog log)
    {
        if (before.GetValueOrDefault(RevisionLabels.Injection) is "disabled" && after.GetValueOrDefault(RevisionLabels.Injection) is not "disabled")
            log.Warning($"{cluster.Name}: namespace {ns} was opted out by its label istio-injection=disabled.");
        if (before.GetValueOrDefault("istio.io/dataplane-mode") is "ambient")
            log.Warning($"{cluster.Name}: namespace {ns} is in ambient mode; pods with a proxy of their own leave the ambient data plane.");
    }

    // Every namespace has this label, and selectors of installations that inject all namespaces look at it.
    private static Dictionary<string, string> Labels(KubernetesObject? live, string ns) =>
        live is null ? new Dictionary<string, string>(StringComparer.Ordinal) { ["kubernetes.io/metadata.name"] = ns } : new Dictionary<string, string>(live.Labels, StringComparer.Ordinal);
}
