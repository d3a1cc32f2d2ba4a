using MeshTools.Demo;
using MeshTools.Lab;
using Xunit;

namespace MeshTools.Tests.Demo;

/// <summary>The demo is the first thing a newcomer runs: it has to work, to fit a terminal, and to say when something does not work.</summary>
public sealed class DemoTests
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    [Fact]
    public async Task Three_clusters_are_joined_and_one_leaves()
    {
        var lines = await RunAsync(expected: 0);

        Assert.Equal(6, lines.Count(line => line.Contains(" reads lab-", StringComparison.Ordinal) && line.Contains("Created   synced", StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.Contains("6 of 6 links Unchanged and synced; 0 writes counted at the servers", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("4 remote secrets and 1 reader token removed", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("PROBLEM", StringComparison.Ordinal));
        Assert.Empty(_error.ToString());
    }

    [Fact]
    public async Task A_large_mesh_still_fits_a_hundred_columns()
    {
        var lines = await RunAsync(expected: 0, started: null, "--clusters", "10");

        Assert.Contains(lines, line => line.Contains("90 of 90 links synced", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 100));
        Assert.DoesNotContain('\u001b', _output.ToString());
    }

    [Fact]
    public async Task A_cluster_that_refuses_shows_in_the_exit_code_and_by_name()
    {
        var lines = await RunAsync(expected: 1, lab => lab.Clusters[1].Faults.Add(new Fault(FaultKind.Forbidden) { Verb = "patch", Resource = "secrets" }));

        Assert.Contains(lines, line => line.Contains("PROBLEM", StringComparison.Ordinal) && line.Contains("lab-2", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("problem(s), named above", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--clusters", "1")]
    [InlineData("--clusters", "many")]
    [InlineData("--cluster", "3")]
    public async Task Arguments_that_make_no_sense_are_refused(params string[] arguments)
    {
        Assert.Empty(await RunAsync(expected: 2, started: null, arguments));
        Assert.Contains("Usage:", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupted_run_leaves_nothing_behind()
    {
        using var interrupt = new CancellationTokenSource();
        LabHost? lab = null;
        var code = await DemoProgram.RunAsync(
            [],
            new Report(_output, colours: false),
            _error,
            started =>
            {
                lab = started;
                interrupt.Cancel();
            },
            interrupt.Token);

        Assert.Equal(130, code);
        Assert.NotNull(lab);
        Assert.All(lab.Clusters, cluster => Assert.False(cluster.IsListening));
    }

    private async Task<string[]> RunAsync(int expected, Action<LabHost>? started = null, params string[] arguments)
    {
        var code = await DemoProgram.RunAsync(arguments, new Report(_output, colours: false), _error, started, CancellationToken.None);
        Assert.True(expected == code, $"exit code {code}\n{_output}\n{_error}");
        return _output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
    }
}
