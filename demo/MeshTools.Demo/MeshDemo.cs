using System.Diagnostics;
using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Discovery;
using MeshTools.Kubernetes;
using MeshTools.Lab;
using MeshTools.Operations;

namespace MeshTools.Demo;

/// <summary>The main job from the first command to the last: a lab, its kubeconfig, one mesh, the same again, and one cluster leaves.</summary>
internal sealed class MeshDemo(int count, Report report, Action<LabHost>? started)
{
    private static readonly EndpointDiscoveryOptions s_waiting = new() { Wait = true };
    private readonly DemoLog _log = new();

    /// <summary>Runs it all.</summary>
    /// <param name="cancellationToken">Ends it early; the lab and its files go all the same.</param>
    /// <returns>Whether everything came out as it had to.</returns>
    internal async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var folder = Directory.CreateTempSubdirectory("meshtools-demo-");
        try
        {
            report.Title($"{count} clusters become one mesh: each istiod reads the endpoints of all others.");
            report.Line("The clusters are MeshTools' own lab: real HTTPS, certificates, tokens and RBAC; simulated istiod.");
            await WithLabAsync(Path.Combine(folder.FullName, "lab.yaml"), cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        report.Line("");
        report.Title(report.Problems.Count == 0
            ? $"All as it should be, in {Report.Seconds(watch.Elapsed)}; the lab is gone and nothing is left behind."
            : $"{report.Problems.Count} problem(s), named above; the lab is gone and nothing is left behind.");
        return report.Problems.Count == 0;
    }

    private static Task<MeshCluster[]> LoadAndProbeAsync(string kubeconfig, DemoLog log, CancellationToken cancellationToken) =>
        Task.WhenAll(ClusterCatalog.Load([kubeconfig]).Select(cluster => ClusterProbe.ProbeAsync(cluster, null, log, cancellationToken)));

    private static bool IsGood(EndpointDiscoveryLink link, ChangeOutcome change) => link.Change == change && link.SyncStatus is EndpointDiscoveryLink.Synced;

    private async Task WithLabAsync(string kubeconfig, CancellationToken cancellationToken)
    {
        LabHost? lab = null;
        try
        {
            await report.StepAsync($"Start {count} clusters on loopback", async () =>
            {
                lab = await LabHost.StartAsync(new LabOptions { ClusterCount = count }, cancellationToken);
                lab.WriteKubeconfig(kubeconfig);
                started?.Invoke(lab);
                return $"{count} API servers, each with a control plane, and one kubeconfig with {count} contexts";
            });
            await JoinAndLeaveAsync(lab!, kubeconfig, cancellationToken);
        }
        finally
        {
            if (lab is not null)
                await lab.DisposeAsync();
        }
    }

    private async Task JoinAndLeaveAsync(LabHost lab, string kubeconfig, CancellationToken cancellationToken)
    {
        var tally = new RequestTally(lab);
        MeshCluster[] clusters = [];
        await report.StepAsync("Read the kubeconfig and ask every cluster who it is", async () =>
        {
            clusters = await LoadAndProbeAsync(kubeconfig, _log, cancellationToken);
            report.Table(Describe(clusters));
            tally.Mark("probe");
            return $"{clusters.Length} clusters answered";
        });

        await report.StepAsync("Join them: a credential for each cluster, a remote secret for each link", async () =>
        {
            var plan = await EndpointDiscoveryPlan.CreateAsync(clusters, s_waiting, _log, cancellationToken);
            var creates = plan.Changes.Count(change => change.Kind == ChangeKind.Create);
            report.Detail($"Planned by reading alone: {creates} objects to create. Now they are made:");
            var links = await ExecuteAsync(plan, cancellationToken);
            tally.Mark("join");
            return Judge(links, ChangeOutcome.Created);
        });

        await report.StepAsync("Once more, from the kubeconfig on: nothing is left to do", async () =>
        {
            clusters = await LoadAndProbeAsync(kubeconfig, _log, cancellationToken);
            tally.Mark("probe");
            var plan = await EndpointDiscoveryPlan.CreateAsync(clusters, s_waiting, _log, cancellationToken);
            var links = await plan.ExecuteAsync(_ => true, _log, cancellationToken).ToListAsync(cancellationToken);
            var writes = tally.Mark("join again");
            report.Check(writes == 0, $"the servers counted {writes} writes in a run that had nothing to do");
            return $"{Judge(links, ChangeOutcome.Unchanged)}; {writes} writes counted at the servers";
        });

        await report.StepAsync("Who reads whom, as every istiod says itself", async () =>
        {
            var links = await MatrixAsync(clusters, cancellationToken);
            return $"{links.Count(link => link.SyncStatus is EndpointDiscoveryLink.Synced)} of {count * (count - 1)} links synced";
        });

        await report.StepAsync("What that cost, as every API server counted it", () =>
        {
            report.Table(tally.ToTable());
            return Task.FromResult("joining includes asking istiod until it is in sync");
        });

        await report.StepAsync($"{clusters[^1].Name} leaves the mesh", () => LeaveAsync(clusters, cancellationToken));
    }

    private async Task<List<EndpointDiscoveryLink>> ExecuteAsync(EndpointDiscoveryPlan plan, CancellationToken cancellationToken)
    {
        var width = plan.Clusters.Max(cluster => cluster.Name.Length);
        var watch = Stopwatch.StartNew();
        var links = new List<EndpointDiscoveryLink>();
        await foreach (var link in plan.ExecuteAsync(_ => true, _log, cancellationToken))
        {
            links.Add(link);
            report.Detail(
                $"{link.Reader.Name.PadRight(width)} reads {(link.Target?.Name ?? link.ClusterId).PadRight(width)}  "
                + $"{link.Change,-9} {link.SyncStatus ?? "-",-8} after {Report.Seconds(watch.Elapsed)}  {link.SecretName}");
        }

        return links;
    }

    private string Judge(List<EndpointDiscoveryLink> links, ChangeOutcome change)
    {
        foreach (var link in links.Where(link => !IsGood(link, change)))
            report.Problem($"{link}: {link.Change}, {link.SyncStatus ?? "not asked"}{(link.Reason is null ? "" : $": {link.Reason}")}");
        Complain();
        var expected = count * (count - 1);
        report.Check(links.Count == expected, $"{links.Count} links in place of {expected}");
        return $"{links.Count(link => IsGood(link, change))} of {expected} links {change} and synced";
    }

    private async Task<IReadOnlyList<EndpointDiscoveryLink>> MatrixAsync(IReadOnlyList<MeshCluster> clusters, CancellationToken cancellationToken)
    {
        var links = await EndpointDiscoveryStatus.GetAsync(clusters, ControlPlaneRevision.DefaultNamespace, 32, _log, cancellationToken)
            .ToListAsync(cancellationToken);
        report.Table(LinkMatrix.Of([.. clusters.Select(cluster => cluster.Name)], links));
        foreach (var link in links.Where(link => link.SyncStatus is not EndpointDiscoveryLink.Synced))
            report.Problem($"{link}: {link.Reason}");
        Complain();
        return links;
    }

    private async Task<string> LeaveAsync(IReadOnlyList<MeshCluster> clusters, CancellationToken cancellationToken)
    {
        MeshCluster[] staying = [.. clusters.SkipLast(1)];
        var leaving = clusters[^1];
        var plan = await EndpointDiscoveryRemoval.CreateAsync([leaving], staying, s_waiting, _log, cancellationToken);
        var removed = 0;
        await foreach (var link in plan.ExecuteAsync(_ => true, _log, cancellationToken))
        {
            removed += link.Change == ChangeOutcome.Removed ? 1 : 0;
            report.Check(link.Change == ChangeOutcome.Removed, $"{link}: {link.Change}: {link.Reason}");
        }

        Complain();
        var expected = 2 * staying.Length;
        report.Check(removed == expected, $"{removed} links removed in place of {expected}");
        var tokens = plan.Changes.Where(change => change.Description.Contains("token", StringComparison.Ordinal)).ToArray();
        foreach (var token in tokens)
        {
            var left = await leaving.Connect().FindAsync(ResourceTypes.Secret, token.Object.Namespace, token.Object.Name, cancellationToken);
            report.Check(left is null, $"{leaving.Name}: {token.Object} is still there");
        }

        await MatrixAsync(staying, cancellationToken);
        return $"{removed} remote secrets and {tokens.Length} reader token removed; the others go on";
    }

    private static Table Describe(IReadOnlyList<MeshCluster> clusters)
    {
        var table = new Table("CLUSTER", "SERVER", "KUBERNETES", "CLUSTER ID", "MESH", "NETWORK", "REVISION");
        foreach (var cluster in clusters)
        {
            table.Add(
                cluster.Name, cluster.Server?.ToString().TrimEnd('/') ?? "", cluster.KubernetesVersion ?? "", cluster.ClusterId ?? "", cluster.MeshId ?? "",
                cluster.Network ?? "", cluster.Revision ?? "");
        }

        return table;
    }

    private void Complain()
    {
        foreach (var text in _log.Take())
            report.Problem(text);
    }
}
