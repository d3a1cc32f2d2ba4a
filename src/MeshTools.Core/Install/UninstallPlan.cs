using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Errors;
using MeshTools.Fleet;
using MeshTools.GoogleCloud;
using MeshTools.Gateways;
using MeshTools.Kubernetes;
using MeshTools.Managed;
using MeshTools.Operations;
using MeshTools.Revisions;

namespace MeshTools.Install;

/// <summary>How to uninstall.</summary>
public sealed record UninstallOptions
{
    /// <summary>The control plane's namespace.</summary>
    public string Namespace { get; init; } = ControlPlaneRevision.DefaultNamespace;

    /// <summary>The revision; <see langword="null"/> for the only one there is.</summary>
    public string? Revision { get; init; }

    /// <summary>Every revision.</summary>
    public bool All { get; init; }

    /// <summary>With <see cref="All"/>: also the definitions of Istio's resources and with them those resources, published roots, keys, and the namespace.</summary>
    public bool Purge { get; init; }

    /// <summary>Also while workloads use it, and resources of Istio's kinds are there.</summary>
    public bool Force { get; init; }

    /// <summary>Wait until what was removed is gone.</summary>
    public bool Wait { get; init; }

    /// <summary>How long that may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>Control planes of one cluster that are to go. Planning only reads.</summary>
public sealed class UninstallPlan
{
    private readonly RemovalPlan _removal;
    private readonly IReadOnlyList<ServiceMeshInstallation> _installations;
    private readonly IReadOnlyList<KubernetesObject> _objects;
    private readonly UninstallOptions _options;
    private readonly ManagedRemoval? _managed;

    private UninstallPlan(MeshCluster cluster, IReadOnlyList<ServiceMeshInstallation> installations, IReadOnlyList<ManifestObject> objects, ManagedRemoval? managed, UninstallOptions options)
    {
        _managed = managed;
        Cluster = cluster;
        _installations = installations;
        _objects = [.. objects.Select(item => item.Object)];
        _removal = new RemovalPlan(cluster, objects);
        _options = options;
    }

    /// <summary>The cluster.</summary>
    public MeshCluster Cluster { get; }

    /// <summary>Everything that would happen, in order.</summary>
    public IEnumerable<PlannedChange> Changes => (_managed?.Changes ?? []).Concat(_removal.Changes);

    /// <summary>What would happen on Google's side, before everything else.</summary>
    public IReadOnlyList<CloudChange> CloudChanges => _managed?.CloudChanges ?? [];

    /// <summary>Finds what belongs to the revisions, and who uses them. Nothing is written.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="options">What.</param>
    /// <param name="log">Takes warnings.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <param name="google">Google Cloud, which is asked when a control plane is managed; must live until the plan has been executed. <see langword="null"/> not to ask.</param>
    /// <returns>The plan; without changes when nothing is there.</returns>
    /// <exception cref="MeshException">There is no such revision, it is in use, or it is managed and the fleet cannot be asked.</exception>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    public static async Task<UninstallPlan> CreateAsync(MeshCluster cluster, UninstallOptions options, IOperationLog log, CancellationToken cancellationToken, GoogleCloudClient? google = null)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        var reading = await RevisionReading.ReadAsync(cluster, options.Namespace, log, cancellationToken).ConfigureAwait(false);
        var leaving = Leaving(reading, options);
        var managed = await ManagedRemoval.CreateAsync(reading, leaving, google, options.Force, log, cancellationToken).ConfigureAwait(false);
        var installations = await InstallationCatalog.GetAsync(cluster, options.Namespace, log, cancellationToken).ConfigureAwait(false);
        var last = reading.Revisions.All(revision => leaving.Contains(revision, StringComparer.Ordinal));
        var objects = await InstalledObjects.FindAsync(reading, leaving, options.All, last, cancellationToken).ConfigureAwait(false);
        await RequireUnusedAsync(reading, leaving, objects, options, log, cancellationToken).ConfigureAwait(false);
        if (options is { All: true, Purge: true })
            objects = [.. objects, .. await InstalledObjects.FindRemainsAsync(cluster, options, log, cancellationToken).ConfigureAwait(false)];
        return new UninstallPlan(
            cluster, [.. installations.Where(installation => leaving.Contains(installation.Revision, StringComparer.Ordinal))], [.. objects.DistinctBy(item => item.Object.Reference)], managed, options);
    }

    /// <summary>Removes what was planned.</summary>
    /// <param name="log">Takes milestones.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The revisions as they were.</returns>
    /// <exception cref="KubernetesException">A request fails, or something does not go; a rerun goes on from there.</exception>
    public async Task<IReadOnlyList<ServiceMeshInstallation>> ExecuteAsync(IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(log);
        if (_managed is not null)
            await _managed.ExecuteAsync(_options.Timeout, log, cancellationToken).ConfigureAwait(false);
        await _removal.ExecuteAsync(_ => true, log, cancellationToken).ConfigureAwait(false);
        if (_managed is not null)
            await _managed.SayWhatStaysAsync(log, cancellationToken).ConfigureAwait(false);
        if (_options.Wait)
        {
            var client = Cluster.Connect();
            foreach (var gone in _objects.Where(obj => obj.Kind is "Deployment" or "DaemonSet" or "Namespace" or "CustomResourceDefinition"))
            {
                var type = ResourceTypes.Find(gone.ApiVersion, gone.Kind)!;
                await client.WaitAsync(type, gone.Namespace, gone.Name, WaitCondition.Deleted, _options.Timeout, cancellationToken).ConfigureAwait(false);
            }
        }

        return [.. _installations.Select(installation => installation with { Change = ChangeOutcome.Removed, Ready = false })];
    }

    private static IReadOnlyList<string> Leaving(RevisionReading reading, UninstallOptions options)
    {
        if (options.All)
            return reading.Revisions;
        if (options.Revision is { } named)
        {
            return reading.Revisions.Contains(named, StringComparer.Ordinal)
                ? [named]
                : throw new MeshException(
                    ErrorCatalog.RevisionNotFound, $"{reading.Cluster.Name}: there is no revision {named}; there is {(reading.Revisions.Count == 0 ? "none" : string.Join(", ", reading.Revisions))}", reading.Cluster);
        }

        return reading.Revisions.Count < 2
            ? reading.Revisions
            : throw new MeshException(
                ErrorCatalog.RevisionAmbiguous, $"{reading.Cluster.Name} has several revisions: {string.Join(", ", reading.Revisions)}", reading.Cluster, "Name one with -Revision, or take all with -All.");
    }

    private static async Task RequireUnusedAsync(RevisionReading reading, IReadOnlyList<string> leaving, IReadOnlyList<ManifestObject> objects, UninstallOptions options, IOperationLog log, CancellationToken cancellationToken)
    {
        var users = new SortedDictionary<string, int>(StringComparer.Ordinal);
        await foreach (var pod in reading.Cluster.Connect().ListAsync(ResourceTypes.Pod, null, new ListOptions(), cancellationToken).ConfigureAwait(false))
        {
            // Gateways that go with the control plane do not hold it back.
            var goes = objects.Any(item => item.Object is { Kind: "Deployment" or "DaemonSet" } workload
                && string.Equals(workload.Namespace, pod.Namespace, StringComparison.Ordinal) && LabelSelectorMatch.Selects(workload.Find("spec", "selector"), pod.Labels));
            if (!goes && ProxyRevision.Of(pod) is { } revision && leaving.Contains(revision, StringComparer.Ordinal) && pod.FindString("status", "phase") is not ("Succeeded" or "Failed"))
                users[pod.Namespace ?? ""] = users.GetValueOrDefault(pod.Namespace ?? "") + 1;
        }

        var names = string.Join(", ", leaving);
        if (users.Count > 0 && !options.Force)
        {
            throw new MeshException(
                ErrorCatalog.RevisionInUse,
                $"{reading.Cluster.Name}: {string.Join(", ", users.Select(user => $"{user.Value} pod{(user.Value == 1 ? "" : "s")} in {user.Key}"))} ha{(users.Values.Sum() == 1 ? "s" : "ve")} a proxy of {names}",
                reading.Cluster);
        }

        if (leaving.SelectMany(reading.InjectedBy).Distinct(StringComparer.Ordinal).ToArray() is { Length: > 0 } namespaces)
            log.Warning($"{reading.Cluster.Name}: {string.Join(", ", namespaces)} {(namespaces.Length == 1 ? "is" : "are")} labelled for injection by {names}; new pods there get no proxy any more.");
    }
}
