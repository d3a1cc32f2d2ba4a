using MeshTools.Clusters;
using MeshTools.Discovery;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using Xunit;

namespace MeshTools.Tests.Scenarios;

/// <summary>
/// The clusters of the kubeconfig that MESHTOOLS_TEST_KUBECONFIG names (all its contexts), joined and parted. Clusters with a control plane become primaries, the
/// others remotes. What was made is removed; what was there stays.
/// </summary>
public sealed class RealMeshTests
{
    private const string Variable = "MESHTOOLS_TEST_KUBECONFIG";
    private const string Namespace = "istio-system";

    private static readonly ResourceType[] s_kinds = [ResourceTypes.Namespace, ResourceTypes.Secret, ResourceTypes.ServiceAccount, ResourceTypes.ClusterRole, ResourceTypes.ClusterRoleBinding];

    private readonly RecordedLog _log = new();

    [SkippableFact]
    public async Task They_are_joined_a_second_run_writes_nothing_and_they_part_again()
    {
        var path = Environment.GetEnvironmentVariable(Variable);
        Skip.If(string.IsNullOrEmpty(path), $"{Variable} does not name a kubeconfig");
        var clusters = await Task.WhenAll(ClusterCatalog.Load([path]).Select(c => ClusterProbe.ProbeAsync(c, null, _log, CancellationToken.None)));
        var primaries = clusters.Where(cluster => cluster.Revisions.Count > 0).ToList();
        Skip.If(clusters.Length < 2 || primaries.Count == 0, "it takes two clusters, one of them with a control plane");
        var before = await Task.WhenAll(clusters.Select(ObjectsAsync));
        var options = new EndpointDiscoveryOptions
        {
            Topology = DiscoveryTopology.PrimaryRemote, Primaries = [.. primaries.Select(primary => primary.Name)],
            Wait = true, Timeout = TimeSpan.FromMinutes(2), CreateNamespace = true,
        };
        try
        {
            var links = await EnableAsync(clusters, options);
            Assert.Empty(_log.Failures);
            Assert.Equal(primaries.Count * (clusters.Length - 1), links.Count);
            Assert.All(links, link => Assert.Equal(("synced", null), (link.SyncStatus, link.Reason)));

            var versions = await Task.WhenAll(clusters.Select(ObjectsAsync));
            Assert.All(await EnableAsync(clusters, options), link => Assert.Equal((ChangeOutcome.Unchanged, "synced"), (link.Change, link.SyncStatus)));
            Assert.Equal(Own(versions), Own(await Task.WhenAll(clusters.Select(ObjectsAsync))));

            var status = await EndpointDiscoveryStatus.GetAsync(clusters, Namespace, 8, _log, CancellationToken.None).ToListAsync();
            Assert.All(status.Where(link => primaries.Exists(primary => primary.Name == link.Reader.Name)), link => Assert.Equal(("synced", null), (link.SyncStatus, link.Reason)));

            var removal = await EndpointDiscoveryRemoval.CreateAsync(clusters, [], options, _log, CancellationToken.None);
            Assert.All(await removal.ExecuteAsync(_ => true, _log, CancellationToken.None).ToListAsync(), link => Assert.Equal(ChangeOutcome.Removed, link.Change));
            Assert.Empty(_log.Failures);
        }
        finally
        {
            foreach (var (cluster, there) in clusters.Zip(before))
                await RemoveNewAsync(cluster, there);
        }
    }

    private async Task<List<EndpointDiscoveryLink>> EnableAsync(MeshCluster[] clusters, EndpointDiscoveryOptions options)
    {
        var plan = await EndpointDiscoveryPlan.CreateAsync(clusters, options, _log, CancellationToken.None);
        return await plan.ExecuteAsync(_ => true, _log, CancellationToken.None).ToListAsync();
    }

    // Only what this test is about: everything else in a living cluster changes on its own.
    private static async Task<IReadOnlyList<(ResourceType Type, string? Namespace, string Name, string Version)>> ObjectsAsync(MeshCluster cluster)
    {
        var found = new List<(ResourceType, string?, string, string)>();
        foreach (var type in s_kinds)
        {
            await foreach (var obj in cluster.Connect().ListAsync(type, type.Namespaced ? Namespace : null))
            {
                if (type == ResourceTypes.Namespace ? obj.Name == Namespace : obj.Name.StartsWith("istio-re", StringComparison.Ordinal))
                    found.Add((type, obj.Namespace, obj.Name, obj.ResourceVersion ?? ""));
            }
        }

        return found;
    }

    // The API server notes on a token Secret, at most daily, when it was last used; that is nobody's write.
    private static IEnumerable<string> Own(IEnumerable<IReadOnlyList<(ResourceType Type, string? Namespace, string Name, string Version)>> clusters) =>
        clusters.SelectMany((objects, index) => objects.Where(obj => !obj.Name.EndsWith("-token", StringComparison.Ordinal)).Select(obj => $"{index} {obj.Type.Kind} {obj.Name} {obj.Version}"));

    private static async Task RemoveNewAsync(MeshCluster cluster, IReadOnlyList<(ResourceType Type, string? Namespace, string Name, string Version)> before)
    {
        var known = before.Select(obj => (obj.Type.Kind, obj.Name)).ToHashSet();
        foreach (var (type, ns, name, _) in (await ObjectsAsync(cluster)).Where(obj => !known.Contains((obj.Type.Kind, obj.Name))))
            await cluster.Connect().DeleteAsync(type, ns, name, new DeleteOptions { Propagation = DeletionPropagation.Background });
    }
}
