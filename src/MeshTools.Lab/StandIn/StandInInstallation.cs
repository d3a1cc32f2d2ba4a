using System.Text.Json.Nodes;
using MeshTools.Kubernetes;

namespace MeshTools.Lab;

/// <summary>
/// What the stand-in does to a cluster: it applies the objects as istioctl does (server-side, as <c>istio-operator</c>, taking fields over, with its labels), waits until
/// istiod is ready, removes what an earlier run made and the manifest has no more, and sees to the tag <c>default</c>.
/// </summary>
internal sealed class StandInInstallation(KubernetesClient client, StandInConfiguration configuration, string version, TextWriter output)
{
    private const string ComponentLabel = "operator.istio.io/component";
    private const string NotPrunedLabel = "install.operator.istio.io/owning-resource-not-pruned";

    // operator/pkg/uninstall/prune.go.
    private static readonly ResourceType[] s_pruned =
    [
        ResourceTypes.Deployment, ResourceTypes.DaemonSet, ResourceTypes.Service, ResourceTypes.ConfigMap, ResourceTypes.Pod, ResourceTypes.Secret, ResourceTypes.ServiceAccount, ResourceTypes.RoleBinding,
        ResourceTypes.Role, ResourceTypes.PodDisruptionBudget, ResourceTypes.HorizontalPodAutoscaler, ResourceTypes.MutatingWebhookConfiguration, ResourceTypes.ValidatingWebhookConfiguration,
        ResourceTypes.ClusterRole, ResourceTypes.ClusterRoleBinding,
    ];

    private static readonly ApplyOptions s_apply = new() { FieldManager = "istio-operator", ForceConflicts = true, FieldValidation = MeshTools.Kubernetes.FieldValidation.Ignore };

    public async Task RunAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var objects = StandInObjects.Render(configuration);
        await NamespaceAsync(cancellationToken).ConfigureAwait(false);
        await PartAsync("Istio core", [.. objects.Where(obj => IsCore(obj))], cancellationToken).ConfigureAwait(false);
        await output.WriteLineAsync("✔ Istio core installed ⛵️").ConfigureAwait(false);
        if (configuration.HasControlPlane)
        {
            await PartAsync("Istiod", [.. objects.Where(obj => !IsCore(obj))], cancellationToken).ConfigureAwait(false);
            await WaitAsync(patience, cancellationToken).ConfigureAwait(false);
            await output.WriteLineAsync("✔ Istiod installed 🧠").ConfigureAwait(false);
        }

        await output.WriteLineAsync("- Pruning removed resources").ConfigureAwait(false);
        await PruneAsync(objects, cancellationToken).ConfigureAwait(false);
        if (configuration.HasControlPlane)
        {
            await TagAsync(cancellationToken).ConfigureAwait(false);
        }

        await output.WriteLineAsync("✔ Installation complete").ConfigureAwait(false);
    }

    private static bool IsCore(KubernetesObject obj) => obj.Kind is "CustomResourceDefinition" || obj.Name is "istio-reader-service-account";

    private async Task NamespaceAsync(CancellationToken cancellationToken)
    {
        if (await client.FindAsync(ResourceTypes.Namespace, null, ControlPlaneObjects.Namespace, cancellationToken).ConfigureAwait(false) is not null)
        {
            return;
        }

        var ns = KubernetesObject.Create("v1", "Namespace", ControlPlaneObjects.Namespace);
        if (configuration.Options.Network is { } network)
        {
            ns.Json.Child("metadata")["labels"] = new JsonObject { ["topology.istio.io/network"] = network };
        }

        await client.CreateAsync(ns, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    private async Task PartAsync(string name, IReadOnlyList<KubernetesObject> objects, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync($"- Processing resources for {name}.").ConfigureAwait(false);
        foreach (var obj in objects)
        {
            var labels = obj.Json.Child("metadata").Child("labels");
            foreach (var (key, value) in OwnerLabels())
            {
                labels[key] = value;
            }

            labels[ComponentLabel] = IsCore(obj) ? "Base" : "Pilot";
            await ApplyAsync(obj, cancellationToken).ConfigureAwait(false);
        }
    }

    private Dictionary<string, string> OwnerLabels()
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["operator.istio.io/managed"] = "Reconcile",
            ["operator.istio.io/version"] = version,
            ["install.operator.istio.io/owning-resource-namespace"] = ControlPlaneObjects.Namespace,
            ["istio.io/rev"] = configuration.Options.EffectiveRevision,
        };
        if (configuration.Name is { } name)
        {
            labels["install.operator.istio.io/owning-resource"] = name;
        }

        return labels;
    }

    // A document without a name takes what any other made for its own, as istioctl's does.
    private async Task PruneAsync(IReadOnlyList<KubernetesObject> manifest, CancellationToken cancellationToken)
    {
        var kept = manifest.Select(obj => (obj.Kind, obj.Namespace, obj.Name)).ToHashSet();
        var selector = new ListOptions { LabelSelector = $"{string.Join(',', OwnerLabels().Select(label => $"{label.Key}={label.Value}"))},{ComponentLabel}" };
        foreach (var type in s_pruned)
        {
            await foreach (var obj in client.ListAsync(type, null, selector, cancellationToken).ConfigureAwait(false))
            {
                if (obj.Labels.GetValueOrDefault(NotPrunedLabel) is "true" || kept.Contains((obj.Kind, obj.Namespace, obj.Name)))
                {
                    continue;
                }

                await client.DeleteAsync(type, obj.Namespace, obj.Name, cancellationToken: cancellationToken).ConfigureAwait(false);
                await output.WriteLineAsync($"  Removed {obj.ApiVersion}, Kind={obj.Kind}/{obj.Name}.{obj.Namespace}.").ConfigureAwait(false);
            }
        }
    }

    private async Task ApplyAsync(KubernetesObject obj, CancellationToken cancellationToken)
    {
        try
        {
            await client.ApplyAsync(obj, s_apply, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesException exception)
        {
            throw new StandInException($"failed to update resource with server-side apply for obj {obj.Kind}/{obj.Namespace}/{obj.Name}: {exception.Message}", exception);
        }
    }

    private async Task WaitAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var name = "istiod" + configuration.Options.RevisionSuffix;
        await output.WriteLineAsync($"- Processing resources for Istiod. Waiting for Deployment/{ControlPlaneObjects.Namespace}/{name}").ConfigureAwait(false);
        try
        {
            await client.WaitForRolloutAsync(ResourceTypes.Deployment, ControlPlaneObjects.Namespace, name, patience, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is WaitTimeoutException or RolloutFailedException)
        {
            throw new StandInException(
                $"failed to wait for resource: resources not ready after {patience.TotalSeconds:0}s: context deadline exceeded\n  Deployment/{ControlPlaneObjects.Namespace}/{name}", exception);
        }
    }

    private async Task TagAsync(CancellationToken cancellationToken)
    {
        var tagged = await client.ListPageAsync(
            ResourceTypes.MutatingWebhookConfiguration, null, new ListOptions { LabelSelector = "app=sidecar-injector,istio.io/tag=default" }, cancellationToken).ConfigureAwait(false);
        var first = tagged.Items.Count == 0;
        if (!first && configuration.Options.Revision is not null)
        {
            return;
        }

        await DeactivateAsync(cancellationToken).ConfigureAwait(false);
        foreach (var obj in StandInObjects.DefaultTag(configuration))
        {
            var labels = obj.Json.Child("metadata").Child("labels");
            foreach (var (key, value) in OwnerLabels())
            {
                labels[key] = value;
            }

            labels[ComponentLabel] = "Pilot";
            labels[NotPrunedLabel] = "true";
            await ApplyAsync(obj, cancellationToken).ConfigureAwait(false);
        }
    }

    // istioctl/pkg/tag/util.go, DeactivateIstioInjectionWebhook.
    private async Task DeactivateAsync(CancellationToken cancellationToken)
    {
        var injectors = await client.ListPageAsync(
            ResourceTypes.MutatingWebhookConfiguration, null, new ListOptions { LabelSelector = "app=sidecar-injector,istio.io/rev=default,!istio.io/tag" }, cancellationToken).ConfigureAwait(false);
        foreach (var injector in injectors.Items)
        {
            foreach (var webhook in injector.Json.Objects("webhooks"))
            {
                foreach (var selector in new[] { "namespaceSelector", "objectSelector" })
                {
                    webhook[selector] = new JsonObject { ["matchLabels"] = new JsonObject { ["istio.io/deactivated"] = "never-match" } };
                }
            }

            await client.UpdateAsync(injector, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
    }
}
