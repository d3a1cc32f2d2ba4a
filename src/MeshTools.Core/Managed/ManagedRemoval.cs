using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Fleet;
using MeshTools.GoogleCloud;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Revisions;

namespace MeshTools.Managed;

/// <summary>
/// What removes managed control planes, in the order of cloud.google.com/service-mesh/docs/uninstall: the fleet is told not to manage the mesh, then the ControlPlaneRevisions go, then
/// what they left. Before that Google would make anew what is removed.
/// </summary>
internal sealed class ManagedRemoval
{
    private const string System = "kube-system";

    private readonly MeshCluster _cluster;
    private readonly GoogleCloudClient? _client;
    private readonly ManagedMembership? _member;
    private readonly RemovalPlan _revisions;
    private readonly IReadOnlyList<ManagedRevision> _leaving;

    private ManagedRemoval(MeshCluster cluster, GoogleCloudClient? client, ManagedMembership? member, IReadOnlyList<ManagedRevision> leaving)
    {
        _cluster = cluster;
        _client = client;
        _member = member;
        _leaving = leaving;
        CloudChanges = member is { IsAutomatic: true }
            ? [new CloudChange(cluster, CloudChangeArea.ManagedControlPlane, $"membership {member.Location}/{member.Name} of fleet {member.Project}", ChangeKind.Update, $"let the fleet not manage the mesh any more ({MeshManagement.Manual})")]
            : [];
        _revisions = new RemovalPlan(cluster, leaving.Select(revision => new ManifestObject(revision.Live, $"control plane that Google runs, channel {revision.Channel}")));
    }

    /// <summary>What would happen on Google's side.</summary>
    internal IReadOnlyList<CloudChange> CloudChanges { get; }

    /// <summary>The ControlPlaneRevisions that go.</summary>
    internal IEnumerable<PlannedChange> Changes => _revisions.Changes;

    /// <summary>Finds what is to go. Nothing is written.</summary>
    /// <param name="reading">The revisions of the cluster.</param>
    /// <param name="leaving">Those that are to go.</param>
    /// <param name="client">Google Cloud; <see langword="null"/> when it is not to be asked.</param>
    /// <param name="force">Whether to go on where the fleet cannot be asked.</param>
    /// <param name="log">Takes warnings.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The removal; <see langword="null"/> when none of them is managed.</returns>
    /// <exception cref="MeshException">The fleet cannot be asked (<c>ManagedFleetUnknown</c>).</exception>
    internal static async Task<ManagedRemoval?> CreateAsync(RevisionReading reading, IReadOnlyList<string> leaving, GoogleCloudClient? client, bool force, IOperationLog log, CancellationToken cancellationToken)
    {
        ManagedRevision[] managed = [.. reading.Managed.Where(revision => leaving.Contains(revision.Name, StringComparer.Ordinal))];
        if (managed.Length == 0)
            return null;
        // While another one stays, the fleet goes on managing it.
        var member = managed.Length < reading.Managed.Count ? null : await AskAsync(reading.Cluster, client, force, log, cancellationToken).ConfigureAwait(false);
        return new ManagedRemoval(reading.Cluster, client, member, managed);
    }

    /// <summary>Tells the fleet, removes the ControlPlaneRevisions, and waits until they are gone: until then, Google puts back what they left.</summary>
    internal async Task ExecuteAsync(TimeSpan timeout, IOperationLog log, CancellationToken cancellationToken)
    {
        if (_member is { IsAutomatic: true } member && await _client!.Fleet.SetManagementAsync(member.Project, member.Location, member.Name, MeshManagement.Manual, cancellationToken).ConfigureAwait(false))
            log.Verbose($"{_cluster.Name}: the fleet was told not to manage the mesh of {member.Location}/{member.Name}");
        await _revisions.ExecuteAsync(_ => true, log, cancellationToken).ConfigureAwait(false);
        foreach (var revision in _leaving)
        {
            log.Progress(new OperationProgress("Removing the managed control plane", $"waiting until {revision.Live.Reference} is gone", 0, 1, _cluster.Name));
            await _cluster.Connect().WaitAsync(ManagedRevision.Type, revision.Live.Namespace, revision.Name, WaitCondition.Deleted, timeout, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Says what Google's parts are that nothing but Google's own tools, or their owner, should remove, and how.</summary>
    internal async Task SayWhatStaysAsync(IOperationLog log, CancellationToken cancellationToken)
    {
        var reads = new PermittedReads(_cluster, log);
        var stays = new List<string>();
        foreach (var (type, name) in new[] { (ResourceTypes.Deployment, "mdp-controller"), (ResourceTypes.DaemonSet, "istio-cni-node"), (ResourceTypes.ConfigMap, "istio-cni-plugin-config") })
        {
            if (await reads.FindAsync(type, System, name, cancellationToken).ConfigureAwait(false) is not null)
                stays.Add($"{type.Kind.ToLowerInvariant()}/{name}");
        }

        if (stays.Count > 0)
            log.Warning($"{_cluster.Name}: Google's parts in {System} stay until you remove them, when no pod has a proxy any more: `kubectl delete {string.Join(' ', stays)} -n {System} --context {_cluster.Context}`.");
        if (_member is { } member)
            log.Warning($"{_cluster.Name}: the service mesh feature of fleet {member.Project} stays enabled, for the other members; with the last of them disable it: `gcloud container fleet mesh disable --project {member.Project}`.");
    }

    private static async Task<ManagedMembership?> AskAsync(MeshCluster cluster, GoogleCloudClient? client, bool force, IOperationLog log, CancellationToken cancellationToken)
    {
        if (client is null)
            return null;
        try
        {
            return await ManagedMembership.FindAsync(cluster, client, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is GoogleApiException or GoogleCredentialException && !cancellationToken.IsCancellationRequested)
        {
            var why = ErrorCatalog.Describe(e, cluster).Message;
            if (!force)
                throw new MeshException(ErrorCatalog.ManagedFleetUnknown, $"{why}; so it is not known whether the fleet manages the mesh of this cluster", cluster, innerException: e);
            log.Warning($"{why}; if the fleet manages the mesh of this cluster, Google makes anew what is removed.");
            return null;
        }
    }
}
