using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Revisions;

/// <summary>How to set a tag.</summary>
public sealed record RevisionTagOptions
{
    /// <summary>The control plane's namespace.</summary>
    public string Namespace { get; init; } = ControlPlaneRevision.DefaultNamespace;

    /// <summary>The revision that the tag is to lead to; <see langword="null"/> for the only one there is.</summary>
    public string? Revision { get; init; }

    /// <summary>Move a tag that leads to another revision.</summary>
    public bool Overwrite { get; init; }

    /// <summary>For the tag <c>default</c>: inject namespaces without any label, too.</summary>
    public bool InjectEveryNamespace { get; init; }
}

/// <summary>One tag on its way into one cluster. Planning only reads.</summary>
public sealed class RevisionTagPlan
{
    private readonly ManifestPlan _manifest;
    private readonly KubernetesObject? _deactivated;
    private readonly MeshRevisionTag _tag;

    private RevisionTagPlan(MeshRevisionTag tag, ManifestPlan manifest, KubernetesObject? deactivated, PlannedChange? deactivation)
    {
        _tag = tag;
        _manifest = manifest;
        _deactivated = deactivated;
        Changes = [.. deactivation is null ? [] : new[] { deactivation }, .. manifest.Changes];
    }

    /// <summary>The cluster.</summary>
    public MeshCluster Cluster => _tag.Cluster;

    /// <summary>Everything that would happen, in order.</summary>
    public IReadOnlyList<PlannedChange> Changes { get; }

    /// <summary>Looks at what is there. Nothing is written.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="tag">The tag.</param>
    /// <param name="options">How.</param>
    /// <param name="log">Takes warnings.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="MeshException">The tag cannot be set: its name, its revision, or one of that name that leads elsewhere.</exception>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    public static async Task<RevisionTagPlan> CreateAsync(
        MeshCluster cluster, string tag, RevisionTagOptions options, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(tag);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        // The tag is part of an object's name and a label's value; both hold for a DNS label.
        if (!DnsLabel.IsValid(tag))
            throw new MeshException(ErrorCatalog.RevisionTagInvalid, $"'{tag}' cannot be the name of a revision tag", tag);
        var reading = await RevisionReading.ReadAsync(cluster, options.Namespace, log, cancellationToken).ConfigureAwait(false);
        var revision = RevisionFor(reading, options.Revision);
        if (tag is not RevisionLabels.DefaultTag && reading.Revisions.Contains(tag, StringComparer.Ordinal))
            throw new MeshException(ErrorCatalog.RevisionTagInvalid, $"{cluster.Name}: {tag} is a revision, and cannot be a tag as well", cluster);
        var injector = reading.InjectorsOf(revision) switch
        {
            [var one] => one,
            { Count: 0 } => throw NotFound(reading, revision),
            var several => throw new MeshException(
                ErrorCatalog.RevisionAmbiguous, $"{cluster.Name}: revision {revision} has several injectors: {string.Join(", ", several.Select(webhook => webhook.Name))}", cluster),
        };
        var previous = reading.Tags.FirstOrDefault(known => string.Equals(known.Tag, tag, StringComparison.Ordinal)).Revision;
        if (previous is not null && !string.Equals(previous, revision, StringComparison.Ordinal) && !options.Overwrite)
            throw new MeshException(ErrorCatalog.RevisionTagExists, $"{cluster.Name}: tag {tag} leads to {previous}, not to {revision}", cluster);
        var namespaces = reading.NamespacesOf(tag);
        var result = new MeshRevisionTag(cluster, tag, revision)
        {
            InjectedNamespaces = namespaces,
            PreviousRevision = string.Equals(previous, revision, StringComparison.Ordinal) ? null : previous,
        };
        // What a tag is about is the tag's alone, whichever tool set it before.
        var manifest = await ManifestPlan.CreateAsync(cluster, Objects(reading, injector, result, options), forceConflicts: true, cancellationToken).ConfigureAwait(false);
        var old = tag is RevisionLabels.DefaultTag ? reading.InjectorsOf(ControlPlaneRevision.DefaultRevision).FirstOrDefault(TagManifest.IsActive) : null;
        return new RevisionTagPlan(
            result,
            manifest,
            old is null ? null : TagManifest.Deactivated(old),
            old is null ? null : new PlannedChange(cluster, old.Reference, ChangeKind.Update, $"no longer injects by itself: tag default to {revision} does"));
    }

    /// <summary>Sets the tag.</summary>
    /// <param name="log">Takes milestones, and what is left to do.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The tag.</returns>
    /// <exception cref="KubernetesException">A request fails; a rerun completes it.</exception>
    public async Task<MeshRevisionTag> ExecuteAsync(IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(log);
        // With its resource version, so that nobody's change in between is lost.
        if (_deactivated is not null)
            await Cluster.Connect().UpdateAsync(_deactivated, cancellationToken: cancellationToken).ConfigureAwait(false);
        await _manifest.ExecuteAsync(_ => true, log, cancellationToken).ConfigureAwait(false);
        if (_tag is { PreviousRevision: not null, InjectedNamespaces.Count: > 0 })
            log.Warning($"{Cluster.Name}: pods in {string.Join(", ", _tag.InjectedNamespaces)} keep their proxies of {_tag.PreviousRevision} until they are restarted.");
        var injector = Changes.First(change => change.Object.Kind is "MutatingWebhookConfiguration" && change.Object.Name.StartsWith("istio-revision-tag-", StringComparison.Ordinal));
        return _tag with { Change = injector.Kind is ChangeKind.Unchanged && Changes.Any(change => change.Writes) ? ChangeOutcome.Updated : injector.Kind.Outcome() };
    }

    private static List<ManifestObject> Objects(RevisionReading reading, KubernetesObject injector, MeshRevisionTag tag, RevisionTagOptions options)
    {
        var purpose = $"tag {tag.Tag} leads to {tag.Revision}"
            + (tag.PreviousRevision is { } previous ? $", before to {previous}" : "")
            + (tag.InjectedNamespaces.Count > 0 ? $"; injects {string.Join(", ", tag.InjectedNamespaces)}" : "");
        var objects = new List<ManifestObject>
        {
            new(TagManifest.Service(injector, tag.Tag, tag.Revision, options.Namespace), $"istiod by the name of tag {tag.Tag}"),
            new(TagManifest.Injector(injector, tag.Tag, options.Namespace, options.InjectEveryNamespace), purpose),
        };
        if (tag.Tag is RevisionLabels.DefaultTag)
        {
            var live = reading.Validators.FirstOrDefault(validator => validator.Name is TagManifest.DefaultValidator);
            objects.Add(new ManifestObject(TagManifest.Validator(injector, live), $"{tag.Revision} validates resources without a revision"));
        }

        return objects;
    }

    private static string RevisionFor(RevisionReading reading, string? wanted)
    {
        if (wanted is not null)
            return wanted;
        return reading.Revisions switch
        {
            [var only] => only,
            { Count: 0 } => throw MeshErrors.ControlPlaneNotFound(reading.Cluster, reading.Namespace),
            var several => throw new MeshException(
                ErrorCatalog.RevisionAmbiguous, $"{reading.Cluster.Name} has several revisions: {string.Join(", ", several)}", reading.Cluster),
        };
    }

    private static MeshException NotFound(RevisionReading reading, string revision) => new(
        ErrorCatalog.RevisionNotFound,
        reading.Revisions.Contains(revision, StringComparer.Ordinal)
            ? $"{reading.Cluster.Name}: revision {revision} has no injector{(reading.InjectorsAreKnown ? "" : " that the user may read")}, and a tag leads where its revision's injector leads"
            : $"{reading.Cluster.Name}: there is no revision {revision}; there is {(reading.Revisions.Count == 0 ? "none" : string.Join(", ", reading.Revisions))}",
        reading.Cluster);
}
