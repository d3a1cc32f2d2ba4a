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

    /// <summary>The membership's location; by default the region of a cluster of GKE, and <c>global</c> for others.</summary>
    public string? MembershipLocation { get; init; }

    /// <summary>Outside GKE, where the OpenID documents of the cluster's issuer are for everybody, when the API server does not tell itself.</summary>
    public Uri? PublicIssuerUrl { get; init; }

    /// <summary>Outside GKE, whether Google cannot fetch the issuer's keys, so that they are sent.</summary>
    public bool HasPrivateIssuer { get; init; }

    /// <summary>The wish for the registration alone.</summary>
    internal FleetRegistrationOptions Registration => new(FleetProject)
    {
        MembershipName = MembershipName, Location = MembershipLocation, Label = Label, PublicIssuerUrl = PublicIssuerUrl, HasPrivateIssuer = HasPrivateIssuer,
    };
}
