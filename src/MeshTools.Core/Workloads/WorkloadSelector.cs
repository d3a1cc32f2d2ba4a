using System.Text.Json.Nodes;
using MeshTools.Kubernetes;

namespace MeshTools.Workloads;

/// <summary>Label selectors as objects hold them (apimachinery pkg/apis/meta/v1, LabelSelector), as text for a list and as a question to labels.</summary>
internal static class WorkloadSelector
{
    /// <summary>A workload's own selector, as a list takes it.</summary>
    internal static string Of(KubernetesObject workload) => Text(workload.Find("spec", "selector"));

    internal static string Text(JsonNode? selector)
    {
        var labels = JsonAccess.ToStringMap(selector.Find("matchLabels")).Select(pair => $"{pair.Key}={pair.Value}");
        var expressions = (selector.FindArray("matchExpressions") ?? []).Select(item => (Key: item.FindString("key"), Values: string.Join(',', item.FindStrings("values")), Item: item))
            .Select(part => part.Item.FindString("operator") switch
            {
                "In" => $"{part.Key} in ({part.Values})",
                "NotIn" => $"{part.Key} notin ({part.Values})",
                "DoesNotExist" => $"!{part.Key}",
                _ => part.Key ?? "",
            });
        return string.Join(',', labels.Concat(expressions));
    }

    /// <summary>Whether a selector takes an object with these labels. One that is absent or empty takes all.</summary>
    internal static bool Matches(JsonNode? selector, IReadOnlyDictionary<string, string> labels) =>
        JsonAccess.ToStringMap(selector.Find("matchLabels")).All(pair => string.Equals(labels.GetValueOrDefault(pair.Key), pair.Value, StringComparison.Ordinal))
        && (selector.FindArray("matchExpressions") ?? []).All(item =>
        {
            var value = labels.GetValueOrDefault(item.FindString("key") ?? "");
            return item.FindString("operator") switch
            {
                "In" => value is not null && item.FindStrings("values").Contains(value, StringComparer.Ordinal),
                // As in Kubernetes, a label that is not there is in no set.
                "NotIn" => value is null || !item.FindStrings("values").Contains(value, StringComparer.Ordinal),
                "Exists" => value is not null,
                "DoesNotExist" => value is null,
                _ => false,
            };
        });
}
