using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Fleet;
using MeshTools.GoogleCloud;
using MeshTools.Install;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Managed;

/// <summary>
/// A control plane that Google is to run for a cluster. Planning reads the cluster, GKE and the fleet, decides on the way, and writes nothing. What prepares Google Cloud, such as the
/// membership, is a plan of its own (<see cref="CloudPreparation"/>) that comes before.
/// </summary>
public sealed class ManagedInstallPlan
{
    private readonly ManagedReading _reading;
    private readonly ManagedDecision _decision;
    private readonly ManagedInstallOptions _options;
    private readonly GoogleCloudClient _client;
    private readonly ControlPlaneNamespace? _namespace;
    private readonly PlannedChange? _asmOptions;
    private readonly PlannedChange? _revision;
    private readonly CloudChange? _management;

    private ManagedInstallPlan(ManagedReading reading, ManagedDecision decision, ManagedInstallOptions options, GoogleCloudClient client, PlannedChange? revision)
    {
        _reading = reading;
        _decision = decision;
        _options = options;
        _client = client;
        _namespace = options.Prepared
            ? null
            : ControlPlaneNamespace.Plan(
                Cluster, reading.Home, ManagedReading.Namespace,
                // A network that is there already is what other clusters know, so it stays.
                reading.Home?.Labels.GetValueOrDefault(ControlPlaneNamespace.NetworkLabel) is { Length: > 0 } live ? live : FleetNames.Network(reading.Gke.NetworkProject, reading.Gke.Network));
        _asmOptions = AsmOptionsChange();
        _revision = revision;
        _management = decision.Via is ManagedProvisioning.FleetApi ? ManagementChange() : null;
    }

    /// <summary>The cluster.</summary>
    public MeshCluster Cluster => _reading.Cluster;

    /// <summary>The way that was chosen.</summary>
    public ManagedProvisioning Via => _decision.Via;

    /// <summary>The revision that there will be.</summary>
    public string Revision => _decision.Revision;

    /// <summary>What would happen in the cluster, in order.</summary>
    public IReadOnlyList<PlannedChange> Changes => [.. new[] { _namespace?.Change, _asmOptions, _revision }.OfType<PlannedChange>()];

    /// <summary>What would happen on Google's side.</summary>
    public IReadOnlyList<CloudChange> CloudChanges => _management is null ? [] : [_management];

    /// <summary>Reads, checks and decides. Nothing is written.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="options">How.</param>
    /// <param name="client">Google Cloud; must live until the plan has been executed.</param>
    /// <param name="log">Takes warnings, and which way was chosen and why.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="MeshException">What was asked for cannot be, or the cluster lacks the membership or the fleet its feature.</exception>
    /// <exception cref="GoogleApiException">Google refuses to tell.</exception>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    public static async Task<ManagedInstallPlan> CreateAsync(MeshCluster cluster, ManagedInstallOptions options, GoogleCloudClient client, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(log);
        var probed = await ClusterProbe.EnsureAsync(cluster, log, cancellationToken).ConfigureAwait(false);
        var reading = await ManagedReading.ReadAsync(probed, options.FleetProject, client, log, cancellationToken).ConfigureAwait(false);
        var decision = ManagedDecision.Of(reading, options);
        RequireFleet(reading, options);
        await RequirePermissionsAsync(probed, decision, cancellationToken).ConfigureAwait(false);
        log.Verbose($"{probed.Name}: managed control plane {decision.Revision} by {(decision.Via is ManagedProvisioning.FleetApi ? "the fleet API" : "a ControlPlaneRevision")}: {decision.Reason}");
        Warn(reading, decision, log);
        var revision = decision.Via is ManagedProvisioning.ControlPlaneRevision ? await RevisionChangeAsync(reading, decision, options, cancellationToken).ConfigureAwait(false) : null;
        return new ManagedInstallPlan(reading, decision, options, client, revision);
    }

    /// <summary>Makes the changes, all of which were approved.</summary>
    /// <param name="log">Takes progress and milestones.</param>
    /// <param name="cancellationToken">Ends the requests and the wait; what Google was told stays told, and a rerun goes on from there.</param>
    /// <returns>What there is now.</returns>
    /// <exception cref="MeshException">Google cannot provide the control plane, or takes longer.</exception>
    /// <exception cref="GoogleApiException">Google refuses.</exception>
    /// <exception cref="KubernetesException">A request to the cluster fails.</exception>
    public async Task<ServiceMeshInstallation> ExecuteAsync(IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(log);
        var changed = Changes.Any(change => change.Writes) || CloudChanges.Any(change => change.Writes);
        if (_namespace is not null)
            await _namespace.WriteAsync(log, cancellationToken).ConfigureAwait(false);
        if (_asmOptions is { Writes: true })
            await WriteAsmOptionsAsync(log, cancellationToken).ConfigureAwait(false);
        var state = _decision.Via is ManagedProvisioning.FleetApi
            ? await ByFleetAsync(log, cancellationToken).ConfigureAwait(false)
            : await ByRevisionAsync(log, cancellationToken).ConfigureAwait(false);
        var installation = await ManagedInstallations.FindAsync(Cluster, _decision.Revision, log, cancellationToken).ConfigureAwait(false)
            ?? new ServiceMeshInstallation(Cluster, _decision.Revision) { IsExternal = true, Channel = ManagedChannels.NameOf(_decision.Channel), CertificateAuthority = Trust.CertificateAuthorityKind.MeshCa };
        var kind = !changed ? ChangeOutcome.Unchanged : _reading.Revisions.Any(revision => string.Equals(revision.Name, Revision, StringComparison.Ordinal)) ? ChangeOutcome.Updated : ChangeOutcome.Created;
        return ManagedInstallations.WithFleet(installation, state) with { Change = kind };
    }

    private static void RequireFleet(ManagedReading reading, ManagedInstallOptions options)
    {
        var cluster = reading.Cluster;
        if (reading.Member is null && !options.Coming.Any(change => change is { Area: CloudChangeArea.Registration, Writes: true }))
            throw new MeshException(ErrorCatalog.MembershipNotFound, $"{cluster.Name}: cluster {reading.Gke.Path} is in no fleet", cluster, $"Register it: `Register-FleetMembership -Cluster {cluster.Context} -FleetProject {options.FleetProject}`, or run Install-ServiceMesh with -EnableRegistration.");
        if (reading.Feature?.IsEnabled is not true && !options.Coming.Any(change => change is { Area: CloudChangeArea.GoogleComponent, Kind: ChangeKind.Create }))
            throw new MeshException(ErrorCatalog.MeshFeatureNotEnabled, $"{cluster.Name}: the service mesh feature of fleet {options.FleetProject} is not enabled", cluster, ErrorCatalog.MeshFeatureNotEnabled.RecommendedAction.Replace("FLEET", options.FleetProject, StringComparison.Ordinal));
    }

    private static async Task RequirePermissionsAsync(MeshCluster cluster, ManagedDecision decision, CancellationToken cancellationToken)
    {
        ResourceType[] written = decision.Via is ManagedProvisioning.FleetApi ? [ResourceTypes.Namespace] : [ResourceTypes.Namespace, ResourceTypes.ConfigMap, ManagedRevision.Type];
        var missing = await Task.WhenAll(written.SelectMany(type => new[] { "create", "patch" }.Select(async verb =>
        {
            var query = AccessQuery.For(verb, type, type.Namespaced ? ManagedReading.Namespace : null);
            return (await cluster.Connect().CanIAsync(query, cancellationToken).ConfigureAwait(false)).Allowed ? null : $"{verb} {type.Plural}";
        }))).ConfigureAwait(false);
        if (missing.OfType<string>().ToArray() is { Length: > 0 } names)
            throw new MeshException(ErrorCatalog.PermissionMissing, $"{cluster.Name}: the user may not {string.Join(", ", names)}", cluster);
    }

    private static void Warn(ManagedReading reading, ManagedDecision decision, IOperationLog log)
    {
        var name = reading.Cluster.Name;
        if (decision.Tag is { } tag)
            log.Warning($"{name}: the control plane gets the releases of the cluster's own channel ({ManagedChannels.NameOf(decision.Channel)}); {tag} becomes another name for it.");
        if (decision.Via is ManagedProvisioning.ControlPlaneRevision && reading.IsAutomatic)
            log.Warning($"{name}: the fleet manages the mesh of this member too ({MeshManagement.Automatic}); what it sets in {ManagedReading.Namespace} it may set again.");
        if (reading.InCluster.Count > 0)
            log.Warning($"{name}: control plane {string.Join(", ", reading.InCluster)} runs in the cluster itself; move its namespaces to {decision.Revision} one by one, then remove it: `Uninstall-ServiceMesh {reading.Cluster.Context} -Revision {reading.InCluster[0]}`.");
        foreach (var pool in reading.Gke.IsAutopilot ? [] : reading.Gke.NodePools.Where(pool => !pool.HasWorkloadIdentity))
            log.Warning($"{name}: node pool {pool.Name} does not give Workload Identity to its pods; proxies there get no certificates: `gcloud container node-pools update {pool.Name} --cluster {reading.Gke.Name} --location {reading.Gke.Location} --workload-metadata GKE_METADATA`.");
        if (decision.Via is ManagedProvisioning.ControlPlaneRevision && reading.OptionsMap is not null && reading.Options.Signer is { } signer && signer != decision.Authority && reading.Revisions.Count > 0)
            log.Warning($"{name}: the authority changes from {signer} to {decision.Authority}; restart the workloads afterwards, all of them, since the two do not trust each other.");
    }

    // The fleet API sets up Mesh CA, which needs no options.
    private PlannedChange? AsmOptionsChange()
    {
        if (_decision.Via is ManagedProvisioning.FleetApi)
            return null;
        var live = _reading.Options;
        var wanted = live.With(_decision.Authority, _decision.CaPool);
        if (_reading.OptionsMap is null && wanted.ToString().Length == 0)
            return null;
        var reference = new ObjectReference("v1", "ConfigMap", AsmOptions.ConfigMap, ManagedReading.Namespace);
        var signer = _decision.Authority is MeshAuthority.CaService ? $"certificates of {_decision.CaPool}" : "certificates of Mesh CA";
        if (_reading.OptionsMap is null)
            return new PlannedChange(Cluster, reference, ChangeKind.Create, signer);
        return wanted.SaysTheSameAs(live)
            ? new PlannedChange(Cluster, reference, ChangeKind.Unchanged, signer)
            : new PlannedChange(Cluster, reference, ChangeKind.Update, signer) { Fields = [$"data.{AsmOptions.Key}"] };
    }

    private CloudChange ManagementChange()
    {
        var (location, name) = Place;
        var before = _reading.Feature?.ManagementOf(location, name);
        var text = _reading.IsAutomatic ? "the fleet manages the mesh" : $"let the fleet manage the mesh ({MeshManagement.Automatic}{(before is null ? "" : $", before {before}")})";
        return new CloudChange(Cluster, CloudChangeArea.ManagedControlPlane, $"membership {location}/{name} of fleet {_options.FleetProject}", _reading.IsAutomatic ? ChangeKind.Unchanged : ChangeKind.Update, text);
    }

    private (string Location, string Name) Place => _reading.Member is { } member
        ? (member.Location, member.Name)
        : (_options.MembershipLocation ?? FleetNames.Region(_reading.Gke.Location), _options.MembershipName ?? _reading.Gke.Name);

    private static async Task<PlannedChange> RevisionChangeAsync(ManagedReading reading, ManagedDecision decision, ManagedInstallOptions options, CancellationToken cancellationToken)
    {
        var manifest = ManagedManifest.Of(reading, decision, options);
        var purpose = $"control plane that Google runs, channel {ManagedChannels.NameOf(decision.Channel)}";
        if (!reading.IsDefined || reading.Revisions.All(revision => !string.Equals(revision.Name, decision.Revision, StringComparison.Ordinal)))
            return new PlannedChange(reading.Cluster, manifest.Reference, ChangeKind.Create, purpose);
        var plan = await ManifestPlan.CreateAsync(reading.Cluster, [new ManifestObject(manifest, purpose)], options.Force, cancellationToken).ConfigureAwait(false);
        return plan.Items[0].Change;
    }

    // Read again, and written only if it is still that: others keep options of theirs in the same text.
    private async Task WriteAsmOptionsAsync(IOperationLog log, CancellationToken cancellationToken)
    {
        var client = Cluster.Connect();
        for (var attempt = 0; ; attempt++)
        {
            var live = await client.FindAsync(ResourceTypes.ConfigMap, ManagedReading.Namespace, AsmOptions.ConfigMap, cancellationToken).ConfigureAwait(false);
            var wanted = AsmOptions.Parse(live?.FindString("data", AsmOptions.Key)).With(_decision.Authority, _decision.CaPool).ToString();
            try
            {
                if (live is null)
                {
                    var map = KubernetesObject.Create("v1", "ConfigMap", AsmOptions.ConfigMap, ManagedReading.Namespace);
                    map.Json["data"] = new JsonObject { [AsmOptions.Key] = wanted };
                    await client.CreateAsync(map, cancellationToken: cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    var patch = Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = live.ResourceVersion }, ["data"] = new JsonObject { [AsmOptions.Key] = wanted } });
                    await client.PatchAsync(ResourceTypes.ConfigMap, ManagedReading.Namespace, AsmOptions.ConfigMap, patch, cancellationToken: cancellationToken).ConfigureAwait(false);
                }

                log.Verbose($"{Cluster.Name}: {_asmOptions!.Object} {(live is null ? "created" : "updated")}");
                return;
            }
            catch (KubernetesApiException e) when (attempt < 3 && (e.IsConflict || e.IsAlreadyExists))
            {
                log.Verbose($"{Cluster.Name}: {_asmOptions!.Object} was changed by somebody else at the same time; reading it again");
            }
        }
    }

    private async Task<MembershipMeshState?> ByFleetAsync(IOperationLog log, CancellationToken cancellationToken)
    {
        var member = _reading.Member
            ?? await FleetCatalog.FindOfClusterAsync(
                _client, _options.FleetProject, Cluster, await _client.Clusters.GetAsync(_reading.Gke.ProjectId, _reading.Gke.Location, _reading.Gke.Name, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false)
            ?? throw new MeshException(ErrorCatalog.MembershipNotFound, $"{Cluster.Name}: cluster {_reading.Gke.Path} is in no fleet", Cluster);
        if (await _client.Fleet.SetManagementAsync(_options.FleetProject, member.Location, member.Name, MeshManagement.Automatic, cancellationToken).ConfigureAwait(false))
            log.Verbose($"{Cluster.Name}: the fleet was told to manage the mesh of {member.Location}/{member.Name}");
        return _options.Wait
            ? await new ManagedWait(_reading, _options, _client, log).ForFleetAsync(member, cancellationToken).ConfigureAwait(false)
            : (await _client.Fleet.FindMeshFeatureAsync(_options.FleetProject, cancellationToken).ConfigureAwait(false))?.StateOf(member.Location, member.Name);
    }

    private async Task<MembershipMeshState?> ByRevisionAsync(IOperationLog log, CancellationToken cancellationToken)
    {
        var wait = new ManagedWait(_reading, _options, _client, log);
        if (_revision is { Writes: true })
        {
            await wait.ForDefinitionAsync(cancellationToken).ConfigureAwait(false);
            var manifest = ManagedManifest.Of(_reading, _decision, _options);
            var applied = await Cluster.Connect().ApplyAsync(manifest, new ApplyOptions { ForceConflicts = _options.Force }, cancellationToken).ConfigureAwait(false);
            log.Verbose($"{Cluster.Name}: {manifest.Reference} {(applied.Created ? "created" : "updated")}");
        }

        if (_options.Wait)
            await wait.ForRevisionAsync(_decision.Revision, cancellationToken).ConfigureAwait(false);
        return null;
    }
}
