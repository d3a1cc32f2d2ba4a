using System.Globalization;
using MeshTools.Clusters;
using MeshTools.Discovery;
using MeshTools.Gateways;
using MeshTools.Operations;
using MeshTools.Trust;
using MeshTools.Verify;

namespace MeshTools.Reports;

/// <summary>Reads results into a report's entries.</summary>
internal sealed class ReportReading
{
    private readonly ReportOptions _options;
    private readonly ReportClusters _clusters;

    internal ReportReading(IReadOnlyList<object> results, ReportOptions options)
    {
        _options = options;
        results = [.. results.SelectMany(result => result is MeshConnectivity mesh ? mesh.Results : (IEnumerable<object>)[result])];
        var links = Last(results.OfType<EndpointDiscoveryLink>(), link => (link.Reader.Entry(), link.Target?.Entry(), link.ClusterId));
        var calls = Last(results.OfType<ConnectivityResult>(), result => (result.Source.Entry(), result.Target.Entry()));
        _clusters = new ReportClusters(
            [.. results.SelectMany(ResultProperties.ClustersOf)],
            links.Where(link => link.Target is null).Select(link => link.ClusterId),
            Text);
        Links = [.. links.Select(Read).OrderBy(link => link.From).ThenBy(link => link.To)];
        var failing = calls.Where(call => !call.Passed).Select(call => call.Source.Entry()).ToHashSet();
        Calls = [.. calls.Select(call => Read(call, failing.Contains(call.Source.Entry()))).OrderBy(call => call.From).ThenBy(call => call.To)];
        Checks = [.. results.OfType<CheckResult>().Select(Read).Distinct().OrderByDescending(check => check.State).ThenBy(check => check.Id, StringComparer.Ordinal).ThenBy(check => check.Cluster)];
        Gateways = [.. Last(results.OfType<EastWestGateway>(), gateway => (gateway.Cluster.Entry(), gateway.Namespace, gateway.Name)).Select(Read).OrderBy(gateway => gateway.Cluster).ThenBy(gateway => gateway.Name, StringComparer.Ordinal)];
        Certificates =
        [
            .. results.OfType<InstalledCertificate>().Select(Read)
                .Concat(results.OfType<MeshCertificate>().Select(certificate => Read(certificate, "", "")))
                .Distinct().OrderBy(certificate => certificate.Cluster ?? -1).ThenBy(certificate => certificate.Role, StringComparer.Ordinal).ThenBy(certificate => certificate.Subject, StringComparer.Ordinal),
        ];
        // The error of a pair that is here itself says nothing new.
        Errors = [.. results.OfType<ReportedError>().Where(error => !IsPair(error.Target, calls, links)).Select(Read).Distinct()];
        Others = [.. results.Where(IsOther).Select(Describe).OrderBy(other => other.Kind, StringComparer.Ordinal).ThenBy(other => other.Cluster ?? -1)];
    }

    internal IReadOnlyList<ReportCluster> Clusters => _clusters.All;

    internal IReadOnlyList<ReportLink> Links { get; }

    internal IReadOnlyList<ReportCalls> Calls { get; }

    internal IReadOnlyList<ReportCheck> Checks { get; }

    internal IReadOnlyList<ReportGateway> Gateways { get; }

    internal IReadOnlyList<ReportCertificate> Certificates { get; }

    internal IReadOnlyList<ReportError> Errors { get; }

    internal IReadOnlyList<ReportOther> Others { get; }

    internal string Text(string? text) => string.IsNullOrEmpty(text) ? "" : ReportText.Clean(_options.Redact(text));

    private static bool IsOther(object result) =>
        result is not (EndpointDiscoveryLink or ConnectivityResult or CheckResult or EastWestGateway or InstalledCertificate or MeshCertificate or ReportedError or MeshCluster);

    private static bool IsPair(object? target, List<ConnectivityResult> calls, List<EndpointDiscoveryLink> links) => target switch
    {
        ConnectivityResult pair => calls.Exists(call => !call.Passed && call.Source.Entry() == pair.Source.Entry() && call.Target.Entry() == pair.Target.Entry()),
        EndpointDiscoveryLink pair => links.Exists(link => link.Reason is not null && link.Reader.Entry() == pair.Reader.Entry() && link.Target?.Entry() == pair.Target?.Entry()),
        _ => false,
    };

    private static List<T> Last<T, TKey>(IEnumerable<T> results, Func<T, TKey> key) => [.. results.Reverse().DistinctBy(key).Reverse()];

    private ReportLink Read(EndpointDiscoveryLink link)
    {
        var state = ReportStates.Of(link);
        return new ReportLink(_clusters.NumberOf(link.Reader), link.Target is { } target ? _clusters.NumberOf(target) : _clusters.NumberOf(link.ClusterId), state)
        {
            Change = link.Change?.ToString() ?? "",
            IsRemoved = link.Change == ChangeOutcome.Removed,
            Sync = Text(link.SyncStatus),
            Replicas = Text(string.Join(", ", link.Replicas)),
            Secret = Text(link.SecretName),
            Server = Text(link.Server),
            Reason = Text(link.Reason ?? (state is ReportState.Warning or ReportState.Broken ? $"the control plane of {link.Reader.Name} says: {link.SyncStatus}" : null)),
            Fix = Text(ReportStates.FixOf(link, state)),
        };
    }

    private ReportCalls Read(ConnectivityResult result, bool explained) => new(_clusters.NumberOf(result.Source), _clusters.NumberOf(result.Target), ReportStates.Of(result, explained))
    {
        Calls = result.Calls,
        Succeeded = result.Succeeded,
        Versions = Text(Pairs(result.Versions)),
        Failures = Text(Pairs(result.Failures)),
        P50 = result.P50,
        P95 = result.P95,
        Hop = result.FailingHop == ConnectivityHop.None ? "" : result.FailingHop.ToString(),
        Reason = Text(result.Reason ?? (!result.Passed ? $"{result.Target.Name} answered none of the calls of {result.Source.Name}"
            : result.Failures.Count > 0 && !explained ? $"some calls of {result.Source.Name} failed: {Pairs(result.Failures)}" : null)),
        Fix = Text(result.Fix),
    };

    private ReportCheck Read(CheckResult check) => new(Text(check.Id), ReportStates.Of(check), _clusters.NumberOf(check.Cluster), Text(check.Message))
    {
        Peer = check.Peer is { } peer ? _clusters.NumberOf(peer) : null,
        Object = Text(check.Object?.ToString()),
        Evidence = Text(check.Evidence),
        Fix = Text(check.Fix),
        // Anything else would be a link that runs.
        Page = check.DocUri is { IsAbsoluteUri: true, Scheme: "https" or "http" } page ? ReportText.Clean(page.AbsoluteUri) : "",
    };

    private ReportGateway Read(EastWestGateway gateway) => new(_clusters.NumberOf(gateway.Cluster), Text($"{gateway.Namespace}/{gateway.Name}"), ReportStates.Of(gateway))
    {
        IsRemoved = gateway.Change == ChangeOutcome.Removed,
        Network = Text(gateway.Network),
        Form = gateway.Form.ToString(),
        Revision = Text(gateway.Revision),
        Addresses = Text(string.Join(", ", gateway.Addresses)),
        Ports = Text(string.Join(", ", gateway.Ports)),
        Change = gateway.Change?.ToString() ?? "",
        Problems = Text(gateway.Problems.Count > 0 ? string.Join(" ", gateway.Problems)
            : gateway.Ready || gateway.Change is ChangeOutcome.Removed ? null : gateway.Addresses.Count == 0 ? "It has no address yet." : "It is not ready."),
    };

    private ReportCertificate Read(InstalledCertificate installed)
    {
        var cluster = _clusters.NumberOf(installed.Cluster);
        return installed.Certificate is { } certificate
            ? Read(certificate, installed.Role.ToString(), installed.Authority.ToString(), installed.Problems) with { Cluster = cluster, Source = Text(installed.Source) }
            : new ReportCertificate(cluster, "", installed.Problems.Count > 0 ? ReportState.Broken : ReportState.Good)
            {
                Role = installed.Role.ToString(),
                Authority = installed.Authority.ToString(),
                Source = Text(installed.Source),
                Problems = Text(string.Join(" ", installed.Problems)),
            };
    }

    private ReportCertificate Read(MeshCertificate certificate, string role, string authority, IReadOnlyList<string>? problems = null)
    {
        var left = (int)Math.Floor((certificate.NotAfter - _options.Created).TotalDays);
        var ended = certificate.NotAfter <= _options.Created;
        var state = ended || problems is { Count: > 0 } ? ReportState.Broken : left < _options.WarnDays ? ReportState.Warning : ReportState.Good;
        IEnumerable<string> said = [.. problems ?? [], .. ended ? ["It has ended."] : state == ReportState.Warning ? [$"It ends in {ReportText.Count(left, "day")}."] : Array.Empty<string>()];
        return new ReportCertificate(certificate.Cluster is { } cluster ? _clusters.NumberOf(cluster) : null, Text(certificate.Subject), state)
        {
            Role = role.Length > 0 ? role : certificate.IsSelfSigned ? "Root" : "Intermediate",
            Authority = authority,
            Issuer = Text(certificate.Issuer),
            Fingerprint = certificate.Fingerprint,
            NotAfter = certificate.NotAfter,
            DaysLeft = left,
            Problems = Text(string.Join(" ", said)),
        };
    }

    private ReportError Read(ReportedError error) => new(
        Text(error.Id), error.Target is { } target && ResultProperties.ClustersOf(target) is [var first, ..] ? _clusters.NumberOf(first) : null, Text(error.Message), Text(error.RecommendedAction));

    private ReportOther Describe(object result) => new(
        result.GetType().Name, ResultProperties.ClustersOf(result) is [var first, ..] ? _clusters.NumberOf(first) : null, Text(ResultProperties.Describe(result)));

    private static string Pairs(IReadOnlyDictionary<string, int> counts) =>
        string.Join(", ", counts.OrderBy(pair => pair.Key, NaturalOrder.Comparer).Select(pair => $"{pair.Key}: {pair.Value.ToString(CultureInfo.InvariantCulture)}"));
}
