using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Install;

/// <summary>
/// Compares a rendered manifest with a cluster as <c>istioctl install</c> would apply it: as field manager <c>istio-operator</c>, taking fields over, and with the labels that it
/// adds to every object (operator/pkg/install/install.go, <c>getOwnerLabels</c>).
/// </summary>
internal static class InstallerView
{
    private const string FieldManager = "istio-operator";

    internal static async Task<IReadOnlyList<PlannedChange>> CompareAsync(
        MeshCluster cluster, IReadOnlyList<KubernetesObject> rendered, IstioRelease istioctl, string revision, string ns, CancellationToken cancellationToken)
    {
        // What the manifest itself defines may not be served yet, and then no object of it is there either.
        var client = cluster.Connect();
        var defined = rendered.Where(obj => obj.Kind is "CustomResourceDefinition").Select(obj => obj.FindString("spec", "names", "kind")).ToHashSet(StringComparer.Ordinal);
        var created = new Dictionary<KubernetesObject, PlannedChange>(ReferenceEqualityComparer.Instance);
        var compared = new List<KubernetesObject>();
        foreach (var obj in rendered)
        {
            if (defined.Contains(obj.Kind) && !await IsServedAsync(client, obj, cancellationToken).ConfigureAwait(false))
                created[obj] = new PlannedChange(cluster, obj.Reference, ChangeKind.Create, Purpose(revision));
            else
                compared.Add(obj);
        }

        var desired = await Task.WhenAll(compared.Select(obj => AsInstalledAsync(client, obj, istioctl, revision, ns, cancellationToken))).ConfigureAwait(false);
        var options = new ApplyOptions { FieldManager = FieldManager, ForceConflicts = true, FieldValidation = FieldValidation.Ignore };
        var plan = await ManifestPlan.CreateAsync(cluster, [.. desired.Select(obj => new ManifestObject(obj, Purpose(revision)))], options, cancellationToken).ConfigureAwait(false);
        var changes = plan.Changes.ToArray();
        var next = 0;
        return [.. rendered.Select(obj => created.TryGetValue(obj, out var change) ? change : changes[next++])];
    }

    private static string Purpose(string revision) => $"control plane {revision}";

    private static async Task<bool> IsServedAsync(KubernetesClient client, KubernetesObject obj, CancellationToken cancellationToken)
    {
        try
        {
            await client.TypeOfAsync(obj, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (KindNotServedException)
        {
            return false;
        }
    }

    private static async Task<KubernetesObject> AsInstalledAsync(
        KubernetesClient client, KubernetesObject obj, IstioRelease istioctl, string revision, string ns, CancellationToken cancellationToken)
    {
        var type = await client.TypeOfAsync(obj, cancellationToken).ConfigureAwait(false);
        var result = obj.Clone();
        // Where the chart leaves the namespace out, istioctl applies to the control plane's.
        if (type.Namespaced && result.Namespace is null)
            result.Json["metadata"]!["namespace"] = ns;
        result.Json.Remove("status");
        var live = await client.FindAsync(type, result.Namespace, result.Name, cancellationToken).ConfigureAwait(false);
        var metadata = result.Json["metadata"]!.AsObject();
        if (metadata["labels"] is not JsonObject labels)
            metadata["labels"] = labels = [];
        labels["operator.istio.io/managed"] = "Reconcile";
        labels["operator.istio.io/version"] = istioctl.Text;
        labels["install.operator.istio.io/owning-resource-namespace"] = ns;
        labels["istio.io/rev"] = revision;
        // Which component an object is of, the manifest does not tell; it does not change either.
        if (live?.Labels.GetValueOrDefault("operator.istio.io/component") is { } component)
            labels["operator.istio.io/component"] = component;
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
