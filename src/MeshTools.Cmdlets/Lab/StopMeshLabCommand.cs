using System.Management.Automation;

namespace MeshTools.Cmdlets;

/// <summary>Ends labs.</summary>
[Cmdlet(VerbsLifecycle.Stop, "MeshLab", SupportsShouldProcess = true, DefaultParameterSetName = IdSet)]
[OutputType(typeof(void))]
public sealed class StopMeshLabCommand : MeshCmdlet
{
    private const string IdSet = "Id";
    private const string LabSet = "Lab";

    private readonly List<MeshLab> _labs = [];

    /// <summary>Ids, with wildcards.</summary>
    [Parameter(Position = 0, ParameterSetName = IdSet, HelpMessage = "Ids of labs; wildcards are allowed. Without it the labs that this shell started.")]
    [ArgumentCompleter(typeof(LabCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <summary>Labs as objects.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = LabSet, HelpMessage = "Labs from Get-MeshLab.")]
    [ValidateNotNull]
    public MeshLab[] Lab { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord() => _labs.AddRange(Lab);

    /// <inheritdoc/>
    protected override void EndProcessing() => Run(async (sink, stop) =>
    {
        var labs = string.Equals(ParameterSetName, LabSet, StringComparison.Ordinal) ? _labs : await FindAsync(sink, stop).ConfigureAwait(false);
        var changes = labs.ToDictionary(lab => new Change($"Stop lab {lab.Id} (process {lab.ProcessId}) and its {lab.Clusters.Count} clusters", Writes: true));
        foreach (var change in await sink.ApproveAsync([.. changes.Keys], stop).ConfigureAwait(false))
        {
            await LabControl.StopAsync(changes[change], stop).ConfigureAwait(false);
            sink.Verbose($"Lab {changes[change].Id} has ended.");
        }
    });

    private async Task<IReadOnlyList<MeshLab>> FindAsync(PipelineSink sink, CancellationToken cancellationToken)
    {
        var running = await LabControl.FindAllAsync(cancellationToken).ConfigureAwait(false);
        return Id.Length > 0 ? LabSearch.Find(running, Id, sink) : [.. running.Where(lab => lab.OwnerProcessId == Environment.ProcessId)];
    }
}
