using System.Globalization;

namespace MeshTools.Reports;

internal sealed record ReportTable(string Anchor, string Title, IReadOnlyList<string> Columns, IReadOnlyList<ReportRow> Rows);

/// <summary>One row; a cell for each column.</summary>
internal sealed record ReportRow(ReportState State, IReadOnlyList<string> Cells)
{
    /// <summary>A page that explains it.</summary>
    internal string Page { get; init; } = "";
}

/// <summary>Who does what with whom: rows are sources, columns targets; <see langword="null"/> where there is nothing to say.</summary>
internal sealed record ReportMatrix(string Anchor, string Title, string Corner, IReadOnlyList<ReportCluster> Clusters, Func<int, int, ReportCell?> Cell);

internal sealed record ReportCell(ReportState State, string Text, string Details);

/// <summary>The tables of a report, the same in every form. Columns that say nothing are left out.</summary>
internal static class ReportTables
{
    internal static IReadOnlyList<ReportTable> Of(MeshReport report) =>
    [
        .. Table("errors", "Errors", ["Cluster", "Error", "Message", "What to do"], report.Errors.Select(error =>
            new ReportRow(ReportState.Broken, [report.NameOf(error.Cluster), error.Id, error.Message, error.Fix]))),
        .. Table("checks", "Checks", ["Check", "Cluster", "Peer", "Object", "Finding", "Evidence", "What to do"], report.Checks.Select(check =>
            new ReportRow(check.State, [check.Id, report.NameOf(check.Cluster), report.NameOf(check.Peer), check.Object, check.Message, check.Evidence, check.Fix]) { Page = check.Page })),
        .. Table("calls", "Calls between clusters", ["Source", "Target", "Answered", "Of calls", "Versions", "p50", "p95", "Failed calls", "Failing hop", "Reason", "What to do"], report.Calls
            .OrderByDescending(call => call.State).Select(call => new ReportRow(call.State,
            [
                report.NameOf(call.From), report.NameOf(call.To), Number(call.Succeeded), Number(call.Calls), call.Versions,
                ReportText.Milliseconds(call.P50), ReportText.Milliseconds(call.P95), call.Failures, call.Hop, call.Reason, call.Fix,
            ]))),
        .. Table("links", "Endpoint discovery", ["Reader", "Target", "Change", "Sync", "Replicas", "Remote secret", "Server", "Reason"], report.Links
            .OrderByDescending(link => link.State).Select(link =>
                new ReportRow(link.State, [report.NameOf(link.From), report.NameOf(link.To), link.Change, link.Sync, link.Replicas, link.Secret, link.Server, link.Reason]))),
        .. Table("gateways", "East-west gateways", ["Cluster", "Gateway", "Network", "Form", "Revision", "Addresses", "Ports", "Change", "Problems"], report.Gateways.Select(gateway =>
            new ReportRow(gateway.State,
                [report.NameOf(gateway.Cluster), gateway.Name, gateway.Network, gateway.Form, gateway.Revision, gateway.Addresses, gateway.Ports, gateway.Change, gateway.Problems]))),
        .. Table("certificates", "Certificates", ["Cluster", "Role", "Authority", "Subject", "Issuer", "Ends", "Days left", "Source", "Fingerprint", "Problems"], report.Certificates.Select(certificate =>
            new ReportRow(certificate.State,
            [
                report.NameOf(certificate.Cluster), certificate.Role, certificate.Authority, certificate.Subject, certificate.Issuer,
                certificate.NotAfter?.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "", certificate.DaysLeft is { } days ? Number(days) : "",
                certificate.Source, certificate.Fingerprint, certificate.Problems,
            ]))),
        .. Table("clusters", "Clusters", ["Cluster", "Network", "Platform", "Kubernetes", "Revision", "Cluster ID", "Mesh ID", "Trust domain", "Server"], report.Clusters.Select(cluster =>
            new ReportRow(cluster.State,
            [
                cluster.Name, cluster.Network, cluster.Platform, cluster.KubernetesVersion, cluster.Revision, cluster.ClusterId, cluster.MeshId, cluster.TrustDomain, cluster.Server,
            ]))),
        .. Table("others", "Other results", ["Cluster", "Result", "Properties"], report.Others.Select(other =>
            new ReportRow(ReportState.Good, [report.NameOf(other.Cluster), other.Kind, other.Text]))),
    ];

    internal static IReadOnlyList<ReportMatrix> Matrices(MeshReport report)
    {
        var calls = report.Calls.ToLookup(call => (call.From, call.To));
        var links = report.Links.ToLookup(link => (link.From, link.To));
        return
        [
            .. Matrix(report, "connectivity", "Who answers whom", "calls ↓ answers →", report.Calls.SelectMany(call => (int[])[call.From, call.To]), (from, to) =>
                calls[(from, to)].Select(call => new ReportCell(
                    call.State, $"{Number(call.Succeeded)}/{Number(call.Calls)}", string.Join("; ", new[] { ReportText.Milliseconds(call.P50), call.Versions, call.Reason }.Where(text => text.Length > 0)))).FirstOrDefault()),
            .. Matrix(report, "discovery", "Who reads whom", "reads ↓ is read →", report.Links.SelectMany(link => (int[])[link.From, link.To]), (from, to) =>
                links[(from, to)].Select(link => new ReportCell(link.State, link.Sync.Length > 0 ? link.Sync : link.Change.Length > 0 ? link.Change : "none", link.Reason)).FirstOrDefault()),
        ];
    }

    private static IEnumerable<ReportMatrix> Matrix(MeshReport report, string anchor, string title, string corner, IEnumerable<int> numbers, Func<int, int, ReportCell?> cell)
    {
        ReportCluster[] clusters = [.. numbers.Distinct().Order().Select(number => report.Clusters[number])];
        return clusters.Length == 0 ? [] : [new ReportMatrix(anchor, title, corner, clusters, cell)];
    }

    private static IEnumerable<ReportTable> Table(string anchor, string title, string[] columns, IEnumerable<ReportRow> rows)
    {
        ReportRow[] all = [.. rows];
        if (all.Length == 0)
            return [];
        int[] said = [.. Enumerable.Range(0, columns.Length).Where(column => Array.Exists(all, row => row.Cells[column].Length > 0))];
        return [new ReportTable(anchor, title, [.. said.Select(column => columns[column])], [.. all.Select(row => row with { Cells = [.. said.Select(column => row.Cells[column])] })])];
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
