using MeshTools.Kubernetes;

namespace MeshTools.ControlPlane;

/// <summary>One istiod Deployment of a cluster.</summary>
/// <param name="Revision">Label <c>istio.io/rev</c>; <c>default</c> for an unrevisioned installation.</param>
/// <param name="ClusterId">Environment variable <c>CLUSTER_ID</c> of container <c>discovery</c>; <c>Kubernetes</c> when istiod runs without it.</param>
public sealed record ControlPlaneRevision(string Revision, string ClusterId)
{
    /// <summary>The namespace of a control plane, unless one says otherwise.</summary>
    public const string DefaultNamespace = "istio-system";

    /// <summary>The revision of an installation without one.</summary>
    public const string DefaultRevision = "default";

    /// <summary>What istiod calls its cluster when nobody tells it (pilot/pkg/features, <c>CLUSTER_ID</c>).</summary>
    public const string DefaultClusterId = "Kubernetes";

    /// <summary>Selects istiod's Deployments and Pods.</summary>
    public const string Selector = "app=istiod";

    /// <summary>The name of an object that carries the revision as a suffix, as Istio's charts name it.</summary>
    /// <param name="name">For example <c>istio-sidecar-injector</c>.</param>
    /// <param name="revision">The revision.</param>
    /// <returns>For example <c>istio-sidecar-injector-asm-1233-2</c>.</returns>
    public static string Revisioned(string name, string revision) =>
        string.Equals(revision, DefaultRevision, StringComparison.Ordinal) ? name : $"{name}-{revision}";

    internal static ControlPlaneRevision From(KubernetesObject deployment)
    {
        var containers = deployment.Json.FindArray("spec", "template", "spec", "containers") ?? [];
        var discovery = containers.FirstOrDefault(c => c.FindString("name") is "discovery") ?? containers.FirstOrDefault();
        var variables = discovery.FindArray("env") ?? [];
        var clusterId = variables.FirstOrDefault(v => v.FindString("name") is "CLUSTER_ID").FindString("value");
        var revision = deployment.Labels.GetValueOrDefault("istio.io/rev");
        return new ControlPlaneRevision(
            string.IsNullOrEmpty(revision) ? DefaultRevision : revision,
            string.IsNullOrEmpty(clusterId) ? DefaultClusterId : clusterId);
    }
}
