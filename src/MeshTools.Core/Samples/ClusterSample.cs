using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Injection;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Workloads;

namespace MeshTools.Samples;

/// <summary>The sample on its way into one cluster: the namespace with its labels, the objects, and versions that are not wanted any more.</summary>
internal sealed class ClusterSample
{
    private readonly SampleOptions _options;
    private readonly IReadOnlyList<string> _versions;
    private readonly PlannedChange _namespace;
    private readonly JsonObject? _labels;
    private readonly IReadOnlyDictionary<string, string> _after;
    private readonly string? _revision;
    private readonly ManifestPlan _objects;
    private readonly RemovalPlan _removal;
    private readonly IReadOnlyList<PlannedChange> _restarts;

    private ClusterSample(
        SampleState state, IReadOnlyList<string> versions, SampleOptions options, InjectionWebhooks webhooks, IReadOnlyDictionary<string, string> after, ManifestPlan objects,
        IReadOnlyList<WorkloadPods> present)
    {
        Cluster = state.Cluster;
        _options = options;
        _versions = versions;
        _objects = objects;
        _after = after;
        _revision = webhooks.Find(after, InjectionLabel.None)?.Revision;
        var before = state.Namespace?.Labels ?? InjectionLabel.None;
        _labels = InjectionLabel.Patch(before, after);
        var kind = state.Namespace is null ? ChangeKind.Create : _labels is null ? ChangeKind.Unchanged : ChangeKind.Update;
        _namespace = new PlannedChange(Cluster, new ObjectReference("v1", "Namespace", options.Namespace, null), kind, $"the sample's namespace, {InjectionLabel.Text(after)}");
        // Pods of an earlier run that were made before the namespace was labelled as it will be. A new template has new pods made anyway.
        var same = objects.Changes.Where(change => !change.Writes).Select(change => $"{change.Object.Kind}/{change.Object.Name}").ToHashSet(StringComparer.Ordinal);
        _restarts =
        [
            .. present.Where(item => item.Owner is not null && same.Contains(item.Name) && InjectionState.NeedsRestart(webhooks, after, item))
                .Select(item => new PlannedChange(Cluster, item.Owner!.Reference, ChangeKind.Update, "rolling restart, so that its pods get their proxy")),
        ];
        _removal = new RemovalPlan(
            Cluster,
            state.Answering.Where(deployment => !versions.Contains(deployment.Labels.GetValueOrDefault("version") ?? "", StringComparer.Ordinal))
                .Select(deployment => new ManifestObject(deployment, "a version that is not wanted here any more")));
    }

    internal MeshCluster Cluster { get; }

    internal IEnumerable<PlannedChange> Changes => _objects.Changes.Prepend(_namespace).Concat(_restarts).Concat(_removal.Changes);

    /// <exception cref="MeshException">The namespace is not the sample's or is being deleted, there is no such revision, or the pull secret is not there.</exception>
    /// <exception cref="KubernetesException">The cluster cannot be read, or refuses an object.</exception>
    internal static async Task<ClusterSample> PlanAsync(SampleState state, IReadOnlyList<string> versions, SampleOptions options, CancellationToken cancellationToken)
    {
        var (cluster, ns) = (state.Cluster, options.Namespace);
        if (state.Namespace?.DeletionTimestamp is not null)
            throw new MeshException(ErrorCatalog.NamespaceNotFound, $"{cluster.Name}: namespace {ns} is being deleted", cluster, "Wait until it is gone; Remove-MeshSample waits for that.");
        if (state.Namespace is { } foreign && !SampleManifest.IsOwn(foreign) && !options.Force)
            throw new MeshException(ErrorCatalog.SampleNamespaceForeign, $"{cluster.Name}: namespace {ns} is there, and the sample did not make it", cluster);
        var webhooks = await InjectionWebhooks.ReadAsync(cluster, cancellationToken).ConfigureAwait(false);
        var before = state.Namespace?.Labels ?? InjectionLabel.None;
        var after = new Dictionary<string, string>(InjectionLabel.Decide(cluster, webhooks, before, options.Revision), StringComparer.Ordinal);
        // A namespace that somebody else made stays theirs.
        if (state.Namespace is null)
        {
            after[SampleManifest.PartOf] = SampleManifest.Sample;
            after["app.kubernetes.io/managed-by"] = "meshtools";
        }

        ManifestObject[] secret = options.ImagePullSecret?.Split('/') is [var home, var name] ? [await CopyAsync(cluster, home, name, ns, cancellationToken).ConfigureAwait(false)] : [];
        var objects = await ManifestPlan.CreateAsync(cluster, [.. secret, .. SampleManifest.Objects(options, versions)], options.ForceConflicts, cancellationToken).ConfigureAwait(false);
        var present = state.Deployments.Count == 0 ? [] : await NamespaceWorkloads.ReadAsync(cluster, ns, cancellationToken).ConfigureAwait(false);
        return new ClusterSample(state, versions, options, webhooks, after, objects, present);
    }

    internal async Task<MeshSample?> ExecuteAsync(Func<PlannedChange, bool> approved, IOperationLog log, CancellationToken cancellationToken)
    {
        // Without the namespace nothing else can be made.
        if (_namespace.Writes && !approved(_namespace))
            return null;
        await MakeNamespaceAsync(log, cancellationToken).ConfigureAwait(false);
        var objects = await _objects.ExecuteAsync(approved, log, cancellationToken).ConfigureAwait(false);
        foreach (var restart in _restarts.Where(approved))
            await RollingRestart.BeginAsync(Cluster, restart.Object, log, cancellationToken).ConfigureAwait(false);
        await _removal.ExecuteAsync(approved, log, cancellationToken).ConfigureAwait(false);
        var rollout = new RolloutOptions { Timeout = _options.Timeout, Patience = _options.Patience, Injected = true };
        var waits = objects.Where(item => item.Kind is "Deployment").Select(item => WorkloadRollout.WaitAsync(Cluster, item.Reference, rollout, log, cancellationToken)).ToArray();
        await Task.WhenAll(waits).ConfigureAwait(false);
        var pods = new List<KubernetesObject>();
        foreach (var wait in waits)
            pods.AddRange((await WorkloadState.ReadAsync(Cluster, await wait.ConfigureAwait(false), cancellationToken).ConfigureAwait(false)).Pods);
        var client = SampleManifest.ClientName(_options.Client);
        return new MeshSample(Cluster, _options.Namespace)
        {
            Version = _versions,
            ClientSelector = "app=" + client,
            ClientContainer = client,
            Revision = _revision,
            Ready = pods.Count > 0 && pods.TrueForAll(pod => PodSidecar.Readiness(pod) is var (ready, total) && ready == total),
            Pods = [.. pods.Select(Text)],
            Change = _namespace.Kind is ChangeKind.Create ? ChangeOutcome.Created : Changes.Any(change => change.Writes && approved(change)) ? ChangeOutcome.Updated : ChangeOutcome.Unchanged,
        };
    }

    private static string Text(KubernetesObject pod)
    {
        var (ready, total) = PodSidecar.Readiness(pod);
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{pod.Name} {ready}/{total}");
    }

    private async Task MakeNamespaceAsync(IOperationLog log, CancellationToken cancellationToken)
    {
        var client = Cluster.Connect();
        switch (_namespace.Kind)
        {
            case ChangeKind.Create:
                var made = KubernetesObject.Create("v1", "Namespace", _options.Namespace);
                var labels = new JsonObject();
                foreach (var (key, value) in _after)
                    labels[key] = value;
                made.Json["metadata"]!["labels"] = labels;
                await client.CreateAsync(made, cancellationToken: cancellationToken).ConfigureAwait(false);
                log.Verbose($"{Cluster.Name}: {_namespace.Object} created");
                break;
            case ChangeKind.Update:
                await client.PatchAsync(ResourceTypes.Namespace, null, _options.Namespace, Patch.Merge(_labels!), cancellationToken: cancellationToken).ConfigureAwait(false);
                log.Verbose($"{Cluster.Name}: {_namespace.Object} labelled");
                break;
        }
    }

    private static async Task<ManifestObject> CopyAsync(MeshCluster cluster, string home, string name, string ns, CancellationToken cancellationToken)
    {
        var source = await cluster.Connect().FindAsync(ResourceTypes.Secret, home, name, cancellationToken).ConfigureAwait(false);
        if (source?.FindString("type") is not ("kubernetes.io/dockerconfigjson" or "kubernetes.io/dockercfg") || source.Find("data") is not { } data)
        {
            throw new MeshException(
                ErrorCatalog.PullSecretNotFound, $"{cluster.Name}: Secret {home}/{name} {(source is null ? "is not there" : "is no credential for a registry")}", cluster);
        }

        var copy = SampleManifest.Labelled(KubernetesObject.Create("v1", "Secret", name, ns));
        copy.Json["type"] = source.FindString("type");
        copy.Json["data"] = data.DeepClone();
        return new ManifestObject(copy, $"the pull secret, a copy of {home}/{name}");
    }
}
