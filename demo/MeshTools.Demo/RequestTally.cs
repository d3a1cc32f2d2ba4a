using System.Globalization;
using MeshTools.Lab;

namespace MeshTools.Demo;

/// <summary>
/// What the API servers were asked, step by step. Only this client's requests count for the table (the simulated control planes read each other, too), but every
/// write counts, whoever made it.
/// </summary>
internal sealed class RequestTally(LabHost lab)
{
    private readonly List<(string Step, int[] Reads, int[] Writes)> _steps = [];
    private int[] _seen = [.. lab.Clusters.Select(cluster => cluster.Requests.Count())];

    /// <summary>Ends a step, and says how many writes all servers got in it.</summary>
    internal int Mark(string step)
    {
        var fresh = lab.Clusters.Select((cluster, index) => cluster.Requests.Entries.Skip(_seen[index]).ToArray()).ToArray();
        _seen = [.. _seen.Zip(fresh, (seen, entries) => seen + entries.Length)];
        _steps.Add((
            step,
            [.. fresh.Select(entries => entries.Count(entry => IsOurs(entry) && !entry.IsMutating))],
            [.. fresh.Select(entries => entries.Count(entry => IsOurs(entry) && entry.IsMutating))]));
        return fresh.Sum(entries => entries.Count(entry => entry.IsMutating));
    }

    internal Table ToTable()
    {
        var table = new Table(["CLUSTER", .. _steps.Select(step => step.Step.ToUpperInvariant())]);
        for (var i = 0; i < lab.Clusters.Count; i++)
            table.Add([lab.Clusters[i].Name, .. _steps.Select(step => Text(step.Reads[i], step.Writes[i]))]);
        return table;
    }

    private static string Text(int reads, int writes) => writes == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{reads} reads")
        : string.Create(CultureInfo.InvariantCulture, $"{reads} reads, {writes} writes");

    private static bool IsOurs(RequestLogEntry entry) => entry.UserAgent.StartsWith("meshtools/", StringComparison.Ordinal);
}
