using System.Globalization;

namespace MeshTools.Reports;

/// <summary>The directions between clusters, with the worst of what links and calls say of each.</summary>
internal static class ReportPairs
{
    internal static IReadOnlyList<ReportPair> Of(MeshReport report)
    {
        var links = report.Links.Where(link => !link.IsRemoved).ToLookup(link => (link.From, link.To));
        var calls = report.Calls.ToLookup(call => (call.From, call.To));
        return
        [
            .. links.Select(group => group.Key).Union(calls.Select(group => group.Key)).Where(key => key.From != key.To).Order()
                .Select(key => Join(key.From, key.To, [.. links[key].Select(link => (link.State, link.Reason, link.Fix)), .. calls[key].Select(call => (call.State, call.Reason, call.Fix))])),
        ];
    }

    // A call that was answered says more than an istiod that was not asked.
    private static ReportPair Join(int from, int to, (ReportState State, string Reason, string Fix)[] said)
    {
        var state = said.Max(one => one.State);
        if (state == ReportState.Unknown && Array.Exists(said, one => one.State == ReportState.Good))
            state = ReportState.Good;
        var bad = said.Where(one => one.State == state && state != ReportState.Good).ToArray();
        return new ReportPair(from, to, state, Join(bad.Select(one => one.Reason), "; "), Join(bad.Select(one => one.Fix), " "));
    }

    private static string Join(IEnumerable<string> texts, string between) => string.Join(between, texts.Where(text => text.Length > 0).Distinct(StringComparer.Ordinal));
}

/// <summary>What deserves a look, the worst first.</summary>
internal static class ReportFindings
{
    private const int Named = 6;

    internal static IReadOnlyList<ReportFinding> Of(MeshReport report)
    {
        List<(ReportState State, string Where, string What, string Fix)> all =
        [
            .. report.Errors.Select(error => (ReportState.Broken, report.NameOf(error.Cluster), error.Message, error.Fix)),
            .. report.Pairs.Where(pair => IsFinding(pair) && !IsSaid(report, pair)).Select(pair => (pair.State, Arrow(report, pair.From, pair.To), pair.Reason, pair.Fix)),
            .. report.Calls.Where(IsOwn).Select(call => (call.State, report.NameOf(call.From), call.Reason, call.Fix)),
            .. report.Gateways.Where(gateway => gateway.State > ReportState.Good).Select(gateway => (gateway.State, report.NameOf(gateway.Cluster), $"Gateway {gateway.Name}: {gateway.Problems}", "")),
            .. report.Checks.Where(check => check.State > ReportState.Good).Select(check => (
                check.State, check.Peer is { } peer ? Arrow(report, check.Cluster, peer) : report.NameOf(check.Cluster), $"{check.Id}: {check.Message}", check.Fix)),
            .. report.Certificates.Where(certificate => certificate.State > ReportState.Good).Select(certificate => (
                certificate.State, report.NameOf(certificate.Cluster), $"{certificate.Role} {certificate.Subject}: {certificate.Problems}", "")),
        ];
        return
        [
            .. all.GroupBy(one => (one.State, one.What, one.Fix)).OrderByDescending(group => group.Key.State)
                .Select((group, i) => new ReportFinding(i + 1, group.Key.State, Places([.. group.Select(one => one.Where).Distinct(StringComparer.Ordinal)]), group.Key.What, group.Key.Fix)),
        ];
    }

    /// <summary>The finding that a pair belongs to, which is one that is not good and not unknown.</summary>
    internal static int NumberOf(MeshReport report, ReportPair pair) => report.Findings
        .First(finding => finding.State == pair.State && string.Equals(finding.What, pair.Reason, StringComparison.Ordinal) && string.Equals(finding.Fix, pair.Fix, StringComparison.Ordinal)).Number;

    internal static string Arrow(MeshReport report, int from, int to) => $"{report.NameOf(from)} → {report.NameOf(to)}";

    /// <summary>Whether calls within one cluster are not as they should be; it is no link, and yet wrong.</summary>
    internal static bool IsOwn(ReportCalls call) => call.From == call.To && call.State > ReportState.Unknown;

    private static bool IsFinding(ReportPair pair) => pair.State > ReportState.Unknown || (pair.State == ReportState.Unknown && pair.Reason.Length > 0);

    // Of a cluster that could not be asked, its error says all.
    private static bool IsSaid(MeshReport report, ReportPair pair) =>
        pair.State == ReportState.Unknown && report.Errors.Any(error => error.Cluster == pair.From && string.Equals(error.Message, pair.Reason, StringComparison.Ordinal));

    private static string Places(string[] places) => places.Length <= Named
        ? string.Join(", ", places)
        : string.Join(", ", places.Take(Named)) + string.Create(CultureInfo.InvariantCulture, $" and {places.Length - Named} more");
}

/// <summary>What came of it all, in a sentence.</summary>
internal static class ReportVerdict
{
    internal static string Of(MeshReport report)
    {
        var broken = report.Pairs.Count(pair => pair.State == ReportState.Broken);
        List<string> bad = [];
        if (broken > 0)
            bad.Add($"{broken.ToString(CultureInfo.InvariantCulture)} of {ReportText.Count(report.Pairs.Count, "link")} {(broken == 1 ? "is" : "are")} broken");
        Add(report.Calls.Count(call => ReportFindings.IsOwn(call) && call.State == ReportState.Broken), "cluster does not answer itself", "clusters do not answer themselves");
        Add(report.Checks.Count(check => check.State == ReportState.Broken), "check failed", "checks failed");
        Add(report.Gateways.Count(gateway => gateway.State == ReportState.Broken), "gateway is not ready", "gateways are not ready");
        Add(report.Certificates.Count(certificate => certificate.State == ReportState.Broken), "certificate cannot be used", "certificates cannot be used");
        Add(report.Errors.Count, "error", "errors");
        if (bad.Count > 0)
            return string.Join(", ", bad);
        if (report.State == ReportState.Good)
            return report.Clusters.Count == 0 && report.Certificates.Count == 0 && report.Others.Count == 0 ? "There is nothing to report" : "Nothing is wrong";
        return $"It works; {ReportText.Count(report.Findings.Count, "thing")} deserve{(report.Findings.Count == 1 ? "s" : "")} a look";

        void Add(int count, string one, string several)
        {
            if (count > 0)
                bad.Add($"{count.ToString(CultureInfo.InvariantCulture)} {(count == 1 ? one : several)}");
        }
    }
}
