using MeshTools.Clusters;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Revisions;

namespace MeshTools.Install;

/// <summary>
/// Compares a rendered manifest with a cluster as <c>istioctl install</c> would apply it: as field manager <c>istio-operator</c>, taking fields over, with the labels that it
/// adds to every object; then it removes what an earlier run made and the manifest has no more, and sees to the tag <c>default</c> (operator/pkg/install/install.go).
/// </summary>
/// <param name="reading">The cluster's revisions.</param>
/// <param name="configuration">What istioctl would be given.</param>
/// <param name="istioctl">The version of istioctl.</param>
/// <param name="log">Takes warnings about what may not be read.</param>
internal sealed class InstallerView(RevisionReading reading, OperatorConfiguration configuration, IstioRelease istioctl, IOperationLog log)
{
    private static readonly ApplyOptions s_apply = new() { FieldManager = "istio-operator", ForceConflicts = true, FieldValidation = FieldValidation.Ignore };

    private readonly KubernetesClient _client = reading.Cluster.Connect();
    private readonly OwnerLabels _owner = new(istioctl, configuration.Settings.Revision, reading.Namespace);

    private string Revision => configuration.Settings.Revision;

    internal async Task<IReadOnlyList<PlannedChange>> CompareAsync(IReadOnlyList<KubernetesObject> rendered, CancellationToken cancellationToken)
    {
        // What the manifest itself defines may not be served yet, and then no object of it is there either.
        var cluster = reading.Cluster;
        var defined = rendered.Where(obj => obj.Kind is "CustomResourceDefinition").Select(obj => obj.FindString("spec", "names", "kind")).ToHashSet(StringComparer.Ordinal);
        var created = new Dictionary<KubernetesObject, PlannedChange>(ReferenceEqualityComparer.Instance);
        var compared = new List<KubernetesObject>();
        foreach (var obj in rendered)
        {
            if (defined.Contains(obj.Kind) && !await IsServedAsync(obj, cancellationToken).ConfigureAwait(false))
                created[obj] = new PlannedChange(cluster, obj.Reference, ChangeKind.Create, Purpose);
            else
                compared.Add(obj);
        }

        var desired = await Task.WhenAll(compared.Select(obj => AsInstalledAsync(obj, cancellationToken))).ConfigureAwait(false);
        var tag = DefaultTagEffect.Of(reading, configuration, [.. desired]);
        var installed = tag is null ? desired : [.. desired.Select(tag.AsLeft)];
        var plan = await PlanAsync([.. installed.Select(obj => new ManifestObject(obj, Purpose))], cancellationToken).ConfigureAwait(false);
        var changes = plan.Changes.ToArray();
        var next = 0;
        PlannedChange[] own = [.. rendered.Select(obj => created.TryGetValue(obj, out var change) ? change : changes[next++])];
        var pruned = await new PrunedObjects(reading, _owner, log).FindAsync(installed, cancellationToken).ConfigureAwait(false);
        PlannedChange[] all = [.. own, .. pruned.Select(obj => new PlannedChange(cluster, obj.Reference, ChangeKind.Delete, $"no longer part of {Purpose}"))];
        // istioctl is run only where something differs. That another revision was the last to sign what revisions share is no difference, nor is a tag that leads elsewhere by
        // somebody's choice; where it runs, both change with the rest.
        var runs = tag is { IsMissing: true } || all.Any(change => change.Writes && !OwnerLabels.IsSignature(change));
        if (!runs)
            return [.. all.Select(change => change.Writes ? change with { Kind = ChangeKind.Unchanged, Fields = [] } : change)];
        if (tag is null)
            return all;
        var tagged = await PlanAsync(tag.Objects(_owner), cancellationToken).ConfigureAwait(false);
        return [.. all, .. tag.Deactivation is { } deactivation ? [deactivation] : Array.Empty<PlannedChange>(), .. tagged.Changes];
    }

    private string Purpose => $"control plane {Revision}";

    private Task<ManifestPlan> PlanAsync(IReadOnlyList<ManifestObject> objects, CancellationToken cancellationToken) => ManifestPlan.CreateAsync(reading.Cluster, objects, s_apply, cancellationToken);

    private async Task<bool> IsServedAsync(KubernetesObject obj, CancellationToken cancellationToken)
    {
        try
        {
            await _client.TypeOfAsync(obj, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (KindNotServedException)
        {
            return false;
        }
    }

    private async Task<KubernetesObject> AsInstalledAsync(KubernetesObject obj, CancellationToken cancellationToken)
    {
        var type = await _client.TypeOfAsync(obj, cancellationToken).ConfigureAwait(false);
        var result = obj.Clone();
        // Where the chart leaves the namespace out, istioctl applies to the control plane's.
        if (type.Namespaced && result.Namespace is null)
            result.Json["metadata"]!["namespace"] = reading.Namespace;
        result.Json.Remove("status");
        var live = await _client.FindAsync(type, result.Namespace, result.Name, cancellationToken).ConfigureAwait(false);
        _owner.AddTo(result);
        // Which component an object is of, the manifest does not tell; it does not change either.
        if (live?.Labels.GetValueOrDefault(OwnerLabels.Component) is { } component)
            result.Json["metadata"]!["labels"]![OwnerLabels.Component] = component;
        if (obj.Kind is "ValidatingWebhookConfiguration")
            KeepFailurePolicy(result, live);
        return result;
    }

    // Ignore is what the chart says until istiod validates; then istiod says Fail.
    private static void KeepFailurePolicy(KubernetesObject desired, KubernetesObject? live)
    {
        foreach (var webhook in desired.Json.FindArray("webhooks") ?? [])
        {
            var same = (live?.Json.FindArray("webhooks") ?? []).FirstOrDefault(item => string.Equals(item.FindString("name"), webhook.FindString("name"), StringComparison.Ordinal));
            if (same.FindString("failurePolicy") is "Fail")
                webhook!["failurePolicy"] = "Fail";
        }
    }
}
