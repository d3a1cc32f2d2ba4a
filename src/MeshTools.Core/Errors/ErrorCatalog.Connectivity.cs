using static MeshTools.Errors.MeshErrorCategory;

namespace MeshTools.Errors;

/// <content>Errors of the proof that calls cross the clusters.</content>
public static partial class ErrorCatalog
{
    /// <summary>A pair of clusters does not answer.</summary>
    public static ErrorDefinition ConnectivityFailed { get; } = new(nameof(ConnectivityFailed), ConnectionError,
        "Calls of one cluster are not answered by another; the message names the place on the way that fails.", "Do what the result's Fix says, and run Test-MeshConnectivity again.");

    /// <summary>A cluster has no client that can call.</summary>
    public static ErrorDefinition ConnectivityClientUnusable { get; } = new(nameof(ConnectivityClientUnusable), ResourceUnavailable,
        "A cluster has no client that could call, so nothing is known of its pairs.", "Install the sample with Install-MeshSample, or name pods with curl by -ClientSelector and -ClientContainer.");

    /// <summary>No cluster has the workload.</summary>
    public static ErrorDefinition ConnectivityTargetMissing { get; } = new(nameof(ConnectivityTargetMissing), ObjectNotFound,
        "No cluster has a pod behind the Service that is called.", "Install the sample with Install-MeshSample, or name a Service of your own with -Service and -Namespace.");
}
