using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Istioctl;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Install;

/// <summary>Has istioctl render a configuration: the charts are its own, and of its version.</summary>
internal static class ManifestRendering
{
    /// <summary>Renders.</summary>
    /// <param name="program">istioctl of the release.</param>
    /// <param name="configuration">The configuration.</param>
    /// <param name="cluster">The cluster whose platform is taken into account; <see langword="null"/> for none.</param>
    /// <param name="log">Takes what istioctl says.</param>
    /// <param name="cancellationToken">Ends istioctl.</param>
    /// <returns>The objects in the order of their installation: definitions first.</returns>
    /// <exception cref="MeshException">istioctl refuses the configuration, or prints something else than objects (<c>IstioctlFailed</c>).</exception>
    internal static async Task<IReadOnlyList<KubernetesObject>> RenderAsync(
        IstioctlProgram program, OperatorConfiguration configuration, MeshCluster? cluster, IOperationLog log, CancellationToken cancellationToken)
    {
        string[] arguments = ["manifest", "generate", "-f", "-"];
        var run = new IstioctlRun(program, cluster is null ? arguments : [.. arguments, "--cluster-specific"]) { Cluster = cluster, Input = configuration.ToYaml(), Log = log, Limit = IstioctlRun.OfflineLimit };
        var text = await run.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var objects = KubernetesYaml.ReadObjects(text, "istioctl manifest generate");
            if (objects.Count > 0)
                return [.. objects.OrderBy(obj => Rank(obj.Kind))];
        }
        catch (KubernetesYamlException e)
        {
            throw new MeshException(ErrorCatalog.IstioctlFailed, $"{program.Path} manifest generate printed something that is no manifest: {e.Message}", program.Path, innerException: e);
        }

        throw new MeshException(ErrorCatalog.IstioctlFailed, $"{program.Path} manifest generate printed no object", program.Path);
    }

    /// <summary>The place of a kind in the order of installation, 0 first.</summary>
    internal static int Rank(string kind) => kind switch
    {
        "CustomResourceDefinition" => 0,
        "Namespace" => 1,
        "ServiceAccount" => 2,
        "ClusterRole" or "ClusterRoleBinding" or "Role" or "RoleBinding" => 3,
        "ConfigMap" or "Secret" => 4,
        "Deployment" or "DaemonSet" => 6,
        "MutatingWebhookConfiguration" or "ValidatingWebhookConfiguration" => 7,
        _ => 5,
    };
}
