namespace MeshTools.Fleet;

/// <summary>How a cluster becomes a member of a fleet.</summary>
/// <param name="FleetProject">The project that hosts the fleet.</param>
public sealed record FleetRegistrationOptions(string FleetProject)
{
    /// <summary>The membership's name; by default the cluster's.</summary>
    public string? MembershipName { get; init; }

    /// <summary>The membership's location, <c>global</c> or a region; by default the region of a cluster of GKE, and <c>global</c> for others.</summary>
    public string? Location { get; init; }

    /// <summary>Whether the cluster also gets the label by which the console finds the clusters of a mesh.</summary>
    public bool Label { get; init; } = true;

    /// <summary>
    /// Outside GKE, where the OpenID documents of the cluster's issuer are for everybody, when the API server does not tell itself; it must be the issuer, to the letter.
    /// </summary>
    public Uri? PublicIssuerUrl { get; init; }

    /// <summary>Outside GKE, whether Google cannot fetch the issuer's keys, so that the present ones are sent. After a change of keys the cluster has to be registered again.</summary>
    public bool HasPrivateIssuer { get; init; }

    /// <summary>Outside GKE, whether fields of the agent's objects that other managers own are taken over.</summary>
    public bool ForceConflicts { get; init; }

    /// <summary>Outside GKE, whether to wait until the Connect agent runs.</summary>
    public bool Wait { get; init; }

    /// <summary>How long to wait for that; five minutes by default.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);
}
