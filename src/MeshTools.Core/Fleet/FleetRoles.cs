using MeshTools.Install;

namespace MeshTools.Fleet;

/// <summary>A role that an installation asks for, and the permissions that it is asked for. Whoever has those by another role needs it not.</summary>
/// <param name="Role">The role.</param>
/// <param name="Project">The project on which it is needed.</param>
/// <param name="Permissions">What the run really does.</param>
/// <param name="IsNeeded">Whether nothing works without; else the guide names it, and only some runs need it.</param>
internal sealed record FleetRole(string Role, string Project, IReadOnlyList<string> Permissions, bool IsNeeded = true)
{
    /// <summary>
    /// The roles of the page "Plan an installation" of Cloud Service Mesh (cloud.google.com/service-mesh/docs/unified-install/permissions), with the permissions of each that an
    /// installation uses.
    /// </summary>
    internal static IReadOnlyList<FleetRole> For(CloudWish wish, string? clusterProject)
    {
        var fleet = wish.FleetProject;
        var roles = new List<FleetRole>
        {
            new("roles/gkehub.admin", fleet, ["gkehub.memberships.get", "gkehub.memberships.list", "gkehub.memberships.create", "gkehub.memberships.update", "gkehub.features.get", "gkehub.features.create", "gkehub.features.update", "gkehub.operations.get", .. clusterProject is null ? ["gkehub.memberships.generateConnectManifest"] : Array.Empty<string>()]),
            new("roles/meshconfig.admin", fleet, ["meshconfig.projects.init"]),
            new("roles/serviceusage.serviceUsageAdmin", fleet, ["serviceusage.services.get", "serviceusage.services.list", "serviceusage.services.enable"]),
            new("roles/servicemanagement.admin", fleet, ["servicemanagement.services.bind"], IsNeeded: false),
            new("roles/iam.serviceAccountAdmin", fleet, ["iam.serviceAccounts.create"], IsNeeded: false),
        };
        if (clusterProject is not null)
        {
            roles.Add(new("roles/container.admin", clusterProject, ["container.clusters.get", "container.clusters.list", "container.clusters.update", "container.operations.get", "container.clusterRoles.bind", "container.clusterRoles.escalate", "container.clusterRoleBindings.create"]));
            roles.Add(new("roles/resourcemanager.projectIamAdmin", clusterProject, ["resourcemanager.projects.getIamPolicy", "resourcemanager.projects.setIamPolicy"]));
            if (!string.Equals(clusterProject, fleet, StringComparison.Ordinal))
            {
                roles.Add(new("roles/meshconfig.admin", clusterProject, ["meshconfig.projects.init"]));
                roles.Add(new("roles/serviceusage.serviceUsageAdmin", clusterProject, ["serviceusage.services.get", "serviceusage.services.list", "serviceusage.services.enable"]));
            }
        }

        if (wish is { CertificateAuthority: MeshAuthority.CaService, CaPool: { } pool } && pool.Split('/') is ["projects", var owner, ..])
            roles.Add(new("roles/privateca.admin", owner, ["privateca.caPools.get", "privateca.caPools.getIamPolicy", "privateca.caPools.setIamPolicy"]));
        return roles;
    }
}
