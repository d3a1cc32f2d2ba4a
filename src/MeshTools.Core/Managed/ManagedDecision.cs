using MeshTools.Errors;
using MeshTools.Install;

namespace MeshTools.Managed;

/// <summary>How a control plane is provided, and as what.</summary>
/// <param name="Via">The way.</param>
/// <param name="Reason">Why this way; one clause.</param>
/// <param name="Channel">The channel that the control plane gets: that of the cluster, whatever was asked for.</param>
/// <param name="Tag">The revision by which workloads may ask for it besides; <see langword="null"/> for none.</param>
/// <param name="Authority">Who signs.</param>
/// <param name="CaPool">The pool of CA Service.</param>
internal sealed record ManagedDecision(ManagedProvisioning Via, string Reason, ManagedChannel Channel, string? Tag, MeshAuthority Authority, string? CaPool)
{
    internal string Revision => ManagedChannels.RevisionOf(Channel);

    /// <summary>Decides. The rules of what the fleet API does are asmcli's (lib/util.sh, use_fleet_api).</summary>
    /// <exception cref="MeshException">What was asked for cannot be (<c>ManagedNotSupported</c>, <c>FleetApiNotPossible</c>, <c>CaPoolInvalid</c>).</exception>
    internal static ManagedDecision Of(ManagedReading reading, ManagedInstallOptions options)
    {
        var cluster = reading.Cluster;
        var own = ManagedChannels.OfGke(reading.Gke.ReleaseChannel);
        var authority = options.Authority ?? reading.Options.Signer ?? MeshAuthority.MeshCA;
        if (authority is MeshAuthority.IstioCA)
            throw new MeshException(ErrorCatalog.ManagedNotSupported, $"{cluster.Name}: a managed control plane signs with MeshCA or CaService, and not with IstioCA", cluster, "Leave -CertificateAuthority out, or name MeshCA or CaService.");
        var pool = authority is MeshAuthority.CaService ? options.CaPool ?? reading.Options.Pool : null;
        if (authority is MeshAuthority.CaService)
            MeshNaming.RequireCaPool(pool);
        var tag = options.Channel is { } wished && wished != own ? ManagedChannels.RevisionOf(wished) : null;
        var (via, reason) = Choose(reading, options, Obstacles(reading, options, authority, own));
        return new ManagedDecision(via, reason, own, tag, authority, pool);
    }

    private static (ManagedProvisioning Via, string Reason) Choose(ManagedReading reading, ManagedInstallOptions options, List<string> obstacles)
    {
        if (options.Via is { } asked)
        {
            return asked is ManagedProvisioning.ControlPlaneRevision || obstacles.Count == 0
                ? (asked, "as asked")
                : throw new MeshException(ErrorCatalog.FleetApiNotPossible, $"{reading.Cluster.Name}: the fleet API does not do that: {string.Join("; ", obstacles)}", reading.Cluster);
        }

        if (obstacles.Count > 0)
            return (ManagedProvisioning.ControlPlaneRevision, $"the fleet API does not do that: {string.Join("; ", obstacles)}");
        if (reading.IsAutomatic)
            return (ManagedProvisioning.FleetApi, "the fleet manages the mesh of this member already");
        return reading.Revisions.FirstOrDefault(revision => !revision.IsOwnedByGoogle) is { } there
            ? (ManagedProvisioning.ControlPlaneRevision, $"ControlPlaneRevision {there.Name} is there already")
            : (ManagedProvisioning.FleetApi, "it does what is asked for");
    }

    private static List<string> Obstacles(ManagedReading reading, ManagedInstallOptions options, MeshAuthority authority, ManagedChannel own)
    {
        var obstacles = new List<string>();
        if (authority is MeshAuthority.CaService)
            obstacles.Add("it sets up Mesh CA, and CaService is wanted");
        if (options.Channel is { } wished && wished != own)
            obstacles.Add($"channel {ManagedChannels.NameOf(wished)} is not the cluster's ({ManagedChannels.NameOf(own)})");
        if (own is ManagedChannel.Stable)
            obstacles.Add("the cluster is in the stable channel");
        else if (!string.Equals(reading.Gke.ReleaseChannel, ManagedChannels.NameOf(own), StringComparison.OrdinalIgnoreCase))
            obstacles.Add($"the cluster is in {(reading.Gke.ReleaseChannel is { } channel ? $"release channel {channel}" : "no release channel")}");
        if (options.UseVpcServiceControls is true)
            obstacles.Add("it has no setting for VPC Service Controls");
        return obstacles;
    }
}
