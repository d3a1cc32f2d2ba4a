using MeshTools.Errors;
using MeshTools.Lab;
using MeshTools.Tests.Errors;
using MeshTools.Verify;
using Xunit;

namespace MeshTools.Tests.Connectivity;

/// <summary>A test in which the second cluster has a bad day.</summary>
public sealed class BadDayTests
{
    private static readonly ConnectivityOptions s_quick = new() { Count = 4 };

    [Theory]
    [InlineData(FaultKind.Slow)]
    [InlineData(FaultKind.Throttle)]
    public async Task Slow_and_throttling_for_a_while_is_no_failure(FaultKind kind)
    {
        await using var lab = await ConnectedLab.StartAsync(2);
        lab[2].Faults.Add(kind is FaultKind.Slow ? new Fault(kind) { Delay = TimeSpan.FromMilliseconds(200) } : new Fault(kind) { RetryAfterSeconds = 1, Times = 3 });
        var mesh = await lab.TestAsync(s_quick);
        Assert.True(mesh.Passed, mesh.ToMatrix());
        Assert.Empty(lab.Log.Failures);
    }

    [Fact]
    public async Task Who_may_not_exec_learns_it_once()
    {
        await using var lab = await ConnectedLab.StartAsync(2);
        lab[2].Faults.Add(new Fault(FaultKind.Forbidden) { Resource = "pods/exec" });
        var mesh = await lab.TestAsync(s_quick);
        var error = Described.TheOnly(lab.Log.Failures, ErrorCatalog.ConnectivityClientUnusable, "lab-2");
        Assert.Contains("pods/exec", error.Message, StringComparison.Ordinal);
        Assert.All(mesh.Failures, pair => Assert.StartsWith("Ask for a role that allows get and create of pods/exec in namespace sample", pair.Fix, StringComparison.Ordinal));
        Assert.Equal(["lab-2 -> lab-1", "lab-2 -> lab-2"], mesh.Failures.Select(pair => pair.ToString()));
    }

    [Theory]
    [InlineData("pods")]
    [InlineData("services")]
    public async Task Who_may_not_read_what_it_takes_learns_it_once(string resource)
    {
        await using var lab = await ConnectedLab.StartAsync(2);
        lab[2].Faults.Add(new Fault(FaultKind.Forbidden) { Resource = resource });
        var mesh = await lab.TestAsync(s_quick);
        Described.TheOnly(lab.Log.Failures, ErrorCatalog.KubeForbidden, "lab-2");
        Assert.Equal(["lab-2"], mesh.Unreadable.Select(cluster => cluster.Name));
        Assert.Equal(["lab-1 -> lab-1"], mesh.Results.Where(pair => pair.Passed).Select(pair => pair.ToString()));
    }

    [Fact]
    public async Task What_may_not_be_read_to_find_a_fault_is_warned_of_and_the_rest_is_looked_at()
    {
        await using var lab = await ConnectedLab.StartSeparateAsync(2, unexposed: 2);
        lab[2].Faults.Add(new Fault(FaultKind.Forbidden) { Resource = "gateways" });
        var mesh = await lab.TestAsync(s_quick);
        // Without a look at the Gateways, what is left is that the port refuses connections.
        var failed = Assert.Single(mesh.Failures);
        Assert.Equal(("lab-1 -> lab-2", ConnectivityHop.GatewayPort), (failed.ToString(), failed.FailingHop));
        Assert.Contains(lab.Log.Warnings, warning => warning.Contains("lab-2", StringComparison.Ordinal) && warning.Contains("would not be found", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_fails_in_between_is_a_cluster_that_cannot_be_read()
    {
        await using var lab = await ConnectedLab.StartAsync(2);
        lab[2].Faults.Add(new Fault(FaultKind.Down) { Resource = "pods/exec" });
        var mesh = await lab.TestAsync(s_quick);
        Assert.False(mesh.Passed);
        Assert.Single(lab.Log.Failures);
        Assert.True(mesh.Results.Single(pair => pair.ToString() is "lab-1 -> lab-2").Passed);
    }
}
