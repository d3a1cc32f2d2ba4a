using System.Globalization;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Fleet;
using MeshTools.Verify;

namespace MeshTools.Install;

/// <summary>Says of one cluster everything that is missing, each thing with the switch that lets the command make it and the command that makes it otherwise.</summary>
internal static class UnmetRequirements
{
    private const string Indent = "\n  ";

    /// <summary>Before anything was changed.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="findings">What is missing and may not be made.</param>
    /// <returns>One error; <see langword="null"/> when there is no finding.</returns>
    internal static MeshException? Describe(MeshCluster cluster, IReadOnlyList<CheckResult> findings)
    {
        if (findings.Count == 0)
            return null;
        CloudChangeArea[] areas = [.. findings.Select(finding => finding.Area).OfType<CloudChangeArea>().Distinct().Order()];
        var switches = string.Join(' ', areas.Select(area => $"-Enable{area}"));
        var advice = (areas.Length, areas.Length > 0 && findings.All(finding => finding.Area is not null)) switch
        {
            (0, _) => $"Do this, and run the command again:{Fixes(findings)}",
            (_, true) => $"Let this command make what is missing with {switches} (-EnableAll is all of them), or make it yourself:{Fixes(findings)}",
            _ => $"With {switches} this command makes some of it (-EnableAll is all of them); make the rest yourself:{Fixes(findings)}",
        };
        return new MeshException(ErrorCatalog.RequirementNotMet, $"{cluster.Name}: {Count(findings)} missing, and nothing was changed:{Lines(findings)}", cluster, advice);
    }

    /// <summary>After the changes on Google's side.</summary>
    internal static MeshException? DescribeStillMissing(MeshCluster cluster, IReadOnlyList<CheckResult> findings) => findings.Count == 0 ? null : new MeshException(
        ErrorCatalog.RequirementNotMet, $"{cluster.Name}: the changes on Google's side were made, but {Count(findings)} missing even so, and nothing was installed:{Lines(findings)}", cluster,
        $"Run the command again in some minutes: Google takes time to carry changes everywhere. Otherwise:{Fixes(findings)}");

    private static string Count(IReadOnlyList<CheckResult> findings) => findings.Count == 1 ? "one thing is" : string.Create(CultureInfo.InvariantCulture, $"{findings.Count} things are");

    private static string Lines(IEnumerable<CheckResult> findings) =>
        " " + string.Join("; ", findings.Select(finding => $"{finding.Message} ({finding.Id}{(finding.Area is { } area ? $", -Enable{area}" : "")})"));

    private static string Fixes(IEnumerable<CheckResult> findings) => string.Concat(findings.Select(finding => finding.Fix).OfType<string>().Distinct(StringComparer.Ordinal).Select(fix => Indent + fix));
}
