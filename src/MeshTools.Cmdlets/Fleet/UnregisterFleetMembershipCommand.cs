using System.Management.Automation;
using MeshTools.Errors;
using MeshTools.Fleet;

namespace MeshTools.Cmdlets;

/// <summary>Takes clusters out of their fleet.</summary>
[Cmdlet(VerbsLifecycle.Unregister, "FleetMembership", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(void))]
public sealed class UnregisterFleetMembershipCommand : MeshCmdlet
{
    private readonly List<string> _names = [];

    /// <summary>Full names of memberships.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Full names of memberships, projects/PROJECT/locations/LOCATION/memberships/NAME, as Get-FleetMembership gives them.")]
    [ValidatePattern("^projects/[^/]+/locations/[^/]+/memberships/[^/]+$")]
    public string[] ResourceName { get; set; } = [];

    /// <summary>Asks nothing, and removes what features hold.</summary>
    [Parameter(HelpMessage = "Removes without asking, also where features of the fleet still hold things of the member.")]
    public SwitchParameter Force { get; set; }

    private protected override bool AskNothing => Force;

    /// <inheritdoc/>
    protected override void ProcessRecord() => _names.AddRange(ResourceName);

    /// <inheritdoc/>
    protected override void EndProcessing() => Run(async (sink, stop) =>
    {
        using var client = CloudSession.Open(sink);
        var changes = _names.Distinct(StringComparer.Ordinal).ToDictionary(name => new Change($"Remove {name} from its fleet", Writes: true), name => name);
        foreach (var change in await sink.ApproveAsync([.. changes.Keys], stop).ConfigureAwait(false))
        {
            try
            {
                var there = await client.Fleet.DeleteAsync(changes[change], Force, stop).ConfigureAwait(false);
                sink.Verbose($"{changes[change]} {(there ? "is gone" : "was not there")}");
                if (!there)
                    sink.Failed(new MeshException(ErrorCatalog.MembershipNotFound, $"{changes[change]} is not there", changes[change]), changes[change]);
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                sink.Failed(e, changes[change]);
            }
        }
    });
}
