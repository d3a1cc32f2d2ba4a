using MeshTools.Trust;

namespace MeshTools.Verify;

/// <content>Roots, trust domains and mutual TLS.</content>
internal sealed partial class HopSearch
{
    // The findings of Test-MeshTrust that make calls fail.
    private static readonly string[] s_breaking = ["MT301", "MT302", "MT303", "MT304", "MT311"];

    private async Task<HopFinding?> TrustAsync(CancellationToken cancellationToken)
    {
        if (!Local && await RootsAsync(cancellationToken).ConfigureAwait(false) is { } roots)
            return roots;
        return await MutualTlsAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<HopFinding?> RootsAsync(CancellationToken cancellationToken)
    {
        var here = await facts.TrustAsync(Source, cancellationToken).ConfigureAwait(false);
        var there = await facts.TrustAsync(target, cancellationToken).ConfigureAwait(false);
        if (here is null || there is null)
            return null;
        var broken = TrustCheck.Check([here, there], new TrustCheckOptions { Namespace = _options.ControlPlaneNamespace })
            .FirstOrDefault(result => result.Severity == CheckSeverity.Error && s_breaking.Contains(result.Id, StringComparer.Ordinal));
        return broken is null ? null : new HopFinding(ConnectivityHop.Trust, $"{broken.Id}: {broken.Cluster.Name}: {broken.Message}", broken.Fix);
    }

    private async Task<HopFinding?> MutualTlsAsync(CancellationToken cancellationToken)
    {
        if (_there.ReadyPods.FirstOrDefault() is not { } pod)
            return null;
        var here = await facts.RulesAsync(Source, cancellationToken).ConfigureAwait(false);
        var there = await facts.RulesAsync(target, cancellationToken).ConfigureAwait(false);
        var served = there.PeerMode(pod, TargetPort(), _options.ControlPlaneNamespace);
        var believed = here.PeerMode(pod, TargetPort(), _options.ControlPlaneNamespace);
        if (served.Mode is "STRICT" && calls.Client is { Injected: false } bare)
        {
            return new HopFinding(
                ConnectivityHop.Trust, $"PeerAuthentication {served.Policy} of {target.Name} takes mutual TLS only, and pod {bare.Namespace}/{bare.Name} has no proxy to speak it",
                $"Get-MeshCluster {Source.Name} | Enable-SidecarInjection -Namespace {bare.Namespace}");
        }

        if (here.TlsMode(_options.Port) is { } rule && rule.Mode is not "ISTIO_MUTUAL" && (served.Mode is "STRICT" || !await IsDirectAsync(cancellationToken).ConfigureAwait(false)))
        {
            return new HopFinding(
                ConnectivityHop.Trust, $"DestinationRule {rule.Rule} of {Source.Name} calls with TLS mode {rule.Mode}, and {target.Name} takes {(served.Mode is "STRICT" ? "mutual TLS only" : "calls of other networks with mutual TLS only")}",
                $"Set trafficPolicy.tls.mode of DestinationRule {rule.Rule} to ISTIO_MUTUAL, or leave it out.");
        }

        // Each side goes by the policies of its own cluster: one that turns mutual TLS off must do so in both, and between networks in none.
        var off = served.Mode is "DISABLE" && (Local || believed.Mode is not "DISABLE" || !await IsDirectAsync(cancellationToken).ConfigureAwait(false)) ? (served.Policy, Cluster: target)
            : believed.Mode is "DISABLE" && !Local && (served.Mode is "STRICT" || !await IsDirectAsync(cancellationToken).ConfigureAwait(false)) ? (believed.Policy, Cluster: Source)
            : default;
        return off.Policy is null || (Local && served.Mode.Same(believed.Mode))
            ? null
            : new HopFinding(
                ConnectivityHop.Trust, $"PeerAuthentication {off.Policy} of {off.Cluster.Name} turns mutual TLS off for {Service}, which calls between the clusters need",
                $"Set mtls.mode of PeerAuthentication {off.Policy} in {off.Cluster.Name} to STRICT or PERMISSIVE, as in the other clusters.");
    }
}
