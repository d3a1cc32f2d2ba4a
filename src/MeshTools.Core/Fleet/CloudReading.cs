using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.GoogleCloud;
using MeshTools.Install;

namespace MeshTools.Fleet;

/// <summary>One thing that was read, or why it could not be.</summary>
/// <param name="Value">The thing; <see langword="null"/> also when it is not there.</param>
/// <param name="Error">Why it is not known.</param>
internal sealed record Reading<T>(T? Value, Exception? Error)
    where T : class
{
    /// <summary>Whether the answer is "no" and not "not known": what an API that is not enabled would hold is not there.</summary>
    internal bool IsKnown => Error is null or GoogleApiException { DisabledService: not null };
}

/// <summary>Everything on Google's side that an installation in one cluster depends on, read in parallel. What cannot be read does not hold up the rest.</summary>
internal sealed class CloudReading
{
    /// <summary>The permission to give roles away on a project.</summary>
    internal const string SetPolicy = "resourcemanager.projects.setIamPolicy";

    internal required MeshCluster Cluster { get; init; }

    internal required CloudWish Wish { get; init; }

    /// <summary>The project of the cluster; null outside GKE.</summary>
    internal string? ClusterProject { get; private init; }

    internal bool IsGke => ClusterProject is not null;

    internal Reading<GoogleProject> Fleet { get; private init; } = new(null, null);

    /// <summary>The cluster's project where it is another one than the fleet's.</summary>
    internal Reading<GoogleProject> Home { get; private set; } = new(null, null);

    internal Reading<GkeCluster> Gke { get; private set; } = new(null, null);

    internal Reading<IReadOnlySet<string>> FleetApis { get; private set; } = new(null, null);

    internal Reading<IReadOnlySet<string>> ClusterApis { get; private set; } = new(null, null);

    internal Reading<MeshFeature> Feature { get; private set; } = new(null, null);

    internal Reading<Membership> Membership { get; private set; } = new(null, null);

    /// <summary>How a cluster outside GKE is, or would be, registered.</summary>
    internal Reading<OtherRegistration> Other { get; private set; } = new(null, null);

    /// <summary>How the cluster is called in its fleet; null while it is in none.</summary>
    internal MembershipIdentity? Identity => Membership.Value is { } member ? MembershipIdentity.Of(member, Wish.FleetProject) : null;

    /// <summary>What the caller may do, by project.</summary>
    internal IReadOnlyDictionary<string, Reading<PermissionTest>> Permissions { get; private set; } = new Dictionary<string, Reading<PermissionTest>>(StringComparer.Ordinal);

    internal Reading<IamPolicy> ClusterPolicy { get; private set; } = new(null, null);

    /// <summary>The pool of CA Service as it is; no value when it is not there.</summary>
    internal Reading<JsonObject> Pool { get; private set; } = new(null, null);

    /// <summary>The authorities in the pool.</summary>
    internal Reading<IReadOnlyList<PoolAuthority>> PoolAuthorities { get; private set; } = new(null, null);

    internal Reading<IamPolicy> PoolPolicy { get; private set; } = new(null, null);

    internal Reading<IamPolicy> TemplatePolicy { get; private set; } = new(null, null);

    internal string? Account { get; private set; }

    /// <summary>Whether cluster and fleet belong to different projects.</summary>
    internal bool CrossesProjects => ClusterProject is { } project && !string.Equals(project, Wish.FleetProject, StringComparison.Ordinal) && !string.Equals(project, Fleet.Value?.Number, StringComparison.Ordinal);

    /// <summary>The mesh ID: <c>proj-</c> and the fleet project's number (asmcli, configure_package).</summary>
    internal string? MeshId => Fleet.Value is { Number.Length: > 0 } project ? FleetNames.MeshId(project.Number) : null;

    internal IReadOnlyList<string> FleetServices =>
        !CrossesProjects && IsGke ? []
        : Wish.CertificateAuthority is MeshAuthority.MeshCA ? ["meshconfig.googleapis.com", "meshca.googleapis.com"]
        : ["meshconfig.googleapis.com"];

    /// <summary>Whether the caller may give roles away on a project; not knowing counts as yes, since Google itself will say.</summary>
    internal bool MayGrant(string project) =>
        !Permissions.TryGetValue(project, out var test) || test.Value is not { } permissions || permissions.Granted.Contains(SetPolicy) || permissions.Unknown.Contains(SetPolicy);

    /// <summary>Where the cluster's membership is, or would be made; <see langword="null"/> when that is not known yet.</summary>
    internal (string Location, string Name)? MembershipPlace =>
        Membership.Value is { } member ? (member.Location, member.Name)
        : Gke.Value is { } gke ? (Wish.MembershipLocation ?? FleetNames.Region(gke.Location), Wish.MembershipName ?? gke.Name)
        : Other.Value?.Place;

    /// <summary>APIs that this module itself calls, by project, as they must be enabled there too.</summary>
    internal IReadOnlyList<(string Project, string Service)> AllServices()
    {
        var home = ClusterProject ?? Wish.FleetProject;
        return
        [
            (home, "mesh.googleapis.com"),
            .. FleetServices.Select(service => (Wish.FleetProject, service)),
            (Wish.FleetProject, "gkehub.googleapis.com"),
            // The Connect agent speaks to it.
            .. IsGke ? Array.Empty<(string, string)>() : [(Wish.FleetProject, "gkeconnect.googleapis.com")],
            .. IsGke ? [(home, "container.googleapis.com")] : Array.Empty<(string, string)>(),
            .. Wish is { CertificateAuthority: MeshAuthority.CaService, CaPool: { } pool } && pool.Split('/') is ["projects", var owner, ..] && string.Equals(owner, Wish.FleetProject, StringComparison.Ordinal)
                ? [(owner, "privateca.googleapis.com")] : Array.Empty<(string, string)>(),
        ];
    }

    internal bool? IsServiceEnabled(string project, string service)
    {
        var reading = string.Equals(project, Wish.FleetProject, StringComparison.Ordinal) ? FleetApis : ClusterApis;
        return reading.Value?.Contains(service);
    }

    /// <summary>Reads everything. Nothing is written.</summary>
    internal static async Task<CloudReading> ReadAsync(MeshCluster cluster, CloudWish wish, GoogleCloudClient client, CancellationToken cancellationToken)
    {
        var name = await GkeIdentity.FindAsync(cluster, client, cancellationToken).ConfigureAwait(false);
        var fleet = await TryAsync<GoogleProject>(async () => await client.Projects.GetAsync(wish.FleetProject, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        // GKE names a fleet by its project's number, and names of pools and domains hold the ID.
        if (fleet.Value is { ProjectId.Length: > 0 } project)
            wish = wish with { FleetProject = project.ProjectId };
        var reading = new CloudReading { Cluster = cluster, Wish = wish, ClusterProject = name?.ProjectId, Fleet = fleet };
        await Task.WhenAll(
            Into(reading, (r, v) => r.Gke = v, async () => name is null ? null : await client.Clusters.GetAsync(name.ProjectId, name.Location, name.ClusterName, cancellationToken).ConfigureAwait(false), cancellationToken),
            Into(reading, (r, v) => r.Home = v, async () => name is null || !reading.CrossesProjects ? null : await client.Projects.GetAsync(name.ProjectId, cancellationToken).ConfigureAwait(false), cancellationToken),
            Into(reading, (r, v) => r.Feature = v, () => client.Fleet.FindMeshFeatureAsync(wish.FleetProject, cancellationToken), cancellationToken),
            Into(reading, (r, v) => r.FleetApis = v, async () => await EnabledAsync(reading, wish.FleetProject, client, cancellationToken).ConfigureAwait(false), cancellationToken),
            Into(reading, (r, v) => r.ClusterApis = v, async () => name is null || !reading.CrossesProjects ? null : await EnabledAsync(reading, name.ProjectId, client, cancellationToken).ConfigureAwait(false), cancellationToken),
            Into(reading, (r, v) => r.ClusterPolicy = v, async () => reading.CrossesProjects ? await client.Projects.GetPolicyAsync(name!.ProjectId, cancellationToken).ConfigureAwait(false) : null, cancellationToken),
            Into(reading, (r, v) => r.Pool = v, async () => wish is { CertificateAuthority: MeshAuthority.CaService, CaPool: { } pool } ? await client.CertificateAuthorities.FindAsync(pool, cancellationToken).ConfigureAwait(false) : null, cancellationToken),
            Into(reading, (r, v) => r.PoolAuthorities = v, async () => wish is { CertificateAuthority: MeshAuthority.CaService, CaPool: { } pool } ? await client.CertificateAuthorities.ListAuthoritiesAsync(pool, cancellationToken).ConfigureAwait(false) : null, cancellationToken),
            Into(reading, (r, v) => r.PoolPolicy = v, async () => wish is { CertificateAuthority: MeshAuthority.CaService, CaPool: { } pool } ? await client.CertificateAuthorities.GetPolicyAsync(pool, cancellationToken).ConfigureAwait(false) : null, cancellationToken),
            Into(reading, (r, v) => r.TemplatePolicy = v, async () => wish.CertificateTemplate is { } template ? await client.CertificateAuthorities.GetPolicyAsync(template, cancellationToken).ConfigureAwait(false) : null, cancellationToken),
            PermissionsAsync(reading, client, cancellationToken)).ConfigureAwait(false);
        reading.Account = (await TryAsync<string>(() => client.FindAccountAsync(cancellationToken), cancellationToken).ConfigureAwait(false)).Value;
        reading.Membership = await TryAsync(() => FleetCatalog.FindOfClusterAsync(client, wish.FleetProject, cluster, reading.Gke.Value, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (name is null && reading.Membership.IsKnown)
            reading.Other = await TryAsync<OtherRegistration>(async () => await OtherRegistration.ReadAsync(cluster, wish.Registration, reading.Membership.Value, client, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        return reading;
    }

    private static Task<IReadOnlySet<string>> EnabledAsync(CloudReading reading, string project, GoogleCloudClient client, CancellationToken cancellationToken) => client.Services.GetEnabledAsync(
        project, [.. reading.AllServices().Where(item => string.Equals(item.Project, project, StringComparison.Ordinal)).Select(item => item.Service)], cancellationToken);

    private static async Task PermissionsAsync(CloudReading reading, GoogleCloudClient client, CancellationToken cancellationToken)
    {
        var results = new Dictionary<string, Reading<PermissionTest>>(StringComparer.Ordinal);
        foreach (var project in FleetRole.For(reading.Wish, reading.ClusterProject).GroupBy(role => role.Project, StringComparer.Ordinal))
        {
            // Whether what is missing could be given is worth knowing, too.
            string[] permissions = [.. project.SelectMany(role => role.Permissions).Append(SetPolicy).Distinct(StringComparer.Ordinal)];
            results[project.Key] = await TryAsync<PermissionTest>(async () => await client.Projects.TestPermissionsAsync(project.Key, permissions, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }

        reading.Permissions = results;
    }

    private static async Task Into<T>(CloudReading reading, Action<CloudReading, Reading<T>> set, Func<Task<T?>> read, CancellationToken cancellationToken)
        where T : class => set(reading, await TryAsync(read, cancellationToken).ConfigureAwait(false));

    private static async Task<Reading<T>> TryAsync<T>(Func<Task<T?>> read, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return new Reading<T>(await read().ConfigureAwait(false), null);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is not GoogleCredentialException)
        {
            return new Reading<T>(null, e);
        }
    }
}
