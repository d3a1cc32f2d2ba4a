using MeshTools.Operations;

namespace MeshTools.Fleet;

/// <summary>Changes on Google's side for one cluster, in the order in which they have to be made.</summary>
public sealed class CloudPlan
{
    private readonly IReadOnlyList<CloudStep> _steps;

    internal CloudPlan(IReadOnlyList<CloudStep> steps) => _steps = steps;

    /// <summary>The changes, in order, those included that are as they should be.</summary>
    public IReadOnlyList<CloudChange> Changes => [.. _steps.Select(step => step.Change)];

    /// <summary>The roles without which what is to be written cannot be written.</summary>
    internal IReadOnlyList<(string Role, string Project)> Roles => [.. _steps.Where(step => step.Change.Writes).SelectMany(step => step.Roles).Distinct()];

    /// <summary>Makes what was approved, one after the other: each may need the one before.</summary>
    /// <param name="approved">Whether a change may be made.</param>
    /// <param name="log">Takes milestones and progress.</param>
    /// <param name="cancellationToken">Ends it; what was made by then stays.</param>
    /// <returns>The changes that were made.</returns>
    /// <exception cref="GoogleCloud.GoogleApiException">One failed. Those before it stay, and a rerun goes on from there.</exception>
    public Task<IReadOnlyList<CloudChange>> ExecuteAsync(Func<CloudChange, bool> approved, IOperationLog log, CancellationToken cancellationToken) =>
        ExecuteAsync(approved, new CloudRun(), log, cancellationToken);

    /// <summary>Makes what was approved, together with the plans of other clusters: what several of them need is made once.</summary>
    /// <param name="approved">Whether a change may be made.</param>
    /// <param name="run">What the plans of one command have in common.</param>
    /// <param name="log">Takes milestones and progress.</param>
    /// <param name="cancellationToken">Ends it; what was made by then stays.</param>
    /// <returns>The changes that were made.</returns>
    /// <exception cref="GoogleCloud.GoogleApiException">One failed. Those before it stay, and a rerun goes on from there.</exception>
    public async Task<IReadOnlyList<CloudChange>> ExecuteAsync(Func<CloudChange, bool> approved, CloudRun run, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(approved);
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(log);
        CloudStep[] todo = [.. _steps.Where(step => step.Change.Writes && approved(step.Change))];
        var made = new List<CloudChange>();
        foreach (var step in todo)
        {
            log.Progress(new OperationProgress("Preparing Google Cloud", $"{step.Change.Resource}: {step.Change.Description}", made.Count, todo.Length, step.Change.Cluster.Name));
            try
            {
                await run.MakeAsync(step, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception) when (made.Count > 0 && !cancellationToken.IsCancellationRequested)
            {
                log.Warning($"{step.Change.Cluster.Name}: {Progress(made.Count, todo.Length)}; what was made stays, and the next run goes on from there.");
                throw;
            }

            log.Verbose($"{step.Change.Cluster.Name}: {step.Change.Resource}: {step.Change.Description}: done");
            made.Add(step.Change);
        }

        return made;
    }

    private static string Progress(int made, int all) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{made} of {all} changes on Google's side were made");
}
