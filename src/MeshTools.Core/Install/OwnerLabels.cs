using System.Text.Json.Nodes;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Revisions;

namespace MeshTools.Install;

/// <summary>The labels by which istioctl knows again what it made (operator/pkg/install/install.go, <c>getOwnerLabels</c>).</summary>
/// <param name="Istioctl">The version of istioctl.</param>
/// <param name="Revision">The revision; <c>default</c> for none.</param>
/// <param name="Namespace">The control plane's namespace.</param>
internal sealed record OwnerLabels(IstioRelease Istioctl, string Revision, string Namespace)
{
    /// <summary>The component of an object, such as <c>Pilot</c>.</summary>
    internal const string Component = "operator.istio.io/component";

    /// <summary>The name of the document that an object was made from.</summary>
    internal const string Owner = "install.operator.istio.io/owning-resource";

    /// <summary>The control plane's namespace in that document.</summary>
    internal const string OwnerNamespace = "install.operator.istio.io/owning-resource-namespace";

    /// <summary>On an object that no later run removes.</summary>
    internal const string NotPruned = "install.operator.istio.io/owning-resource-not-pruned";

    private static readonly string[] s_keys =
    [
        "operator.istio.io/managed", "operator.istio.io/version", Owner, OwnerNamespace, RevisionLabels.Revision,
    ];

    private IReadOnlyList<(string Key, string Value)> Pairs => [.. s_keys.Zip(["Reconcile", Istioctl.Text, OperatorDocument.Name, Namespace, Revision])];

    /// <summary>Selects what an earlier run made.</summary>
    internal string Selector => $"{string.Join(",", Pairs.Select(pair => $"{pair.Key}={pair.Value}"))},{Component}";

    /// <summary>Whether all that a change does is to sign an object with this revision that another one signed before: what revisions share is signed by the last.</summary>
    internal static bool IsSignature(PlannedChange change) =>
        change.Kind is ChangeKind.Update && change.Fields.Contains(FieldOf(RevisionLabels.Revision), StringComparer.Ordinal)
        && change.Fields.All(field => s_keys.Any(key => string.Equals(field, FieldOf(key), StringComparison.Ordinal)));

    /// <summary>Adds them to an object.</summary>
    internal void AddTo(KubernetesObject obj)
    {
        var metadata = obj.Json["metadata"]!.AsObject();
        if (metadata["labels"] is not JsonObject labels)
            metadata["labels"] = labels = [];
        foreach (var (key, value) in Pairs)
            labels[key] = value;
    }

    private static string FieldOf(string label) => $"metadata.labels['{label}']";
}
