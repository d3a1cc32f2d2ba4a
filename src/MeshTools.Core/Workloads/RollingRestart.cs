using System.Globalization;
using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Workloads;

/// <summary>Has a workload make its pods anew, as <c>kubectl rollout restart</c> does.</summary>
internal static class RollingRestart
{
    /// <summary>The annotation by which kubectl restarts (kubectl pkg/polymorphichelpers/objectrestarter.go).</summary>
    internal const string Annotation = "kubectl.kubernetes.io/restartedAt";

    /// <exception cref="KubernetesException">The request fails.</exception>
    internal static async Task BeginAsync(MeshCluster cluster, ObjectReference workload, IOperationLog log, CancellationToken cancellationToken)
    {
        // With fractions of a second: a second restart within one second must be one.
        var now = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
        var patch = new JsonObject
        {
            ["spec"] = new JsonObject { ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [Annotation] = now } } } },
        };
        var type = ResourceTypes.Find(workload.ApiVersion, workload.Kind)!;
        await cluster.Connect().PatchAsync(type, workload.Namespace, workload.Name, Patch.Strategic(patch), cancellationToken: cancellationToken).ConfigureAwait(false);
        log.Verbose($"{cluster.Name}: restarting {workload}");
    }
}
