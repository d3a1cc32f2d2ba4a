using System.Text.RegularExpressions;
using MeshTools.Clusters;
using MeshTools.Errors;

namespace MeshTools.Install;

/// <summary>The names by which clusters of one mesh know each other, as Cloud Service Mesh forms them (asmcli, the substitutions of its base IstioOperator).</summary>
public static partial class MeshNaming
{
    /// <summary>Where Mesh CA answers.</summary>
    public const string MeshCaAddress = "meshca.googleapis.com:443";

    /// <summary>The mesh ID of a fleet: <c>proj-NUMBER</c>.</summary>
    /// <param name="fleetProjectNumber">The number of the fleet's host project.</param>
    /// <returns>The mesh ID.</returns>
    public static string MeshId(string fleetProjectNumber) => $"proj-{fleetProjectNumber}";

    /// <summary>The trust domain of a fleet.</summary>
    /// <param name="fleetProject">The fleet's host project.</param>
    /// <returns>For example <c>my-fleet.svc.id.goog</c>.</returns>
    public static string TrustDomain(string fleetProject) => $"{fleetProject}.svc.id.goog";

    /// <summary>The cluster ID: <c>cn-PROJECT-LOCATION-CLUSTER</c>; off Google Cloud the fleet, its location and the membership.</summary>
    /// <param name="project">The cluster's project, or the fleet's.</param>
    /// <param name="location">The cluster's or the membership's location; <c>global</c> where it has none.</param>
    /// <param name="name">The cluster or the membership.</param>
    /// <returns>The cluster ID.</returns>
    public static string ClusterId(string project, string location, string name) =>
        // Attached clusters are known as awsClusters/NAME and the like, and no name of an object may hold a slash.
        $"cn-{project}-{location}-{name.Replace('/', '-')}";

    /// <summary>The network: what was asked for; else on Google Cloud <c>PROJECT-VPC</c>, and <c>default</c> elsewhere.</summary>
    /// <param name="wanted">What was asked for.</param>
    /// <param name="project">The cluster's project, of a GKE cluster.</param>
    /// <param name="vpc">Its VPC network, of a GKE cluster.</param>
    /// <returns>The network.</returns>
    public static string Network(string? wanted, string? project, string? vpc) =>
        !string.IsNullOrEmpty(wanted) ? wanted : !string.IsNullOrEmpty(project) && !string.IsNullOrEmpty(vpc) ? $"{project}-{vpc}" : "default";

    /// <summary>The trust domains whose workloads count as those of this mesh, each once, in order.</summary>
    /// <param name="authority">Who signs.</param>
    /// <param name="fleetProject">The fleet's host project; <see langword="null"/> without a fleet.</param>
    /// <param name="clusterProject">The cluster's own project.</param>
    /// <param name="existing">What a running control plane accepts already, so that an upgrade loses no caller.</param>
    /// <param name="wanted">What was asked for besides.</param>
    /// <returns>The aliases.</returns>
    public static IReadOnlyList<string> TrustDomainAliases(
        MeshAuthority authority, string? fleetProject, string? clusterProject, IEnumerable<string> existing, IEnumerable<string> wanted)
    {
        var own = new List<string>();
        if (fleetProject is not null)
        {
            own.Add(TrustDomain(fleetProject));
            if (authority is not MeshAuthority.IstioCA)
            {
                own.Add($"{fleetProject}.hub.id.goog");
                if (clusterProject is not null)
                    own.Add(TrustDomain(clusterProject));
            }
        }

        return [.. own.Concat(existing).Concat(wanted).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Checks the name of a CA pool: <c>projects/P/locations/L/caPools/N</c>, and behind a colon <c>projects/P/locations/L/certificateTemplates/T</c> where a template is used.</summary>
    /// <param name="pool">The name.</param>
    /// <exception cref="MeshException">It has another form (<c>CaPoolInvalid</c>).</exception>
    public static void RequireCaPool(string? pool)
    {
        if (string.IsNullOrEmpty(pool) || !CaPool().IsMatch(pool))
            throw new MeshException(ErrorCatalog.CaPoolInvalid, $"'{pool}' is no name of a CA pool", pool);
    }

    // A project of a domain is DOMAIN:NAME.
    [GeneratedRegex(
        @"^projects/(?:[a-z0-9.-]+:)?[A-Za-z0-9_-]+/locations/[A-Za-z0-9_-]+/caPools/[A-Za-z0-9_-]+(?::projects/(?:[a-z0-9.-]+:)?[A-Za-z0-9_-]+/locations/[A-Za-z0-9_-]+/certificateTemplates/[A-Za-z0-9_-]+)?$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CaPool();
}
