using MeshTools.Operations;

namespace MeshTools.Fleet;

/// <summary>Changes on Google's side for one cluster, in the order in which they have to be made.</summary>
public sealed class CloudPlan
{
    private readonly IReadOnlyList<CloudStep> _steps;

    internal CloudPlan(IReadOnlyList<CloudStep> steps) => _steps = steps;

    /// <summary>The changes, in order, those included that are as they should be.</summary>
    public IReadOnlyList<CloudChange> Changes => [.. _steps.Select(step => step.Change)];

    /// <summary>Makes what was approved, one after the other: each may need the one before.</summary>
    /// <param name="approved">Whether a change may be made.</param>
    /// <param name="log">Takes milestones and progress.</param>
    /// <param name="cancellationToken">Ends it; what was made by then stays.</param>
    /// <returns>The changes that were made.</returns>
    /// <exception cref="GoogleCloud.GoogleApiException">One failed. Those before it stay, and a rerun goes on from there.</exception>
    public async Task<IReadOnlyList<CloudChange>> ExecuteAsync(Func<CloudChange, bool> approved, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(approved);
        ArgumentNullException.ThrowIfNull(log);
        CloudStep[] todo = [.. _steps.Where(step => step.Change.Writes && approved(step.Change))];
        var made = new List<CloudChange>();
        foreach (var step in todo)
        {
            log.Progress(new OperationProgress("Preparing Google Cloud", $"{step.Change.Resource}: {step.Change.Description}", made.Count, todo.Length, step.Change.Cluster.Name));
            await step.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            log.Verbose($"{step.Change.Cluster.Name}: {step.Change.Resource}: {step.Change.Description}: done");
            made.Add(step.Change);
        }

        return made;
    }
}
