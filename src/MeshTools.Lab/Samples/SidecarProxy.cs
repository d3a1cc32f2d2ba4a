using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace MeshTools.Lab;

/// <summary>
/// The outbound side of the sidecars of one cluster: which endpoints a proxy is given, by network and mTLS (istio pilot/pkg/xds/endpoints
/// ep_filters.go), and what Envoy makes of each. Endpoints take turns; a failed one is not tried again elsewhere, so that it is seen.
/// </summary>
internal sealed class SidecarProxy(LabCluster cluster, LabFabric fabric)
{
    private const string Failed = "upstream connect error or disconnect/reset before headers. reset reason: ";

    private readonly ProxyViews views = new(cluster, fabric);
    private readonly ConcurrentDictionary<string, int> turns = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, AccessLog> logs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ProxyAdministration> administrations = new(StringComparer.Ordinal);

    /// <summary>The access log of a pod's proxy.</summary>
    public AccessLog Log(string podUid) => logs.GetOrAdd(podUid, _ => new AccessLog(cluster.Store.Clock));

    /// <summary>Forgets a pod that is gone.</summary>
    public void Stop(string podUid)
    {
        logs.TryRemove(podUid, out _);
        administrations.TryRemove(podUid, out _);
    }

    /// <summary>The answer of a proxy's administration.</summary>
    public HttpPortAnswer Administer(StoredObject client, string target)
    {
        if (target is not "/clusters?format=json")
        {
            return HttpPort.Text(404, "invalid path. admin commands are:\n  /clusters: upstream cluster status\n");
        }

        var view = views.Of(client);
        var clusters = view.Clusters.SelectMany(known => known.Cluster.Store.List("", "services").Items.Where(service => service.Json.Text("spec", "type") is not "ExternalName"))
            .SelectMany(service => service.Json.Objects("spec", "ports").Select(port => (Name: new ServiceName(service.Key.Name, service.Key.Namespace!), Port: (int)port.Number(0, "port"))))
            .Distinct()
            .Select(item => (ClusterName(item.Name, item.Port), (IReadOnlyList<ProxyEndpoint>)[.. AllTargets(view, client, item.Name, item.Port)
                .Select(found => new ProxyEndpoint(found.Gateway?.Address ?? found.Endpoint.Address, found.Gateway?.Port ?? found.Endpoint.Port, found.Priority))]));
        return new HttpPortAnswer(200, "application/json", Administration(client).Clusters(clusters));
    }

    private ProxyAdministration Administration(StoredObject client) => administrations.GetOrAdd(client.Uid, _ => new ProxyAdministration());

    private static string ClusterName(ServiceName service, int port) => $"outbound|{port.ToString(CultureInfo.InvariantCulture)}||{service.Host}";

    /// <summary>Calls a Service for a pod.</summary>
    public async Task<CallResult> CallAsync(StoredObject client, ServiceName service, Call call, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var view = views.Of(client);
        var targets = Targets(view, client, service, call.Port);
        var (result, flags, upstream) = targets.Count == 0
            ? (Local("no healthy upstream"), "UH", null)
            : await SendAsync(view, client, targets[Turn(client, service, call.Port, targets.Count)], service, call, cancellationToken).ConfigureAwait(false);
        Log(client.Uid).Write(call, result, flags, upstream, ClusterName(service, call.Port), Elapsed(start));
        Count(client, ClusterName(service, call.Port), upstream, flags, result.Status);
        return result;
    }

    private void Count(StoredObject client, string name, string? upstream, string flags, int status)
    {
        if (upstream?.LastIndexOf(':') is not { } colon || !int.TryParse(upstream.AsSpan(colon + 1), CultureInfo.InvariantCulture, out var port))
        {
            return;
        }

        var statistics = Administration(client).At(name, upstream[..colon], port);
        Interlocked.Increment(ref status < 500 ? ref statistics.Success : ref statistics.Error);
        if (flags is "UF")
        {
            Interlocked.Increment(ref statistics.ConnectFailure);
        }
    }

    private static long Elapsed(long start) => (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds;

    private int Turn(StoredObject client, ServiceName service, int port, int count) =>
        (turns.AddOrUpdate($"{client.Uid}/{service.Host}/{port.ToString(CultureInfo.InvariantCulture)}", 0, (_, turn) => turn + 1) & int.MaxValue) % count;

    /// <summary>The endpoints that a proxy calls: those of the first priority.</summary>
    private List<(Endpoint Endpoint, NetworkGateway? Gateway)> Targets(ProxyView view, StoredObject client, ServiceName service, int port)
    {
        var all = AllTargets(view, client, service, port);
        var first = all.Count == 0 ? 0 : all.Min(target => target.Priority);
        return [.. all.Where(target => target.Priority == first).Select(target => (target.Endpoint, target.Gateway))];
    }

    /// <summary>The endpoints that a proxy is given, with the gateway to go through where there is one.</summary>
    private List<(Endpoint Endpoint, NetworkGateway? Gateway, int Priority)> AllTargets(ProxyView view, StoredObject client, ServiceName service, int port)
    {
        var isLocal = LocalityRules.InForce(cluster, client, service, view.Mesh);
        var network = Endpoint.NetworkOf(cluster, client);
        var targets = new List<(Endpoint, NetworkGateway?, int)>();
        var endpoints = view.Clusters.OrderBy(known => known.Cluster.Index)
            .SelectMany(known => Endpoint.Of(known.Cluster, known.Id, service, port).OrderBy(endpoint => endpoint.Address, StringComparer.Ordinal));
        foreach (var endpoint in endpoints)
        {
            var gateways = Gateways(view, endpoint);
            var priority = LocalityRules.Priority(cluster, endpoint.Cluster, isLocal);
            if (network.Length == 0 || endpoint.Network.Length == 0 || gateways.Count == 0 ||
                string.Equals(network, endpoint.Network, StringComparison.Ordinal))
            {
                // In the same network, or as good as: also when nobody knows a way into the other one.
                targets.Add((endpoint, null, priority));
            }
            else if (UsesTls(endpoint))
            {
                targets.Add((endpoint, gateways[targets.Count % gateways.Count], priority));
            }
        }

        return targets;
    }

    /// <summary>Those of the endpoint's own cluster, else of its network.</summary>
    private static List<NetworkGateway> Gateways(ProxyView view, Endpoint endpoint)
    {
        // A sidecar passes mTLS through; HBONE alone is of no use to it.
        var all = view.Gateways.Where(gateway => gateway.Port > 0 && string.Equals(gateway.Network, endpoint.Network, StringComparison.Ordinal)).ToList();
        var own = all.FindAll(gateway => string.Equals(gateway.Cluster, endpoint.ClusterId, StringComparison.Ordinal));
        return own.Count > 0 ? own : all;
    }

    /// <summary>Automatic mTLS: by the endpoint's label and the policies of the proxy's own cluster, the only ones its istiod reads.</summary>
    private bool UsesTls(Endpoint endpoint) =>
        endpoint.Pod.Json.Label(SidecarInjector.TlsModeLabel) is "istio" && PeerPolicies.Mode(cluster.Store, endpoint.Pod, endpoint.Port) is not "DISABLE";

    private async Task<(CallResult Result, string Flags, string? Upstream)> SendAsync(
        ProxyView view,
        StoredObject client,
        (Endpoint Endpoint, NetworkGateway? Gateway) target,
        ServiceName service,
        Call call,
        CancellationToken cancellationToken)
    {
        var (endpoint, gateway) = target;
        var upstream = gateway is null
            ? string.Create(CultureInfo.InvariantCulture, $"{endpoint.Address}:{endpoint.Port}")
            : string.Create(CultureInfo.InvariantCulture, $"{gateway.Address}:{gateway.Port}");
        var passage = GatewayServer.Passage.Open;
        if (gateway is not null)
        {
            (passage, var at) = GatewayServer.Enter(cluster, fabric, gateway.Address, gateway.Port, service.Host);
            if (passage is GatewayServer.Passage.Open && !LabFabric.Reaches(at!, endpoint.Cluster))
            {
                passage = GatewayServer.Passage.Closed;
            }
        }
        else if (!LabFabric.Reaches(cluster, endpoint.Cluster))
        {
            passage = GatewayServer.Passage.Nowhere;
        }

        switch (passage)
        {
            case GatewayServer.Passage.Nowhere:
                await Task.Delay(cluster.Options.ConnectTimeout, cluster.Store.Clock, cancellationToken).ConfigureAwait(false);
                return (Local(Failed + "connection timeout"), "UF", upstream);
            case GatewayServer.Passage.Refused:
                return (Refused(), "UF", upstream);
            case GatewayServer.Passage.Closed:
                return (Local(Failed + "connection termination"), "UC", upstream);
            default:
                break;
        }

        if (TlsProblem(view, client, endpoint) is { } problem)
        {
            return (Local(Failed + problem), "UF", upstream);
        }

        if (endpoint.Cluster.Programs.Find(endpoint.Pod.Uid)?.Ports.GetValueOrDefault(endpoint.Port) is not { } handler)
        {
            return (Refused(), "UF", upstream);
        }

        var start = Stopwatch.GetTimestamp();
        var answer = await PodHttp.SendAsync(handler, call, cancellationToken).ConfigureAwait(false);
        if (answer.End is not CallEnd.Answered)
        {
            return (Local(Failed + "connection termination"), "UC", upstream);
        }

        return (Proxied(answer, "envoy", Elapsed(start)), "-", upstream);
    }

    /// <summary>An answer as a proxy passes it on.</summary>
    public static CallResult Proxied(CallResult answer, string server, long milliseconds) => answer with
    {
        Headers =
        [
            .. answer.Headers.Select(header => (header.Name.ToLowerInvariant(), header.Value)).Where(header => header.Item1 is not "server"),
            ("x-envoy-upstream-service-time", milliseconds.ToString(CultureInfo.InvariantCulture)),
            ("server", server),
        ],
    };

    /// <summary>What goes wrong between two proxies; null for nothing. Each side checks the other with what it got when its certificate was issued.</summary>
    private string? TlsProblem(ProxyView view, StoredObject client, Endpoint endpoint)
    {
        var served = PeerPolicies.Mode(endpoint.Cluster.Store, endpoint.Pod, endpoint.Port);
        var isInjected = endpoint.Cluster.Certificates.Find(endpoint.Pod) is not null;
        if (!UsesTls(endpoint))
        {
            return isInjected && served is "STRICT" ? "connection termination" : null;
        }

        if (endpoint.Cluster.Certificates.Find(endpoint.Pod) is not { } theirs || served is "DISABLE")
        {
            return Tls("268435703", "WRONG_VERSION_NUMBER");
        }

        var now = cluster.Store.Clock.GetUtcNow();
        if (cluster.Certificates.Find(client) is not { } ours || !ours.Trusts(theirs, now) || !view.TrustDomains.Contains(theirs.TrustDomain, StringComparer.Ordinal))
        {
            return Tls("268435581", "CERTIFICATE_VERIFY_FAILED");
        }

        if (!theirs.Trusts(ours, now))
        {
            return Tls("268436504", "TLSV1_ALERT_UNKNOWN_CA");
        }

        var accepted = endpoint.Cluster.Proxy.views.Of(endpoint.Pod).TrustDomains;
        return accepted.Count == 0 || accepted.Contains(ours.TrustDomain, StringComparer.Ordinal) ? null : Tls("268436502", "SSLV3_ALERT_CERTIFICATE_UNKNOWN");
    }

    private static string Tls(string code, string reason) =>
        $"remote connection failure, transport failure reason: TLS_error:|{code}:SSL routines:OPENSSL_internal:{reason}:TLS_error_end";

    private static CallResult Refused() =>
        Local(Failed + "remote connection failure, transport failure reason: delayed connect error: Connection refused");

    /// <summary>An answer that Envoy gives by itself.</summary>
    private static CallResult Local(string body) => new(CallEnd.Answered)
    {
        Status = 503,
        Body = body,
        Headers =
        [
            ("content-length", body.Length.ToString(CultureInfo.InvariantCulture)), ("content-type", "text/plain"),
            ("date", DateTimeOffset.UtcNow.ToString("R", CultureInfo.InvariantCulture)), ("server", "envoy"),
        ],
    };
}
