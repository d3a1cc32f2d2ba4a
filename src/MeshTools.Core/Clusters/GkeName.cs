namespace MeshTools.Clusters;

/// <summary>A GKE cluster as <c>gcloud container clusters get-credentials</c> names its context: <c>gke_PROJECT_LOCATION_NAME</c>.</summary>
/// <param name="ProjectId">The project; never contains an underscore.</param>
/// <param name="Location">A region or a zone.</param>
/// <param name="ClusterName">The cluster's name.</param>
public sealed record GkeName(string ProjectId, string Location, string ClusterName)
{
    /// <summary>The cluster ID that Cloud Service Mesh gives the cluster (asmcli, <c>clusterName</c> of the base IstioOperator).</summary>
    public string ClusterId => $"cn-{ProjectId}-{Location}-{ClusterName}";

    /// <summary>Reads a context name.</summary>
    /// <param name="context">The context.</param>
    /// <returns>The parts, or <see langword="null"/> when the context has another form.</returns>
    public static GkeName? TryParse(string context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var parts = context.Split('_', 4);
        return parts is ["gke", { Length: > 0 } project, { Length: > 0 } location, { Length: > 0 } name] ? new GkeName(project, location, name) : null;
    }
}
