using MeshTools.Discovery;
using MeshTools.Gateways;
using MeshTools.Operations;
using MeshTools.Verify;

namespace MeshTools.Reports;

/// <summary>How good a result is.</summary>
internal static class ReportStates
{
    /// <summary>
    /// A link. <c>syncing</c> is on its way; <c>unknown</c> is a replica that did not answer, which says nothing of the link. The words are istiod's
    /// (pilot/pkg/serviceregistry/kube/controller, its debug endpoint <c>clusterz</c>).
    /// </summary>
    internal static ReportState Of(EndpointDiscoveryLink link) => link switch
    {
        { Change: ChangeOutcome.Removed } => ReportState.Good,
        { Change: ChangeOutcome.Failed } => ReportState.Broken,
        { SyncStatus: EndpointDiscoveryLink.Synced } => link.Reason is null ? ReportState.Good : ReportState.Warning,
        { SyncStatus: EndpointDiscoveryLink.Unknown } => ReportState.Unknown,
        { SyncStatus: "syncing" } => ReportState.Warning,
        { SyncStatus: null } => link.Reason is null ? ReportState.Unknown : ReportState.Broken,
        _ => ReportState.Broken,
    };

    /// <summary>What to do about a link; its own reason says what is wrong, and this which command is next.</summary>
    internal static string? FixOf(EndpointDiscoveryLink link, ReportState state) => (state, link) switch
    {
        (ReportState.Good or ReportState.Unknown, _) => null,
        (_, { Change: ChangeOutcome.Failed }) => "Correct what the reason names, and run the command again: it completes what is missing.",
        (_, { SecretName: null }) => "Run Enable-EndpointDiscovery -Wait for both clusters.",
        (_, { SyncStatus: "syncing" }) => "Wait, and look again with Get-EndpointDiscovery.",
        (_, { SyncStatus: "timeout" }) => $"See that the control plane of {link.Reader.Name} reaches {link.Server ?? "the server of the remote secret"}: route, firewall, and the server's address.",
        _ => $"Run Enable-EndpointDiscovery -Wait for both clusters; if it stays, read the log of istiod in {link.Reader.Name}.",
    };

    /// <summary>A pair. Failed calls are the source's, whoever should have answered: they speak against a pair only when no other pair of the source explains them.</summary>
    internal static ReportState Of(ConnectivityResult result, bool explained) => !result.Passed ? ReportState.Broken
        : result.FailingHop != ConnectivityHop.None || (result.Failures.Count > 0 && !explained) ? ReportState.Warning : ReportState.Good;

    internal static ReportState Of(CheckResult check) => check.Severity switch
    {
        CheckSeverity.Pass => ReportState.Good,
        CheckSeverity.Warning => ReportState.Warning,
        _ => ReportState.Broken,
    };

    internal static ReportState Of(EastWestGateway gateway) => gateway switch
    {
        { Change: ChangeOutcome.Removed } => ReportState.Good,
        { Ready: false } => ReportState.Broken,
        { Problems.Count: > 0 } => ReportState.Warning,
        _ => ReportState.Good,
    };
}
