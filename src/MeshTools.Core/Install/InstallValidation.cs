using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Revisions;

namespace MeshTools.Install;

/// <summary>Everything that must hold before the first change. Only reads, and finds all that is wrong, and not the first thing alone.</summary>
internal static class InstallValidation
{
    private static readonly ResourceType[] s_needed =
    [
        ResourceTypes.Namespace, ResourceTypes.CustomResourceDefinition, ResourceTypes.ClusterRole, ResourceTypes.ClusterRoleBinding, ResourceTypes.MutatingWebhookConfiguration,
        ResourceTypes.ValidatingWebhookConfiguration, ResourceTypes.Deployment, ResourceTypes.Service, ResourceTypes.ServiceAccount, ResourceTypes.ConfigMap, ResourceTypes.Role, ResourceTypes.RoleBinding,
        ResourceTypes.HorizontalPodAutoscaler,
    ];

    internal static async Task<IReadOnlyList<MeshException>> ProblemsAsync(
        ClusterPreparation preparation, OperatorSettings settings, InstallOptions options, IOperationLog log, CancellationToken cancellationToken)
    {
        var reading = preparation.Reading;
        var problems = new List<MeshException>();
        if (!preparation.MakesAdministrator)
            await AddPermissionsAsync(reading.Cluster, options.Namespace, problems, cancellationToken).ConfigureAwait(false);
        await AddStrayAsync(reading.Cluster, options.Namespace, problems, log, cancellationToken).ConfigureAwait(false);
        AddRevisions(reading, settings, options, problems, log);
        return problems;
    }

    private static async Task AddPermissionsAsync(MeshCluster cluster, string ns, List<MeshException> problems, CancellationToken cancellationToken)
    {
        var client = cluster.Connect();
        // Who may do everything, as an administrator may, is asked once.
        var everything = await client.CanIAsync(new AccessQuery("*") { Group = "*", Resource = "*" }, cancellationToken).ConfigureAwait(false);
        if (everything.Allowed)
            return;
        var missing = await Task.WhenAll(s_needed.SelectMany(type => new[] { "create", "patch" }.Select(async verb =>
        {
            var query = AccessQuery.For(verb, type, type.Namespaced ? ns : null);
            return (await client.CanIAsync(query, cancellationToken).ConfigureAwait(false)).Allowed ? null : $"{verb} {type.Plural}";
        }))).ConfigureAwait(false);
        if (missing.OfType<string>().ToArray() is { Length: > 0 } names)
            problems.Add(new MeshException(ErrorCatalog.PermissionMissing, $"{cluster.Name}: the user may not {string.Join(", ", names)}", cluster));
    }

    private static async Task AddStrayAsync(MeshCluster cluster, string ns, List<MeshException> problems, IOperationLog log, CancellationToken cancellationToken)
    {
        var reads = new PermittedReads(cluster, log);
        var elsewhere = (await reads.ListAllAsync(ResourceTypes.Deployment, null, new ListOptions { LabelSelector = ControlPlaneRevision.Selector }, cancellationToken).ConfigureAwait(false))
            .Where(deployment => !string.Equals(deployment.Namespace, ns, StringComparison.Ordinal)).ToArray();
        if (elsewhere.Length > 0)
            problems.Add(new MeshException(ErrorCatalog.ControlPlaneElsewhere, $"{cluster.Name}: {string.Join(", ", elsewhere.Select(deployment => deployment.Reference))} runs outside of {ns}", cluster));
    }

    private static void AddRevisions(RevisionReading reading, OperatorSettings settings, InstallOptions options, List<MeshException> problems, IOperationLog log)
    {
        var cluster = reading.Cluster;
        foreach (var revision in reading.Revisions.Select(reading.Describe))
        {
            if (IstioRelease.TryParse(revision.Version) is not { } version)
                continue;
            var same = string.Equals(revision.Revision, settings.Revision, StringComparison.Ordinal);
            if (same && version != settings.Release && !options.Force)
            {
                problems.Add(new MeshException(
                    ErrorCatalog.RevisionTaken, $"{cluster.Name}: revision {revision.Revision} is installed in version {version}, and not {settings.Release}", cluster));
            }
            else if (!same && version.IsNewerThan(settings.Release) && !options.Force)
            {
                problems.Add(new MeshException(ErrorCatalog.RevisionNewer, $"{cluster.Name}: revision {revision.Revision} has version {version}, which is newer than {settings.Release}", cluster));
            }
            else if (version.Major == settings.Release.Major && Math.Abs(version.Minor - settings.Release.Minor) > 1)
            {
                log.Warning($"{cluster.Name}: {version} of revision {revision.Revision} and {settings.Release} are more than one minor version apart; Istio supports no more side by side.");
            }
        }
    }
}
