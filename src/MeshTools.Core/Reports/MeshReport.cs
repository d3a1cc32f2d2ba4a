using MeshTools.Clusters;
using MeshTools.Verify;

namespace MeshTools.Reports;

/// <summary>
/// What commands found, put together for people and for pipelines: clusters, links, calls, checks, gateways, certificates and errors. Immutable. All texts in it are clean:
/// no character that a file format could not hold, and none that hides or turns others.
/// </summary>
public sealed class MeshReport
{
    internal MeshReport(ReportReading reading, ReportOptions options)
    {
        Title = reading.Text(options.Title);
        Created = options.Created.ToUniversalTime();
        Links = reading.Links;
        Calls = reading.Calls;
        Checks = reading.Checks;
        Gateways = reading.Gateways;
        Certificates = reading.Certificates;
        Errors = reading.Errors;
        Others = reading.Others;
        Clusters = [.. reading.Clusters.Select(cluster => cluster with { State = StateOf(cluster) })];
        Pairs = ReportPairs.Of(this);
        Findings = ReportFindings.Of(this);
        State = Findings.Count == 0 ? ReportState.Good : Findings.Max(finding => finding.State);
    }

    /// <summary>The heading.</summary>
    public string Title { get; }

    /// <summary>When it was made, in UTC.</summary>
    public DateTimeOffset Created { get; }

    /// <summary>The worst of all that is in it.</summary>
    public ReportState State { get; }

    /// <summary>What came of it, in a sentence.</summary>
    public string Verdict => ReportVerdict.Of(this);

    internal IReadOnlyList<ReportCluster> Clusters { get; }

    internal IReadOnlyList<ReportLink> Links { get; }

    internal IReadOnlyList<ReportCalls> Calls { get; }

    internal IReadOnlyList<ReportPair> Pairs { get; }

    internal IReadOnlyList<ReportCheck> Checks { get; }

    internal IReadOnlyList<ReportGateway> Gateways { get; }

    internal IReadOnlyList<ReportCertificate> Certificates { get; }

    internal IReadOnlyList<ReportError> Errors { get; }

    internal IReadOnlyList<ReportOther> Others { get; }

    internal IReadOnlyList<ReportFinding> Findings { get; }

    /// <summary>Whether a report has a place for an object: results of this module's commands, and <see cref="ReportedError"/>.</summary>
    /// <param name="result">The object.</param>
    /// <returns>Whether it can be given to <see cref="Create"/>.</returns>
    public static bool Takes(object? result) =>
        result is not null && result.GetType() is { IsPrimitive: false, IsEnum: false } type && type.Assembly.GetName().Name is { } assembly
        && assembly.StartsWith("MeshTools.", StringComparison.Ordinal);

    /// <summary>Makes a report.</summary>
    /// <param name="results">Results of commands. Of several about one link or one pair the last counts.</param>
    /// <param name="options">How.</param>
    /// <returns>The report.</returns>
    /// <exception cref="ArgumentException">A result is not one of this module's types (<see cref="Takes"/>).</exception>
    public static MeshReport Create(IEnumerable<object> results, ReportOptions options)
    {
        ArgumentNullException.ThrowIfNull(results);
        ArgumentNullException.ThrowIfNull(options);
        object[] all = [.. results];
        return Array.Find(all, result => !Takes(result)) is { } stranger
            ? throw new ArgumentException($"a report has no place for {stranger.GetType()}", nameof(results))
            : new MeshReport(new ReportReading([.. all.SelectMany(result => result is MeshConnectivity test ? Parts(test, all) : [result])], options), options);
    }

    /// <summary>The report in one of its forms.</summary>
    /// <param name="format">The form.</param>
    /// <returns>The text; lines end in a line feed.</returns>
    public string ToText(ReportFormat format) => format switch
    {
        ReportFormat.Html => HtmlReport.Write(this),
        ReportFormat.Markdown => MarkdownReport.Write(this),
        ReportFormat.JUnit => JUnitReport.Write(this),
        _ => throw new ArgumentOutOfRangeException(nameof(format)),
    };

    internal string NameOf(int? cluster) => cluster is { } number ? Clusters[number].Name : "";

    // A test of connectivity is its pairs. A cluster that it could not read is in none of them, and must not be missing.
    private static IEnumerable<object> Parts(MeshConnectivity test, object[] all)
    {
        var named = all.OfType<ReportedError>().SelectMany(ResultProperties.ClustersOf).Select(cluster => cluster.Entry()).ToHashSet();
        return
        [
            .. test.Cluster, .. test.Targets, .. test.Results,
            .. test.Unreadable.Where(cluster => !named.Contains(cluster.Entry())).Select(cluster => new ReportedError(
                "NotTested", $"{cluster.Name}: calls of this cluster could not be tested", "See the error of Test-MeshConnectivity; 2>&1 brings it into the report.", cluster)),
        ];
    }

    private ReportState StateOf(ReportCluster cluster)
    {
        IEnumerable<ReportState> states =
        [
            cluster.Known ? ReportState.Good : ReportState.Unknown,
            .. Checks.Where(check => check.Cluster == cluster.Number).Select(check => check.State),
            .. Gateways.Where(gateway => gateway.Cluster == cluster.Number).Select(gateway => gateway.State),
            .. Certificates.Where(certificate => certificate.Cluster == cluster.Number).Select(certificate => certificate.State),
            .. Errors.Where(error => error.Cluster == cluster.Number).Select(_ => ReportState.Broken),
        ];
        return states.Max();
    }
}
