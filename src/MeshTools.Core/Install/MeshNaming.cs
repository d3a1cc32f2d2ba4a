using System.Text.RegularExpressions;
using MeshTools.Errors;
using MeshTools.Fleet;

namespace MeshTools.Install;

/// <summary>What an installation says of a mesh and its authority (asmcli, the substitutions of its base IstioOperator). The names of a fleet are in <see cref="FleetNames"/>.</summary>
public static partial class MeshNaming
{
    /// <summary>Where Mesh CA answers.</summary>
    public const string MeshCaAddress = "meshca.googleapis.com:443";

    /// <summary>The network of a cluster of which nothing else is known.</summary>
    public const string DefaultNetwork = "default";

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
            own.Add(FleetNames.TrustDomain(fleetProject));
            if (authority is not MeshAuthority.IstioCA)
            {
                own.Add($"{fleetProject}.hub.id.goog");
                if (clusterProject is not null)
                    own.Add(FleetNames.TrustDomain(clusterProject));
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
