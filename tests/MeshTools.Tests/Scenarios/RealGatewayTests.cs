using MeshTools.Clusters;
using MeshTools.Gateways;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Tests.Lab;
using Xunit;

namespace MeshTools.Tests.Scenarios;

/// <summary>
/// A gateway in every cluster with a control plane of the kubeconfig that MESHTOOLS_TEST_KUBECONFIG names, under a name of its own; it is removed again. No address is waited
/// for: not every cluster has load balancers.
/// </summary>
public sealed class RealGatewayTests
{
    private const string Variable = "MESHTOOLS_TEST_KUBECONFIG";

    private static readonly EastWestGatewayOptions s_options = new() { Name = "meshtools-test-gateway", Replicas = 2 };

    private static readonly ResourceType[] s_kinds =
    [
        ResourceTypes.Service, ResourceTypes.Deployment, ResourceTypes.ServiceAccount, ResourceTypes.Role, ResourceTypes.RoleBinding,
        ResourceTypes.HorizontalPodAutoscaler, ResourceTypes.PodDisruptionBudget,
    ];

    private readonly RecordedLog _log = new();

    [SkippableFact]
    public async Task It_is_made_kubectl_sees_no_difference_a_second_run_writes_nothing_and_it_goes_without_a_trace()
    {
        var path = Environment.GetEnvironmentVariable(Variable);
        Skip.If(string.IsNullOrEmpty(path), $"{Variable} does not name a kubeconfig");
        var clusters = await Task.WhenAll(ClusterCatalog.Load([path]).Select(cluster => ClusterProbe.ProbeAsync(cluster, null, _log, CancellationToken.None)));
        var mesh = clusters.Where(cluster => cluster.Revision is not null).ToList();
        Skip.If(mesh.Count == 0, "no cluster has a control plane of one revision");
        foreach (var cluster in mesh)
            await RunAsync(cluster, s_options with { Network = cluster.Network ?? "meshtools-test" }, path);
    }

    private async Task RunAsync(MeshCluster cluster, EastWestGatewayOptions options, string kubeconfig)
    {
        var before = await NamesAsync(cluster);
        var label = await LabelAsync(cluster);
        using var kubectl = Kubectl.For(await File.ReadAllTextAsync(kubeconfig));
        try
        {
            Assert.Equal(ChangeOutcome.Created, (await NewAsync(cluster, options)).Change);
            var manifest = await EastWestGatewayPlan.RenderAsync(cluster, options, _log, CancellationToken.None);
            var diff = await kubectl.RunWithInputAsync(manifest, "--context", cluster.Context, "diff", "--server-side", "-f", "-");
            Assert.True(diff is { ExitCode: 0, Output: "" }, diff.Output + diff.Error);
            var apply = await kubectl.RunWithInputAsync(manifest, "--context", cluster.Context, "apply", "--server-side", "-f", "-");
            Assert.True(apply.ExitCode == 0, apply.Error);
            Assert.Equal(ChangeOutcome.Unchanged, (await NewAsync(cluster, options)).Change);
        }
        finally
        {
            var gateways = (await EastWestGateways.ReadAsync(cluster, _log, CancellationToken.None)).Where(gateway => gateway.Name == options.Name);
            var removal = await EastWestGatewayRemoval.PlanAsync(cluster, [.. gateways], [], _log, CancellationToken.None);
            await removal.ExecuteAsync(_ => true, _log, CancellationToken.None);
            await removal.WaitAsync(TimeSpan.FromMinutes(2), _log, CancellationToken.None);
        }

        Assert.Equal(before, await NamesAsync(cluster));
        Assert.Equal(label, await LabelAsync(cluster));
    }

    private async Task<EastWestGateway> NewAsync(MeshCluster cluster, EastWestGatewayOptions options) =>
        await (await EastWestGatewayPlan.CreateAsync(cluster, options, [], _log, CancellationToken.None)).ExecuteAsync(_log, CancellationToken.None);

    private static async Task<string?> LabelAsync(MeshCluster cluster) =>
        (await cluster.Connect().GetAsync(ResourceTypes.Namespace, null, "istio-system")).Labels.GetValueOrDefault(EastWestGateways.NetworkLabel);

    private static async Task<IReadOnlyList<string>> NamesAsync(MeshCluster cluster)
    {
        var names = new List<string>();
        foreach (var type in s_kinds)
        {
            await foreach (var obj in cluster.Connect().ListAsync(type, "istio-system"))
                names.Add(obj.Reference.ToString());
        }

        return names;
    }
}
