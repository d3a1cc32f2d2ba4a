using MeshTools.ControlPlane;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Revisions;

namespace MeshTools.Install;

/// <summary>
/// What an installation does to the tag <c>default</c> besides its manifest: the first one gets it, and one without a revision takes it back
/// (operator/pkg/webhook/webhook.go, <c>WebhooksToDeploy</c>). What the tag takes over from stays, and matches nothing any more.
/// </summary>
internal sealed class DefaultTagEffect
{
    private readonly RevisionReading _reading;
    private readonly KubernetesObject _injector;
    private readonly KubernetesObject _model;
    private readonly string _revision;
    private readonly bool _everyNamespace;

    private DefaultTagEffect(RevisionReading reading, KubernetesObject injector, KubernetesObject model, string revision, bool everyNamespace)
    {
        _reading = reading;
        _injector = injector;
        _model = model;
        _revision = revision;
        _everyNamespace = everyNamespace;
    }

    /// <summary>Whether there is no such tag yet.</summary>
    internal bool IsMissing => !_reading.Injectors.Any(webhook => RevisionReading.TagOf(webhook) is RevisionLabels.DefaultTag);

    /// <summary>An injector of a revision <c>default</c> that this installation puts out of action; <see langword="null"/> for none but its own.</summary>
    internal PlannedChange? Deactivation
    {
        get
        {
            var old = IsWithoutRevision ? null : _reading.InjectorsOf(ControlPlaneRevision.DefaultRevision).FirstOrDefault(TagManifest.IsActive);
            return old is null ? null : new PlannedChange(_reading.Cluster, old.Reference, ChangeKind.Update, $"no longer injects by itself: tag default to {_revision} does")
            {
                Fields = ["webhooks[*].namespaceSelector", "webhooks[*].objectSelector"],
            };
        }
    }

    private string? Current => _reading.Tags.FirstOrDefault(tag => tag.Tag is RevisionLabels.DefaultTag).Revision;

    private bool IsWithoutRevision => _revision is ControlPlaneRevision.DefaultRevision;

    /// <summary>Decides whether an installation touches the tag.</summary>
    /// <param name="reading">The cluster's revisions.</param>
    /// <param name="configuration">What istioctl would be given.</param>
    /// <param name="desired">The objects that it would apply.</param>
    /// <returns>What it does; <see langword="null"/> when it leaves the tag alone.</returns>
    internal static DefaultTagEffect? Of(RevisionReading reading, OperatorConfiguration configuration, IReadOnlyList<KubernetesObject> desired)
    {
        var revision = configuration.Settings.Revision;
        var values = configuration.Document.Find("spec", "values");
        // Without an injector of its own, as on a cluster whose istiod is elsewhere, there is nothing that a tag could lead to.
        var injector = desired.FirstOrDefault(obj => obj.Kind is "MutatingWebhookConfiguration" && RevisionReading.TagOf(obj) is null);
        if (injector is null || values.FindBoolean("global", "operatorManageWebhooks") is true)
            return null;
        // istioctl asks the cluster for it once the manifest is applied: the authority is what istiod put there.
        var live = reading.InjectorsOf(revision).FirstOrDefault(webhook => string.Equals(webhook.Name, injector.Name, StringComparison.Ordinal));
        var effect = new DefaultTagEffect(reading, injector, TagManifest.WithAuthority(injector, live), revision, values.FindBoolean("sidecarInjectorWebhook", "enableNamespacesByDefault") is true);
        return effect.IsMissing || effect.IsWithoutRevision ? effect : null;
    }

    /// <summary>An object of the manifest as it is when istioctl has ended: an injector without a revision is put out of action by its own tag.</summary>
    internal KubernetesObject AsLeft(KubernetesObject obj) => IsWithoutRevision && ReferenceEquals(obj, _injector) ? TagManifest.Deactivated(obj) : obj;

    /// <summary>The objects of the tag.</summary>
    internal IReadOnlyList<ManifestObject> Objects(OwnerLabels owner)
    {
        const string Tag = RevisionLabels.DefaultTag;
        var before = Current is { } current && !string.Equals(current, _revision, StringComparison.Ordinal) ? $", before to {current}" : "";
        var live = _reading.Validators.FirstOrDefault(validator => validator.Name is TagManifest.DefaultValidator);
        ManifestObject[] objects =
        [
            new(TagManifest.Injector(_model, Tag, _reading.Namespace, _everyNamespace), $"tag {Tag} leads to {_revision}{before}"),
            new(TagManifest.Validator(_model, live), $"{_revision} validates resources without a revision"),
            new(TagManifest.Service(_model, Tag, _revision, _reading.Namespace), $"istiod by the name of tag {Tag}"),
        ];
        foreach (var (obj, _) in objects)
        {
            owner.AddTo(obj);
            obj.Json["metadata"]!["labels"]![OwnerLabels.Component] = "Pilot";
            obj.Json["metadata"]!["labels"]![OwnerLabels.NotPruned] = "true";
        }

        return objects;
    }
}
