using MeshTools.Clusters;
using MeshTools.Discovery;
using MeshTools.Kubernetes;

namespace MeshTools.Verify;

/// <summary>Looks for the place where calls of one cluster to another fail, in the order in which a call depends on them. Only reads, and tries ports.</summary>
/// <param name="facts">What is known of the clusters.</param>
/// <param name="calls">The calls of the source.</param>
/// <param name="target">The cluster that should have answered.</param>
internal sealed partial class HopSearch(MeshFacts facts, SourceCalls calls, MeshCluster target)
{
    private readonly ConnectivityOptions _options = facts.Options;
    private readonly ServiceView _there = facts.ViewOf(target);
    private readonly ServiceView _here = facts.ViewOf(calls.Source);

    private MeshCluster Source => calls.Source;

    private bool Local => Source.Entry() == target.Entry();

    private string Service => $"{_options.Namespace}/{_options.Service}";

    private string Both => Local ? $"Get-MeshCluster {Source.Name}" : $"Get-MeshCluster {Source.Name}, {target.Name}";

    private bool IsSample => _options.Service is "helloworld" && _options.Namespace is "sample";

    /// <summary>Looks.</summary>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The first place that is not as it should be; <see langword="null"/> when all are.</returns>
    internal async Task<HopFinding?> RunAsync(CancellationToken cancellationToken) =>
        Client()
        ?? await LinkAsync(cancellationToken).ConfigureAwait(false)
        ?? await EndpointsAsync(cancellationToken).ConfigureAwait(false)
        ?? await NetworkAsync(cancellationToken).ConfigureAwait(false)
        ?? await TrustAsync(cancellationToken).ConfigureAwait(false)
        ?? Application();

    private HopFinding? Client()
    {
        if (calls.ClientProblem is { } problem)
            return new HopFinding(ConnectivityHop.Client, problem, calls.ClientFix);
        if (Local || calls.Client is not { Injected: false } client)
            return null;
        return new HopFinding(
            ConnectivityHop.Client,
            $"pod {client.Namespace}/{client.Name} has no proxy: without one, only endpoints of its own cluster are called",
            $"Get-MeshCluster {Source.Name} | Enable-SidecarInjection -Namespace {client.Namespace}; Get-MeshCluster {Source.Name} | Restart-MeshWorkload -Namespace {client.Namespace}");
    }

    private async Task<HopFinding?> LinkAsync(CancellationToken cancellationToken)
    {
        // Without a control plane of its own, a cluster is served by that of a primary, whose links count.
        if (Local || Source.Revisions.Count == 0 || await facts.LinkAsync(Source, target, cancellationToken).ConfigureAwait(false) is not { } link)
            return null;
        if (link.SecretName is null)
            return new HopFinding(ConnectivityHop.Link, $"istiod of {Source.Name} has no remote secret for {target.Name}", $"{Both} | Enable-EndpointDiscovery -Wait");
        return link.SyncStatus is null or EndpointDiscoveryLink.Synced or EndpointDiscoveryLink.Unknown
            ? null
            : new HopFinding(ConnectivityHop.Link, $"istiod of {Source.Name} does not read {target.Name}: {link.Reason ?? link.SyncStatus}", $"{Both} | Enable-EndpointDiscovery -Wait");
    }

    private async Task<HopFinding?> EndpointsAsync(CancellationToken cancellationToken)
    {
        var install = IsSample ? $"{Both} | Install-MeshSample" : $"Create Service {Service} with port {_options.Port} in every cluster that calls it or answers.";
        if (_here.Service is null)
            return new HopFinding(ConnectivityHop.Endpoints, $"Service {Service} is not in {Source.Name}, so its name is not known there", install);
        foreach (var view in new[] { _here, _there })
        {
            if (view.Offers(_options.Port))
                continue;
            // Where neither side has the port, it is the question that is wrong, not the Services.
            var fix = !_here.Offers(_options.Port) && !_there.Offers(_options.Port) && view.Ports.Any() ? $"Name a port that the Service has: -Port {view.Ports.First()}" : install;
            return new HopFinding(ConnectivityHop.Endpoints, $"Service {Service} in {view.Cluster.Name} has no port {_options.Port}; it has {string.Join(", ", view.Ports)}", fix);
        }

        if (!_there.ReadyPods.Any())
        {
            var pod = _there.Pods[0];
            return new HopFinding(
                ConnectivityHop.Endpoints,
                $"no pod of Service {Service} is ready in {target.Name}: {pod.Name}: {ClientPod.WhyNotReady(pod)}",
                IsSample ? $"Get-MeshCluster {target.Name} | Restart-MeshWorkload -Namespace {_options.Namespace} -Wait" : $"kubectl --context {target.Context} -n {_options.Namespace} describe pod {pod.Name}");
        }

        if (Local || await IsDirectAsync(cancellationToken).ConfigureAwait(false))
            return null;
        // Endpoints of another network that cannot be called with mutual TLS are left out, without a word.
        return _there.ReadyPods.FirstOrDefault(pod => !ClientPod.IsInjected(pod)) is { } bare
            ? new HopFinding(
                ConnectivityHop.Endpoints,
                $"pod {bare.Namespace}/{bare.Name} in {target.Name} has no proxy, and clusters of other networks call only what has one",
                $"Get-MeshCluster {target.Name} | Enable-SidecarInjection -Namespace {_options.Namespace}; Get-MeshCluster {target.Name} | Restart-MeshWorkload -Namespace {_options.Namespace}")
            : null;
    }

    /// <summary>What the failed calls themselves say, when nothing else shows a fault.</summary>
    private HopFinding? Application()
    {
        var failed = calls.Outcomes.Where(call => !call.Succeeded).ToArray();
        if (failed.Length == 0)
            return null;
        var most = failed.GroupBy(call => call.Failure, StringComparer.Ordinal).OrderByDescending(group => group.Count()).First();
        var count = FormattableString.Invariant($"{most.Count()} of {calls.Outcomes.Count} calls ended with {most.Key}");
        if (most.First() is { Status: not 0, FromWorkload: false } own && EnvoyReply.Read(own.Status, own.Body) is { Hop: not ConnectivityHop.Application } reply)
        {
            return new HopFinding(reply.Hop, count, reply.Hop is ConnectivityHop.Trust
                ? $"Get-MeshCluster {target.Name} | Restart-MeshWorkload -Namespace {_options.Namespace}; proxies take new certificates when they start"
                : $"istioctl --context {Source.Context} proxy-config endpoints {calls.Client?.Name}.{calls.Client?.Namespace}");
        }

        var path = most.First().Status == 404 ? "Name a path that the Service serves with -Path, or see what its pods say: " : "";
        return new HopFinding(
            ConnectivityHop.Application, most.First().Status == 0 ? count : $"the workload answers wrongly: {count} to {_options.Path}",
            $"{path}kubectl --context {target.Context} -n {_options.Namespace} logs -l {string.Join(',', JsonAccess.ToStringMap(_there.Service?.Find("spec", "selector")).Select(pair => $"{pair.Key}={pair.Value}"))}");
    }
}
