using System.Diagnostics;
using System.Text.Json;
using MeshTools.Clusters;
using MeshTools.Discovery;
using MeshTools.Lab;
using MeshTools.Operations;

namespace MeshTools.Benchmarks;

/// <summary>The measured process: the main job twice, its figures as one line of JSON. With <c>--in-process N</c> it holds the lab, too.</summary>
internal static class MeshRun
{
    internal const string Command = "mesh-run";

    internal static async Task<int> RunAsync(Options options)
    {
        if (options.Text("--kubeconfig") is { } kubeconfig)
            return await MeasureAsync(kubeconfig, options.Text("--expect") is "unchanged");

        var folder = Directory.CreateTempSubdirectory("meshtools-benchmark-");
        try
        {
            var path = Path.Combine(folder.FullName, "lab.yaml");
            await using var lab = await LabHost.StartAsync(new LabOptions { ClusterCount = options.Number("--in-process", 10) });
            lab.WriteKubeconfig(path);
            return await MeasureAsync(path, joinedBefore: false);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<int> MeasureAsync(string kubeconfig, bool joinedBefore)
    {
        var first = await PassAsync(kubeconfig, joinedBefore ? ChangeOutcome.Unchanged : ChangeOutcome.Created);
        var second = joinedBefore ? null : await PassAsync(kubeconfig, ChangeOutcome.Unchanged);
        using var process = Process.GetCurrentProcess();
        var figures = new MeshFigures(first, second, process.PeakWorkingSet64 / (1024.0 * 1024));
        await Console.Out.WriteLineAsync(JsonSerializer.Serialize(figures));
        return 0;
    }

    private static async Task<MeshPass> PassAsync(string kubeconfig, ChangeOutcome expected)
    {
        var log = new SilentLog();
        var busy = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        var clusters = await Task.WhenAll(ClusterCatalog.Load([kubeconfig]).Select(c => ClusterProbe.ProbeAsync(c, null, log, CancellationToken.None)));
        var probed = watch.Elapsed;
        var probeRequests = Requests();
        var plan = await EndpointDiscoveryPlan.CreateAsync(clusters, new EndpointDiscoveryOptions { Wait = true }, log, CancellationToken.None);
        var planned = watch.Elapsed;
        var planRequests = Requests();
        var links = await plan.ExecuteAsync(_ => true, log, CancellationToken.None).ToListAsync();
        var executed = watch.Elapsed;
        if (links.Count != clusters.Length * (clusters.Length - 1) || links.Exists(l => l.Change != expected || l.SyncStatus is not EndpointDiscoveryLink.Synced))
            throw new InvalidOperationException("not every link came out as it had to: " + string.Join(", ", links.Select(l => $"{l}: {l.Change} {l.SyncStatus}")));
        return new MeshPass(
            probed.TotalMilliseconds, (planned - probed).TotalMilliseconds, (executed - planned).TotalMilliseconds,
            probeRequests.Max(), planRequests.Zip(probeRequests, (after, before) => after - before).Max(),
            Requests().Zip(planRequests, (after, before) => after - before).Max(),
            (Environment.CpuUsage.TotalTime - busy).TotalMilliseconds);

        int[] Requests() => [.. clusters.Select(cluster => cluster.Connect().RequestCount)];
    }
}
