using System.Text.Json.Nodes;
using MeshTools.Kubernetes;

namespace MeshTools.Gateways;

/// <summary>Whether a selector of an object chooses labels (k8s.io/apimachinery metav1.LabelSelector). An empty or absent one chooses all.</summary>
internal static class LabelSelectorMatch
{
    internal static bool Selects(JsonNode? selector, IReadOnlyDictionary<string, string> labels) =>
        JsonAccess.ToStringMap(selector.Find("matchLabels")).All(pair => string.Equals(labels.GetValueOrDefault(pair.Key), pair.Value, StringComparison.Ordinal))
        && (selector.FindArray("matchExpressions") ?? []).All(expression => Holds(expression, labels));

    private static bool Holds(JsonNode? expression, IReadOnlyDictionary<string, string> labels)
    {
        var value = labels.GetValueOrDefault(expression.FindString("key") ?? "");
        var values = expression.FindStrings("values");
        return expression.FindString("operator") switch
        {
            "In" => value is not null && values.Contains(value, StringComparer.Ordinal),
            "NotIn" => value is null || !values.Contains(value, StringComparer.Ordinal),
            "Exists" => value is not null,
            "DoesNotExist" => value is null,
            _ => false,
        };
    }
}
