using MeshTools.Clusters;
using MeshTools.Kubernetes;
using MeshTools.Verify;

namespace MeshTools.Requirements;

/// <summary>What a check of requirements found in one cluster.</summary>
internal sealed class RequirementReport(MeshCluster cluster)
{
    private readonly List<CheckResult> _results = [];

    internal MeshCluster Cluster { get; } = cluster;

    internal IReadOnlyList<CheckResult> Results => [.. _results.OrderBy(result => result.Id, StringComparer.Ordinal)];

    internal void Pass(string id, string message, string? evidence = null) => _results.Add(new CheckResult(id, CheckSeverity.Pass, Cluster, message) { Evidence = evidence });

    internal void Warn(string id, string message, string? fix = null, string? evidence = null, ObjectReference? target = null) => Add(id, CheckSeverity.Warning, message, fix, evidence, target);

    internal void Fail(string id, string message, string? fix = null, string? evidence = null, ObjectReference? target = null) => Add(id, CheckSeverity.Error, message, fix, evidence, target);

    /// <summary>Passes or fails.</summary>
    internal void Require(bool holds, string id, string passed, string failed, string? fix = null)
    {
        if (holds)
            Pass(id, passed);
        else
            Fail(id, failed, fix);
    }

    private void Add(string id, CheckSeverity severity, string message, string? fix, string? evidence, ObjectReference? target) =>
        _results.Add(new CheckResult(id, severity, Cluster, message) { Fix = fix, Evidence = evidence, Object = target, DocUri = RequirementIds.PageOf(id) });
}
