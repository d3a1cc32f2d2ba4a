using MeshTools.Clusters;

namespace MeshTools.Verify;

/// <summary>Whether the clusters of a mesh reach each other's workloads: the outcome of one test over all pairs.</summary>
/// <param name="Service">What was called: <c>http://helloworld.sample:5000/hello</c>.</param>
/// <param name="Cluster">The clusters that were tested, by name.</param>
/// <param name="Results">Every pair of a cluster that calls and a cluster that should answer.</param>
public sealed record MeshConnectivity(string Service, IReadOnlyList<MeshCluster> Cluster, IReadOnlyList<ConnectivityResult> Results)
{
    /// <summary>Whether every pair passed, and every cluster could be tested.</summary>
    public bool Passed => Unreadable.Count == 0 && Results.Count > 0 && Results.All(result => result.Passed);

    /// <summary>The clusters that have the Service's workload, and should answer.</summary>
    public IReadOnlyList<MeshCluster> Targets { get; init; } = [];

    /// <summary>The clusters that could not be tested, because they could not be read.</summary>
    public IReadOnlyList<MeshCluster> Unreadable { get; init; } = [];

    /// <summary>Calls that were made, of all clusters together.</summary>
    public int Calls { get; init; }

    /// <summary>Calls that did not succeed.</summary>
    public int FailedCalls { get; init; }

    /// <summary>The pairs that did not pass.</summary>
    public IEnumerable<ConnectivityResult> Failures => Results.Where(result => !result.Passed);

    /// <summary>Pairs that passed among all pairs, and how many clusters are in none because they could not be read.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => FormattableString.Invariant($"{Results.Count(result => result.Passed)} of {Results.Count} pairs passed{Unread}, {Calls} calls");

    private string Unread => Unreadable.Count switch
    {
        0 => "",
        1 => ", 1 cluster could not be read",
        var many => FormattableString.Invariant($", {many} clusters could not be read"),
    };

    /// <summary>The pairs as a matrix, rows sources and columns targets, with what failed below it.</summary>
    /// <param name="width">Columns that a line may take; 80 where it is not known.</param>
    /// <returns>The text, without a line break at its end.</returns>
    public string ToMatrix(int width = 80) => ConnectivityMatrix.Write(this, width);

    /// <summary>What is known of a test that was cut short: who answered how often so far, without a judgement.</summary>
    /// <returns>One line.</returns>
    public string ToPartial()
    {
        var sources = Results.GroupBy(result => result.Source.Name, StringComparer.Ordinal).Where(group => group.First().Calls > 0).Select(group =>
            FormattableString.Invariant($"{group.Key} made {group.First().Calls}, answered by {Answers(group)}"));
        return FormattableString.Invariant($"Stopped after {Calls} calls to {Service}, {FailedCalls} of them failed: {string.Join("; ", sources)}.");
    }

    private static string Answers(IEnumerable<ConnectivityResult> results) =>
        string.Join(", ", results.Where(result => result.Succeeded > 0).Select(result => FormattableString.Invariant($"{result.Target.Name} {result.Succeeded}"))) is { Length: > 0 } text ? text : "nobody";
}
