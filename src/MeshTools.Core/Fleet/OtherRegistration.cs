using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.GoogleCloud;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Fleet;

/// <summary>
/// The registration of a cluster outside GKE: the membership with the issuer of the cluster's tokens, the object that marks the cluster as a member, and the Connect agent. What
/// <c>gcloud container fleet memberships register --context ... --enable-workload-identity</c> does. Everything that can be read is read first; each step may be done already, so that a
/// run that was cut off is completed by the next one.
/// </summary>
internal sealed class OtherRegistration
{
    private readonly MeshCluster _cluster;
    private readonly FleetRegistrationOptions _options;
    private readonly Membership? _member;
    private readonly string _uid;
    private readonly string? _version;
    private readonly ClusterIssuer? _issuer;
    private readonly MembershipMarker? _marker;
    private readonly ChangeKind _markerKind;
    private readonly ConnectAgent? _agent;

    private OtherRegistration(
        MeshCluster cluster, FleetRegistrationOptions options, Membership? member, string uid, string? version, ClusterIssuer? issuer, MembershipMarker? marker, ChangeKind markerKind, ConnectAgent? agent)
    {
        _cluster = cluster;
        _options = options;
        _member = member;
        _uid = uid;
        _version = version;
        _issuer = issuer;
        _marker = marker;
        _markerKind = markerKind;
        _agent = agent;
    }

    /// <summary>The membership's full name, also before it is there.</summary>
    internal string ResourceName => _member?.ResourceName ?? NameOf(_options, LocationOf(_options), MembershipNameOf(_cluster, _options));

    /// <summary>Where the membership is, or will be.</summary>
    internal (string Location, string Name) Place => ResourceName.Split('/') is [_, _, _, var location, _, var name] ? (location, name) : (LocationOf(_options), MembershipNameOf(_cluster, _options));

    /// <summary>Whether another product of Google makes and keeps the membership.</summary>
    internal bool IsKeptElsewhere => _member?.PlatformCluster is not null;

    /// <summary>What of a membership that is there is missing in the cluster, in words.</summary>
    internal IReadOnlyList<string> Pending => _member is null || IsKeptElsewhere ? [] :
    [
        .. _markerKind is ChangeKind.Unchanged ? Array.Empty<string>() : [$"the cluster is not marked as a member ({MembershipMarker.DefinitionName} {MembershipMarker.Name})"],
        .. _agent?.Kind switch
        {
            ChangeKind.Create => [$"the Connect agent in namespace {ConnectAgent.Namespace} is missing"],
            ChangeKind.Update => [$"the Connect agent in namespace {ConnectAgent.Namespace} is not as Google wants it now"],
            _ => Array.Empty<string>(),
        },
    ];

    /// <summary>Whether the membership is there, and its agent has never been connected.</summary>
    internal bool HasNeverConnected => _member is { LastConnection: null };

    /// <summary>The location of a membership outside GKE: <c>global</c> unless said otherwise, as gcloud has it.</summary>
    internal static string LocationOf(FleetRegistrationOptions options) => options.Location ?? "global";

    /// <summary>The name of a membership: the cluster's own, as a DNS label. In the ARN of an EKS cluster only the end is its name.</summary>
    internal static string MembershipNameOf(MeshCluster cluster, FleetRegistrationOptions options) =>
        options.MembershipName ?? DnsLabel.From(cluster.Name.StartsWith("arn:", StringComparison.Ordinal) && cluster.Name.Split('/') is [_, .., { Length: > 0 } name] ? name : cluster.Name);

    /// <summary>Reads what the registration depends on. Nothing is written.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="options">The fleet and the name.</param>
    /// <param name="member">Its membership in this fleet; null when there is none.</param>
    /// <param name="client">Google Cloud.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="MeshException">The name or the cluster belongs to another membership, or the issuer cannot be used.</exception>
    /// <exception cref="GoogleApiException">Google refuses to tell.</exception>
    /// <exception cref="KubernetesException">The cluster does not answer, or refuses.</exception>
    internal static async Task<OtherRegistration> ReadAsync(MeshCluster cluster, FleetRegistrationOptions options, Membership? member, GoogleCloudClient client, CancellationToken cancellationToken)
    {
        if (cluster.Platform is ClusterPlatform.Gke)
            throw new MeshException(ErrorCatalog.GkeClusterUnknown, $"{cluster.Name}: it is a cluster of GKE, but its context does not tell which", cluster);
        var uid = await FleetCatalog.UidAsync(cluster, cancellationToken).ConfigureAwait(false)
            ?? throw new MeshException(ErrorCatalog.ClusterUidUnknown, $"{cluster.Name}: namespace kube-system cannot be read; its UID tells Google which cluster this is", cluster);
        if (member is { PlatformCluster: not null })
            return new OtherRegistration(cluster, options, member, uid, null, null, null, ChangeKind.Unchanged, null);
        var kubernetes = cluster.Connect();
        var version = (await kubernetes.GetVersionAsync(cancellationToken).ConfigureAwait(false)).GitVersion;
        var issuer = await IssuerAsync(cluster, options, member, cancellationToken).ConfigureAwait(false);
        var marker = await MembershipMarker.ReadAsync(cluster, cancellationToken).ConfigureAwait(false);
        if (member is null)
        {
            await RequireFreeAsync(cluster, options, uid, marker, client, cancellationToken).ConfigureAwait(false);
            return new OtherRegistration(cluster, options, null, uid, version, issuer, marker, marker.Object is null ? ChangeKind.Create : ChangeKind.Update, null);
        }

        var kind = await marker.CompareAsync(client, member.ResourceName, options.ForceConflicts, cancellationToken).ConfigureAwait(false);
        var agent = await ConnectAgent.PlanAsync(client, cluster, member.ResourceName, options.ForceConflicts, cancellationToken).ConfigureAwait(false);
        return new OtherRegistration(cluster, options, member, uid, version, issuer, marker, kind, agent);
    }

    /// <summary>The steps, in order.</summary>
    internal IReadOnlyList<CloudStep> Steps(GoogleCloudClient client, IOperationLog log)
    {
        if (IsKeptElsewhere)
            return [Step(Fleet, ChangeKind.Unchanged, $"the cluster is a member as {_member!.Location}/{_member.Name}, which is made and kept by {Keeper(_member.PlatformCluster!)}", _ => Task.CompletedTask)];
        return [Membership(client), Mark(client, log), Agent(client, log)];
    }

    private string Fleet => $"fleet {_options.FleetProject}";

    private string Cluster => $"cluster {_cluster.Name}";

    private CloudStep Membership(GoogleCloudClient client)
    {
        var place = $"{LocationOf(_options)}/{MembershipNameOf(_cluster, _options)}";
        var trust = _issuer is { Keys: not null } ? $"issuer {_issuer.Issuer}, whose keys are sent" : $"issuer {_issuer!.Issuer}";
        if (_member is null)
            return Step(Fleet, ChangeKind.Create, $"register the cluster as {place} with {trust}{SelfMade()}", stop => CreateAsync(client, stop));
        var update = _member.Issuer is null || (_issuer.Keys is not null && !ClusterIssuer.SameKeys(_member.IssuerKeys, _issuer.Keys));
        return update
            ? Step(Fleet, ChangeKind.Update, $"{(_member.Issuer is null ? "turn on fleet workload identity of" : "send the present keys to")} {_member.Location}/{_member.Name} with {trust}", stop => client.Fleet.SetIssuerAsync(_member, _issuer.Issuer, _issuer.Keys, stop))
            : Step(Fleet, ChangeKind.Unchanged, $"the cluster is a member as {_member.Location}/{_member.Name}", _ => Task.CompletedTask);
    }

    private CloudStep Mark(GoogleCloudClient client, IOperationLog log) => Step(
        Cluster, _markerKind, $"{(_markerKind is ChangeKind.Unchanged ? "it is marked" : "mark it")} as a member ({MembershipMarker.DefinitionName} {MembershipMarker.Name})",
        stop => _marker!.ApplyAsync(client, ResourceName, _options.ForceConflicts, log, stop));

    private CloudStep Agent(GoogleCloudClient client, IOperationLog log)
    {
        // Before there is a membership Google does not say what the agent is made of.
        var kind = _agent?.Kind ?? ChangeKind.Create;
        var what = _agent is null ? "" : ": " + string.Join(", ", _agent.Changes.Where(change => change.Writes).Select(change => $"{change.Kind.ToString().ToLowerInvariant()} {change.Object.Kind} {change.Object.Name}"));
        return Step(
            Cluster, kind,
            kind switch
            {
                ChangeKind.Unchanged => $"the Connect agent is in namespace {ConnectAgent.Namespace}",
                ChangeKind.Update => $"update the Connect agent in namespace {ConnectAgent.Namespace}{what}",
                _ => $"install the Connect agent in namespace {ConnectAgent.Namespace}{what}",
            },
            async stop =>
            {
                var agent = await ConnectAgent.PlanAsync(client, _cluster, ResourceName, _options.ForceConflicts, stop).ConfigureAwait(false);
                await agent.ApplyAsync(log, stop).ConfigureAwait(false);
            });
    }

    private async Task CreateAsync(GoogleCloudClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.Fleet.RegisterOtherAsync(
                _options.FleetProject, LocationOf(_options), MembershipNameOf(_cluster, _options), new OtherCluster(_uid, _issuer!.Issuer, _issuer.Keys, _version), cancellationToken).ConfigureAwait(false);
        }
        catch (GoogleApiException e) when (e.IsAlreadyExists)
        {
            var taken = await client.Fleet.FindAsync(ResourceName, cancellationToken).ConfigureAwait(false);
            // That the cluster is in another fleet comes as the same code, at the end of the operation.
            if (taken is null)
                throw new MeshException(ErrorCatalog.RegisteredElsewhere, $"{_cluster.Name}: {e.Error.Message}", _cluster, innerException: e);
            if (!string.Equals(taken.ExternalId, _uid, StringComparison.Ordinal))
                throw FleetRegistration.NameTaken(_cluster, taken);
        }
    }

    private static async Task<ClusterIssuer> IssuerAsync(MeshCluster cluster, FleetRegistrationOptions options, Membership? member, CancellationToken cancellationToken)
    {
        ClusterIssuer issuer;
        try
        {
            // A member whose keys were sent goes on with keys that are sent.
            issuer = await ClusterIssuer.ReadAsync(cluster, options.PublicIssuerUrl, options.HasPrivateIssuer || member?.IssuerKeys is not null, cancellationToken).ConfigureAwait(false);
        }
        catch (MeshException e) when (member?.Issuer is { } accepted && options.PublicIssuerUrl is null && (e.Definition == ErrorCatalog.IssuerUnknown || e.Definition == ErrorCatalog.IssuerNotPublic))
        {
            // Google has taken it, wherever its documents are.
            return new ClusterIssuer(accepted, null);
        }

        return member?.Issuer is { } known && !string.Equals(known, issuer.Issuer, StringComparison.Ordinal)
            ? throw new MeshException(ErrorCatalog.IssuerMismatch, $"{cluster.Name}: {member.ResourceName} has issuer {known}, and the cluster's tokens come from {issuer.Issuer}", cluster,
                $"An issuer cannot be changed: `Unregister-FleetMembership -Cluster {cluster.Context}`, then register the cluster again.")
            : issuer;
    }

    // Another fleet may own the cluster, and another cluster the name.
    private static async Task RequireFreeAsync(MeshCluster cluster, FleetRegistrationOptions options, string uid, MembershipMarker marker, GoogleCloudClient client, CancellationToken cancellationToken)
    {
        var (location, name) = (LocationOf(options), MembershipNameOf(cluster, options));
        try
        {
            var taken = await client.Fleet.FindAsync(NameOf(options, location, name), cancellationToken).ConfigureAwait(false);
            if (taken is not null && !string.Equals(taken.ExternalId, uid, StringComparison.Ordinal))
                throw FleetRegistration.NameTaken(cluster, taken);
            if (await client.Fleet.FindExclusivityConflictAsync(options.FleetProject, location, name, marker.ObjectText, cancellationToken).ConfigureAwait(false) is { } conflict)
                throw new MeshException(ErrorCatalog.RegisteredElsewhere, $"{cluster.Name}: {conflict}", cluster);
        }
        catch (GoogleApiException e) when (e.DisabledService is not null)
        {
            // The API is enabled by an earlier step; the registration itself asks all this again.
        }
    }

    private string SelfMade() => _cluster.Platform is ClusterPlatform.GoogleDistributedCloud
        ? "; clusters of Google Distributed Cloud are as a rule registered by what makes them (gkeConnect in their configuration)" : "";

    private static string Keeper(string link) => link switch
    {
        _ when link.StartsWith("//gkemulticloud.", StringComparison.Ordinal) || link is "multiCloudCluster" => $"GKE's multi-cloud API ({link})",
        _ when link.StartsWith("//gkeonprem.", StringComparison.Ordinal) || link is "onPremCluster" => $"Google Distributed Cloud ({link})",
        _ => link,
    };

    private static string NameOf(FleetRegistrationOptions options, string location, string name) => $"projects/{options.FleetProject}/locations/{location}/memberships/{name}";

    private CloudStep Step(string resource, ChangeKind kind, string description, Func<CancellationToken, Task> execute) =>
        new(new CloudChange(_cluster, CloudChangeArea.Registration, resource, kind, description), execute) { Roles = [("roles/gkehub.admin", _options.FleetProject)], IsOfCluster = true };
}
