namespace MeshTools.Lab;

/// <summary>Permissions by role, as far as this module's guides name the roles.</summary>
internal static class GoogleRoles
{
    private static readonly Dictionary<string, string[]> Permissions = new(StringComparer.Ordinal)
    {
        ["roles/gkehub.admin"] = ["gkehub."],
        ["roles/container.admin"] = ["container."],
        ["roles/meshconfig.admin"] = ["meshconfig."],
        ["roles/resourcemanager.projectIamAdmin"] = ["resourcemanager.projects.get", "resourcemanager.projects.getIamPolicy", "resourcemanager.projects.setIamPolicy"],
        ["roles/iam.serviceAccountAdmin"] = ["iam.serviceAccounts."],
        ["roles/servicemanagement.admin"] = ["servicemanagement."],
        ["roles/serviceusage.serviceUsageAdmin"] = ["serviceusage."],
        ["roles/privateca.admin"] = ["privateca."],
        ["roles/viewer"] = ["resourcemanager.projects.get", "container.clusters.get", "container.clusters.list", "gkehub.memberships.get", "gkehub.memberships.list", "serviceusage.services.get", "serviceusage.services.list"],
    };

    /// <summary>Whether a role has a permission.</summary>
    public static bool Grants(string role, string permission) =>
        string.Equals(role, "roles/owner", StringComparison.Ordinal) ||
        (Permissions.TryGetValue(role, out var granted) && granted.Any(item => item.EndsWith('.') ? permission.StartsWith(item, StringComparison.Ordinal) : string.Equals(item, permission, StringComparison.Ordinal)));
}
