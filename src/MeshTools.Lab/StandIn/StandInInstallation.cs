using System.Text.Json.Nodes;
using MeshTools.Kubernetes;

namespace MeshTools.Lab;

/// <summary>
/// What the stand-in does to a cluster: it applies the objects as istioctl does (server-side, as <c>istio-operator</c>, taking fields over, with its labels), waits until
/// istiod is ready, and makes the tag <c>default</c> where there is none.
/// </summary>
internal sealed class StandInInstallation(KubernetesClient client, StandInConfiguration configuration, string version, TextWriter output)
{
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
            await TagAsync(cancellationToken).ConfigureAwait(false);
        }

        await output.WriteLineAsync("- Pruning removed resources").ConfigureAwait(false);
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
            labels["operator.istio.io/managed"] = "Reconcile";
            labels["operator.istio.io/version"] = version;
            labels["operator.istio.io/component"] = IsCore(obj) ? "Base" : "Pilot";
            labels["install.operator.istio.io/owning-resource-namespace"] = ControlPlaneObjects.Namespace;
            labels["istio.io/rev"] = configuration.Options.EffectiveRevision;
            await ApplyAsync(obj, cancellationToken).ConfigureAwait(false);
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

        foreach (var obj in StandInObjects.DefaultTag(configuration))
        {
            await ApplyAsync(obj, cancellationToken).ConfigureAwait(false);
        }
    }
}
