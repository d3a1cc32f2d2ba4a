using MeshTools.Injection;

namespace MeshTools.Cmdlets;

/// <summary>Plans of namespaces, asked about together and carried out.</summary>
internal static class InjectionRun
{
    internal static async Task RunAsync(IReadOnlyList<InjectionPlan> plans, int limit, bool onlyAsking, PipelineSink sink, CancellationToken cancellationToken)
    {
        var approved = await sink.ApproveAsync(plans.Select(plan => plan.Change), cancellationToken).ConfigureAwait(false);
        if (onlyAsking)
            return;
        var results = await sink.EachAsync(
            [.. plans.Where(plan => approved.Contains(plan.Change))], limit, plan => plan.Cluster, (plan, stop) => plan.ExecuteAsync(sink, stop), cancellationToken).ConfigureAwait(false);
        foreach (var result in results)
            sink.Output(result);
    }
}
