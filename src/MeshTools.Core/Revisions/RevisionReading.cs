using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Kubernetes;
using MeshTools.Managed;
using MeshTools.Operations;

namespace MeshTools.Revisions;

/// <summary>What one cluster says about the revisions of its control plane and their tags. Only reads.</summary>
internal sealed class RevisionReading
{
    private RevisionReading(MeshCluster cluster, string ns)
    {
        Cluster = cluster;
        Namespace = ns;
    }

    internal MeshCluster Cluster { get; }

    /// <summary>The control plane's namespace.</summary>
    internal string Namespace { get; }

    /// <summary>The Deployments of istiod.</summary>
    internal IReadOnlyList<KubernetesObject> Deployments { get; private init; } = [];

    /// <summary>The pods of istiod.</summary>
    internal IReadOnlyList<KubernetesObject> Pods { get; private init; } = [];

    /// <summary>Every MutatingWebhookConfiguration with a revision that leads to this control plane, of revisions and of tags.</summary>
    internal IReadOnlyList<KubernetesObject> Injectors { get; private init; } = [];

    /// <summary>Whether the user may read them; else none found means nothing.</summary>
    internal bool InjectorsAreKnown { get; private init; } = true;

    /// <summary>Every ValidatingWebhookConfiguration with a revision.</summary>
    internal IReadOnlyList<KubernetesObject> Validators { get; private init; } = [];

    /// <summary>The Services of tags.</summary>
    internal IReadOnlyList<KubernetesObject> TagServices { get; private init; } = [];

    internal IReadOnlyList<KubernetesObject> Namespaces { get; private init; } = [];

    /// <summary>The control planes that Google manages.</summary>
    internal IReadOnlyList<ManagedRevision> Managed { get; private init; } = [];

    /// <summary>Reads. What may not be read stays unknown, with a warning.</summary>
    /// <exception cref="KubernetesException">The cluster does not answer.</exception>
    internal static async Task<RevisionReading> ReadAsync(MeshCluster cluster, string ns, IOperationLog log, CancellationToken cancellationToken)
    {
        var reads = new PermittedReads(cluster, log);
        var istiod = new ListOptions { LabelSelector = ControlPlaneRevision.Selector };
        var revisioned = new ListOptions { LabelSelector = RevisionLabels.Revision };
        var deployments = reads.ListAllAsync(ResourceTypes.Deployment, ns, istiod, cancellationToken);
        var pods = reads.ListAllAsync(ResourceTypes.Pod, ns, istiod, cancellationToken);
        var injectors = reads.ListAllAsync(ResourceTypes.MutatingWebhookConfiguration, null, revisioned, cancellationToken);
        var validators = reads.ListAllAsync(ResourceTypes.ValidatingWebhookConfiguration, null, revisioned, cancellationToken);
        var services = reads.ListAllAsync(ResourceTypes.Service, ns, new ListOptions { LabelSelector = RevisionLabels.Tag }, cancellationToken);
        var namespaces = reads.ListAllAsync(ResourceTypes.Namespace, null, new ListOptions(), cancellationToken);
        var managed = ManagedRevisions.ListPermittedAsync(cluster, ns, log, cancellationToken);
        await Task.WhenAll(deployments, pods, injectors, validators, services, namespaces, managed).ConfigureAwait(false);
        return new RevisionReading(cluster, ns)
        {
            Deployments = await deployments.ConfigureAwait(false),
            Pods = await pods.ConfigureAwait(false),
            Injectors = [.. (await injectors.ConfigureAwait(false)).Where(webhook => LeadsTo(webhook, ns))],
            InjectorsAreKnown = !reads.WasRefused(ResourceTypes.MutatingWebhookConfiguration),
            Validators = [.. (await validators.ConfigureAwait(false)).Where(webhook => LeadsTo(webhook, ns))],
            TagServices = await services.ConfigureAwait(false),
            Namespaces = await namespaces.ConfigureAwait(false),
            Managed = await managed.ConfigureAwait(false),
        };
    }

    // Webhooks are of the whole cluster; those of a control plane in another namespace call a Service there. One that is called by its address may be anybody's.
    private static bool LeadsTo(KubernetesObject webhook, string ns) => (webhook.Json.FindArray("webhooks") ?? [])
        .All(item => item.FindString("clientConfig", "service", "namespace") is not { } called || string.Equals(called, ns, StringComparison.Ordinal));

    /// <summary>The names of the revisions, in order. A revision is what has an istiod, an injector of its own, or a ControlPlaneRevision.</summary>
    internal IReadOnlyList<string> Revisions =>
    [
        .. Deployments.Select(RevisionOf).Concat(Injectors.Where(webhook => TagOf(webhook) is null).Select(RevisionOf))
            .Concat(Managed.Select(revision => revision.Name)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    /// <summary>The injectors of a revision itself; not those of tags.</summary>
    internal IReadOnlyList<KubernetesObject> InjectorsOf(string revision) =>
        [.. Injectors.Where(webhook => TagOf(webhook) is null && string.Equals(RevisionOf(webhook), revision, StringComparison.Ordinal))];

    /// <summary>The tags, each with the revision it leads to, in order.</summary>
    internal IReadOnlyList<(string Tag, string Revision)> Tags =>
    [
        .. Injectors.Concat(TagServices).Select(obj => (Tag: TagOf(obj), Revision: RevisionOf(obj))).Where(tag => tag.Tag is not null)
            .Select(tag => (tag.Tag!, tag.Revision)).DistinctBy(tag => tag.Item1, StringComparer.Ordinal).OrderBy(tag => tag.Item1, StringComparer.Ordinal),
    ];

    /// <summary>The revision that a name stands for: what the tag of that name leads to, else the revision of that name; <see langword="null"/> when there is neither.</summary>
    internal string? Resolve(string name) =>
        Tags.FirstOrDefault(tag => string.Equals(tag.Tag, name, StringComparison.Ordinal)).Revision
        ?? (Revisions.Contains(name, StringComparer.Ordinal) ? name : null);

    /// <summary>The namespaces whose labels name a tag or revision.</summary>
    internal IReadOnlyList<string> NamespacesOf(string name) =>
    [
        .. Namespaces.Where(ns => string.Equals(InjectionChoice.Of(ns), name, StringComparison.Ordinal)).Select(ns => ns.Name).Order(StringComparer.Ordinal),
    ];

    /// <summary>The namespaces whose new pods a revision injects, by its own name or by a tag.</summary>
    internal IReadOnlyList<string> InjectedBy(string revision) =>
    [
        .. Namespaces.Where(ns => InjectionChoice.Of(ns) is { } name && string.Equals(Resolve(name), revision, StringComparison.Ordinal))
            .Select(ns => ns.Name).Order(StringComparer.Ordinal),
    ];

    /// <summary>The ControlPlaneRevision of a revision; <see langword="null"/> when Google does not manage it.</summary>
    internal ManagedRevision? ManagedOf(string revision) => Managed.FirstOrDefault(item => string.Equals(item.Name, revision, StringComparison.Ordinal));

    internal MeshRevision Describe(string revision)
    {
        KubernetesObject[] deployments = [.. Deployments.Where(deployment => string.Equals(RevisionOf(deployment), revision, StringComparison.Ordinal))];
        var managed = ManagedOf(revision);
        return new MeshRevision(Cluster, revision)
        {
            Version = deployments.Select(VersionOf).FirstOrDefault(version => version is not null),
            Replicas = (int)deployments.Sum(deployment => deployment.FindInt64("spec", "replicas") ?? 1),
            ReadyReplicas = (int)deployments.Sum(deployment => deployment.FindInt64("status", "readyReplicas") ?? 0),
            IsExternal = deployments.Length == 0,
            Channel = managed?.Channel,
            State = managed?.State,
            Tags = [.. Tags.Where(tag => string.Equals(tag.Revision, revision, StringComparison.Ordinal)).Select(tag => tag.Tag)],
            IsDefault = string.Equals(Resolve(RevisionLabels.DefaultTag), revision, StringComparison.Ordinal),
            InjectedNamespaces = InjectedBy(revision),
            Pods = [.. Pods.Where(pod => string.Equals(RevisionOf(pod), revision, StringComparison.Ordinal)).Select(pod => pod.Name).Order(StringComparer.Ordinal)],
            ClusterId = deployments.Length == 0 ? null : ControlPlaneRevision.From(deployments[0]).ClusterId,
        };
    }

    internal static string RevisionOf(KubernetesObject obj) =>
        obj.Labels.GetValueOrDefault(RevisionLabels.Revision) is { Length: > 0 } revision ? revision : ControlPlaneRevision.DefaultRevision;

    internal static string? TagOf(KubernetesObject obj) => obj.Labels.GetValueOrDefault(RevisionLabels.Tag) is { Length: > 0 } tag ? tag : null;

    /// <summary>The version in the image of istiod, without the variant (<c>-distroless</c>, <c>-debug</c>) and whatever digest follows.</summary>
    internal static string? VersionOf(KubernetesObject deployment)
    {
        var containers = deployment.Json.FindArray("spec", "template", "spec", "containers") ?? [];
        var image = (containers.FirstOrDefault(container => container.FindString("name") is "discovery") ?? containers.FirstOrDefault()).FindString("image") ?? "";
        var name = image.Split('@')[0];
        var colon = name.LastIndexOf(':');
        var tag = colon > name.LastIndexOf('/') ? name[(colon + 1)..] : "";
        foreach (var variant in (ReadOnlySpan<string>)["-distroless", "-debug"])
            tag = tag.EndsWith(variant, StringComparison.Ordinal) ? tag[..^variant.Length] : tag;
        return tag.Length > 0 ? tag : deployment.Labels.GetValueOrDefault("operator.istio.io/version");
    }
}
