using MeshTools.GoogleCloud;

namespace MeshTools.Fleet;

/// <summary>What Google Cloud knows of a cluster, as far as the configuration of its control plane says it (asmcli, <c>configure_package</c>).</summary>
/// <param name="FleetProject">The fleet's host project.</param>
/// <param name="MeshId">The mesh ID of the fleet; <see langword="null"/> when the project's number is not known.</param>
internal sealed record CloudFacts(string FleetProject, string? MeshId)
{
    /// <summary>The project of a cluster of GKE; <see langword="null"/> for others.</summary>
    internal string? ClusterProject { get; init; }

    /// <summary>The project that metrics name.</summary>
    internal required string Project { get; init; }

    /// <summary>That project's number.</summary>
    internal required string ProjectNumber { get; init; }

    /// <summary>The location that metrics name.</summary>
    internal required string Location { get; init; }

    /// <summary>The cluster that metrics name; <see langword="null"/> when neither GKE nor the fleet says.</summary>
    internal string? Name { get; init; }

    /// <summary>The network of a cluster of GKE.</summary>
    internal string? Network { get; init; }

    /// <summary>Who vouches for the cluster's tokens.</summary>
    internal string? IdentityProvider { get; init; }

    /// <summary>Reads the facts from what was read.</summary>
    internal static CloudFacts Of(CloudReading reading)
    {
        var fleet = reading.Wish.FleetProject;
        var fleetNumber = reading.Fleet.Value?.Number ?? "";
        var gke = reading.Gke.Value;
        var identity = reading.Identity
            ?? (gke is not null ? new MembershipIdentity(gke.ProjectId, gke.Location, gke.Name)
                : reading.MembershipPlace is { } place ? MembershipIdentity.Expected(place.Name, fleet) : null);
        var project = identity?.Project ?? fleet;
        return new CloudFacts(fleet, reading.MeshId)
        {
            ClusterProject = reading.ClusterProject,
            Project = project,
            ProjectNumber = string.Equals(project, reading.Home.Value?.ProjectId, StringComparison.Ordinal) ? reading.Home.Value!.Number : fleetNumber,
            Location = identity?.Location ?? "global",
            Name = identity?.ClusterName,
            Network = gke is null ? null : FleetNames.Network(gke.NetworkProject, gke.Network),
            // A membership that is yet to be made will be its cluster's provider by its own name.
            IdentityProvider = identity?.IdentityProvider
                ?? (reading.MembershipPlace is { } at ? $"https://gkehub.googleapis.com/projects/{fleet}/locations/{at.Location}/memberships/{at.Name}" : null),
        };
    }
}
