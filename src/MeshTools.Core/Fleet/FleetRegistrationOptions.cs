namespace MeshTools.Fleet;

/// <summary>How a cluster becomes a member of a fleet.</summary>
/// <param name="FleetProject">The project that hosts the fleet.</param>
public sealed record FleetRegistrationOptions(string FleetProject)
{
    /// <summary>The membership's name; by default the cluster's.</summary>
    public string? MembershipName { get; init; }

    /// <summary>The membership's location, <c>global</c> or a region; by default the cluster's region.</summary>
    public string? Location { get; init; }

    /// <summary>Whether the cluster also gets the label by which the console finds the clusters of a mesh.</summary>
    public bool Label { get; init; } = true;
}
