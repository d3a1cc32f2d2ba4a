using System.Collections;
using System.Globalization;
using System.Reflection;
using MeshTools.Clusters;
using MeshTools.Kubernetes;

namespace MeshTools.Reports;

/// <summary>What can be said of a result by its public properties alone. They hold no secrets: those are behind methods.</summary>
internal static class ResultProperties
{
    /// <summary>The clusters that a result names, in the order of its properties.</summary>
    internal static IReadOnlyList<MeshCluster> ClustersOf(object result) => result switch
    {
        MeshCluster cluster => [cluster],
        ReportedError { Target: null } => [],
        ReportedError { Target: { } target } => ClustersOf(target),
        _ when MeshReport.Takes(result) =>
        [
            .. Readable(result).SelectMany(property => property.PropertyType == typeof(MeshCluster)
                ? property.GetValue(result) is MeshCluster cluster ? [cluster] : []
                : typeof(IEnumerable<MeshCluster>).IsAssignableFrom(property.PropertyType) ? (IEnumerable<MeshCluster>?)property.GetValue(result) ?? [] : []),
        ],
        _ => [],
    };

    /// <summary>Names and values of the simple properties: <c>Step: CombineRoots; Change: Update</c>.</summary>
    internal static string Describe(object result) => string.Join("; ", Readable(result)
        .Where(property => property.PropertyType != typeof(MeshCluster))
        .Select(property => (property.Name, Value: ValueOf(property.GetValue(result))))
        .Where(pair => pair.Value.Length > 0)
        .Select(pair => $"{pair.Name}: {pair.Value}"));

    private static IEnumerable<PropertyInfo> Readable(object result) =>
        result.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanRead && property.GetIndexParameters().Length == 0);

    private static string ValueOf(object? value) => value switch
    {
        null or "" => "",
        string text => text,
        DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture),
        TimeSpan or Uri or ObjectReference or MeshCluster or Enum => value.ToString() ?? "",
        IConvertible number => number.ToString(CultureInfo.InvariantCulture),
        IDictionary => "",
        IEnumerable several => string.Join(", ", several.Cast<object?>().Select(ValueOf).Where(text => text.Length > 0)),
        _ => "",
    };
}
