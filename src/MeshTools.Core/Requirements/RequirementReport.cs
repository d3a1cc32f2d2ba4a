using MeshTools.Clusters;
using MeshTools.Fleet;
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

    internal void Warn(string id, string message, string? fix = null, string? evidence = null, ObjectReference? target = null) => Add(id, CheckSeverity.Warning, message, fix, evidence, target, area: null);

    internal void Fail(string id, string message, string? fix = null, string? evidence = null, ObjectReference? target = null, CloudChangeArea? area = null) =>
        Add(id, CheckSeverity.Error, message, fix, evidence, target, area);

    /// <summary>Passes or fails; <paramref name="area"/> is where an installation makes what is missing.</summary>
    internal void Require(bool holds, string id, string passed, string failed, string? fix = null, CloudChangeArea? area = null)
    {
        if (holds)
            Pass(id, passed);
        else
            Fail(id, failed, fix, area: area);
    }

    private void Add(string id, CheckSeverity severity, string message, string? fix, string? evidence, ObjectReference? target, CloudChangeArea? area) =>
        _results.Add(new CheckResult(id, severity, Cluster, message) { Fix = fix, Evidence = evidence, Object = target, DocUri = RequirementIds.PageOf(id), Area = area });
}
