using System.Management.Automation;

namespace MeshTools.Cmdlets;

/// <summary>Gets the running labs of this user.</summary>
[Cmdlet(VerbsCommon.Get, "MeshLab")]
[OutputType(typeof(MeshLab))]
public sealed class GetMeshLabCommand : MeshCmdlet
{
    /// <summary>Ids, with wildcards.</summary>
    [Parameter(Position = 0, HelpMessage = "Ids of labs; wildcards are allowed. Without it all running labs.")]
    [ArgumentCompleter(typeof(LabCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <inheritdoc/>
    protected override void EndProcessing() => Run(async (sink, stop) =>
    {
        foreach (var lab in LabSearch.Find(await LabControl.FindAllAsync(stop).ConfigureAwait(false), Id, sink))
            sink.Output(lab);
    });
}
