using MeshTools.Errors;
using MeshTools.Verify;
using Xunit;

namespace MeshTools.Tests.Connectivity;

/// <summary>A healthy mesh is proved healthy, whatever it looks like.</summary>
public sealed class ConnectivityTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Every_pair_answers_with_its_version(int clusters)
    {
        await using var lab = await ConnectedLab.StartSeparateAsync(clusters);
        var mesh = await lab.TestAsync();

        Assert.Empty(lab.Log.Failures);
        Assert.True(mesh.Passed, mesh.ToMatrix());
        Assert.Equal(clusters * clusters, mesh.Results.Count);
        Assert.Equal(clusters * 20, mesh.Calls);
        Assert.Equal(0, mesh.FailedCalls);
        Assert.All(mesh.Results, pair =>
        {
            Assert.Equal((20, AnswerEvidence.Instance, ConnectivityHop.None), (pair.Calls, pair.ToldBy, pair.FailingHop));
            Assert.Equal([$"v{pair.Target.Name[^1]}"], pair.Versions.Keys);
            Assert.Equal(pair.Succeeded, pair.Versions.Values.Sum());
            Assert.True(pair.P50 <= pair.P95);
        });
        Assert.All(mesh.Results.GroupBy(pair => pair.Source.Name, StringComparer.Ordinal), source => Assert.Equal(20, source.Sum(pair => pair.Succeeded)));
    }

    [Fact]
    public async Task A_cluster_without_the_workload_only_calls()
    {
        await using var lab = await ConnectedLab.StartAsync(3);
        lab[3].Store.Delete(new MeshTools.Lab.ResourceKey("apps", "deployments", "sample", "helloworld-v3"));
        await Tests.Lab.Eventually.TrueAsync(() => Tests.Lab.Samples.SampleLab.Pods(lab[3], "helloworld").Count == 0);
        var mesh = await lab.TestAsync();

        Assert.True(mesh.Passed, mesh.ToMatrix());
        Assert.Equal(["lab-1", "lab-2"], mesh.Targets.Select(target => target.Name));
        Assert.Equal(6, mesh.Results.Count);
    }

    [Fact]
    public async Task Nothing_is_written()
    {
        await using var lab = await ConnectedLab.StartAsync(2);
        var before = lab[1].Requests.MutatingCount + lab[2].Requests.MutatingCount;
        await lab.TestAsync();
        Assert.Equal(before, lab[1].Requests.Entries.Concat(lab[2].Requests.Entries).Count(entry => entry.IsMutating && entry.Resource is not "pods/exec" and not "pods/portforward"));
    }

    [Fact]
    public async Task Without_the_service_anywhere_there_is_one_error()
    {
        await using var lab = await ConnectedLab.StartAsync(2);
        var mesh = await lab.TestAsync(new ConnectivityOptions { Service = "nobody" });
        Assert.False(mesh.Passed);
        Assert.Empty(mesh.Results);
        Assert.Same(ErrorCatalog.ConnectivityTargetMissing, Assert.IsType<MeshException>(Assert.Single(lab.Log.Failures).Error).Definition);
    }
}
