using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>A field selector: terms with =, == or != over the few fields that a kind offers (k8s.io/apimachinery/pkg/fields).</summary>
internal sealed class FieldSelector
{
    private static readonly Dictionary<string, string[]> Offered = new(StringComparer.Ordinal)
    {
        ["secrets"] = ["type"],
        ["namespaces"] = ["status.phase"],
        ["nodes"] = ["spec.unschedulable"],
        ["pods"] =
        [
            "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase", "status.podIP",
            "status.podIPs", "status.nominatedNodeName",
        ],
        ["events"] =
        [
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
            "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
        ],
        ["services"] = ["spec.clusterIP", "spec.type"],
        ["replicationcontrollers"] = ["status.replicas"],
        ["replicasets.apps"] = ["status.replicas"],
        ["jobs.batch"] = ["status.successful"],
    };

    private readonly List<(string Field, bool Negated, string Value)> _terms = [];

    private FieldSelector()
    {
    }

    internal bool IsEverything => _terms.Count == 0;

    /// <summary>The name that it asks for, when it asks for one.</summary>
    internal string? Name => _terms.Find(term => term is { Field: "metadata.name", Negated: false }).Value;

    /// <exception cref="ApiStatusException">400 for what is no selector, or a field that the kind does not offer.</exception>
    internal static FieldSelector Parse(ServedResource resource, string text)
    {
        var selector = new FieldSelector();
        foreach (var term in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var negated = term.IndexOf("!=", StringComparison.Ordinal);
            var equals = term.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1)
            {
                throw ApiStatusException.BadRequest($"invalid selector: '{text}'; can't understand '{term}'");
            }

            var isNegated = negated >= 0 && negated < equals;
            var field = term[..(isNegated ? negated : equals)];
            var value = term[(equals + 1)..];
            if (!isNegated && value.StartsWith('='))
            {
                value = value[1..];
            }

            if (field is not ("metadata.name" or "metadata.namespace")
                && !(Offered.TryGetValue(resource.StorageGroup.Length == 0 ? resource.Plural : resource.QualifiedPlural, out var fields) && fields.Contains(field)))
            {
                throw ApiStatusException.BadRequest($"field label not supported: {field}");
            }

            selector._terms.Add((field, isNegated, value));
        }

        return selector;
    }

    internal bool Matches(JsonObject value) => _terms.TrueForAll(term => term.Negated != string.Equals(ValueOf(value, term.Field), term.Value, StringComparison.Ordinal));

    private static string ValueOf(JsonObject value, string field)
    {
        if (field is "source")
        {
            return JsonTree.FindText(value, "source", "component") ?? JsonTree.FindText(value, "reportingComponent") ?? "";
        }

        var node = JsonTree.Find(value, field.Split('.'));
        return JsonTree.Text(node) ?? node?.ToJsonString() ?? (field is "spec.unschedulable" or "spec.hostNetwork" ? "false" : "");
    }
}
