using MeshTools.Install;

namespace MeshTools.Fleet;

/// <summary>What an installation of Cloud Service Mesh needs from Google Cloud.</summary>
/// <param name="FleetProject">The project that hosts the fleet.</param>
public sealed record CloudWish(string FleetProject)
{
    /// <summary>Who signs workload certificates.</summary>
    public MeshAuthority CertificateAuthority { get; init; } = MeshAuthority.MeshCA;

    /// <summary>With CA Service, the pool: <c>projects/P/locations/L/caPools/N</c>.</summary>
    public string? CaPool { get; init; }

    /// <summary>With CA Service, the certificate template, if one is used: <c>projects/P/locations/L/certificateTemplates/T</c>.</summary>
    public string? CertificateTemplate { get; init; }

    /// <summary>Whether Google manages the control plane.</summary>
    public bool Managed { get; init; }

    /// <summary>Whether the cluster gets the label that shows it in the console (asmcli: unless <c>--disable_ui</c>).</summary>
    public bool Label { get; init; } = true;

    /// <summary>Whether a control plane of this fleet runs in the cluster; it was installed after everything that an installation needs.</summary>
    public bool IsInstalled { get; init; }

    /// <summary>The membership's name; by default the cluster's.</summary>
    public string? MembershipName { get; init; }

    /// <summary>The membership's location; by default the region of the cluster.</summary>
    public string? MembershipLocation { get; init; }
}
