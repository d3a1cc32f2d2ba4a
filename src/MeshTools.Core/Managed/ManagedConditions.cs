using MeshTools.GoogleCloud;

namespace MeshTools.Managed;

/// <summary>What the fleet says about the mesh of a member, in words, and what helps.</summary>
internal static class ManagedConditions
{
    /// <summary>State, description and conditions in one line.</summary>
    internal static string TextOf(MembershipMeshState? state)
    {
        if (state is null)
            return "the fleet reports nothing of it yet";
        var parts = new List<string> { state.ControlPlane.Length > 0 ? state.ControlPlane : state.Code };
        parts.AddRange(state.ControlPlaneTexts.Where(text => text.Length > 0));
        if (state.Description.Length > 0 && !state.ControlPlaneTexts.Contains(state.Description, StringComparer.Ordinal))
            parts.Add(state.Description);
        parts.AddRange(state.Conditions.Select(TextOf));
        return string.Join("; ", parts.Where(part => part.Length > 0));
    }

    /// <summary>One condition: code, severity, text and page.</summary>
    internal static string TextOf(MeshCondition condition) =>
        $"{condition.Code} ({condition.Severity}){(condition.Details.Length > 0 ? ": " + condition.Details.TrimEnd('.') : "")}{(condition.DocumentationUri is { } page ? $" ({page})" : "")}";

    /// <summary>What to do about the first condition that something can be done about (cloud.google.com/service-mesh/docs/troubleshooting/troubleshoot-cluster-setup); <see langword="null"/> for none.</summary>
    internal static string? ActionFor(MembershipMeshState? state, GkeCluster gke, string? fleetNumber) =>
        (state?.Conditions ?? []).OrderBy(condition => condition.Severity is "ERROR" ? 0 : 1).Select(condition => ActionFor(condition.Code, gke, fleetNumber)).FirstOrDefault(action => action is not null);

    /// <summary>What to do about one condition; <see langword="null"/> when that is not known here.</summary>
    internal static string? ActionFor(MeshCondition condition, GkeCluster gke, string? fleetNumber) => ActionFor(condition.Code, gke, fleetNumber);

    private static string? ActionFor(string code, GkeCluster gke, string? fleetNumber)
    {
        var place = $"--location {gke.Location} --project {gke.ProjectId}";
        return code switch
        {
            "NODEPOOL_WORKLOAD_IDENTITY_FEDERATION_REQUIRED" =>
                $"Give Workload Identity to the pods of {(gke.NodePools.FirstOrDefault(pool => !pool.HasWorkloadIdentity) is { } pool ? $"node pool {pool.Name}" : "each node pool")}: `gcloud container node-pools update {gke.NodePools.FirstOrDefault(pool => !pool.HasWorkloadIdentity)?.Name ?? "POOL"} --cluster {gke.Name} {place} --workload-metadata GKE_METADATA`.",
            "WORKLOAD_IDENTITY_REQUIRED" => $"Turn on Workload Identity: `gcloud container clusters update {gke.Name} {place} --workload-pool {gke.ProjectId}.svc.id.goog`.",
            "MESH_IAM_PERMISSION_DENIED" or "MESH_IAM_CROSS_PROJECT_PERMISSION_DENIED" =>
                $"Give Google's mesh agent its role: `gcloud projects add-iam-policy-binding {gke.ProjectId} --member serviceAccount:service-{fleetNumber ?? "FLEET_NUMBER"}@gcp-sa-servicemesh.iam.gserviceaccount.com --role roles/anthosservicemesh.serviceAgent --condition None`.",
            "CNI_POD_UNSCHEDULABLE" or "CLUSTER_HAS_ZERO_NODES" => $"Make room for istio-cni-node on every node (100m CPU, 100Mi memory): `gcloud container clusters resize {gke.Name} {place} --num-nodes N`.",
            "UNSUPPORTED_MULTIPLE_CONTROL_PLANES" => "Move the namespaces of the other control plane to the managed one, and remove it with Uninstall-ServiceMesh -Revision.",
            "MANAGED_CNI_NOT_ENABLED" => $"Turn on the managed CNI: `kubectl label controlplanerevision --all -n {ManagedReading.Namespace} {ManagedRevision.ManagedCniLabel}=true --overwrite`.",
            "LEGACY_MC_SECRETS" => MulticlusterMode.Advice,
            _ => null,
        };
    }
}
