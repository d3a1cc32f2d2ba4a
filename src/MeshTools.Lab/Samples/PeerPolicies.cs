using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// The PeerAuthentication that holds for a workload: one that selects it, else its namespace's, else the mesh's; a mode that is not set is the
/// next one's (istio pilot/pkg/security/authn).
/// </summary>
internal static class PeerPolicies
{
    private const string Group = "security.istio.io";
    private const string Plural = "peerauthentications";

    /// <summary>PERMISSIVE, STRICT or DISABLE, as the policies of one cluster say.</summary>
    public static string Mode(ObjectStore store, StoredObject pod, int port)
    {
        var own = store.List(Group, Plural, pod.Key.Namespace).Items.OrderBy(policy => policy.Json.Text("metadata", "creationTimestamp"), StringComparer.Ordinal).ToList();
        var root = store.List(Group, Plural, ControlPlaneObjects.Namespace).Items.Where(policy => !IsSelective(policy));
        var selecting = own.Where(policy => IsSelective(policy) && Fields.Selects(policy.Json.At("spec", "selector"), pod.Json.At("metadata", "labels")));
        var text = port.ToString(CultureInfo.InvariantCulture);
        return selecting.Select(policy => Set(policy.Json.Text("spec", "portLevelMtls", text, "mode")))
            .Concat(selecting.Concat(own.Where(policy => !IsSelective(policy))).Concat(root).Select(policy => Set(policy.Json.Text("spec", "mtls", "mode"))))
            .FirstOrDefault(mode => mode is not null) ?? "PERMISSIVE";
    }

    private static bool IsSelective(StoredObject policy) => policy.Json.At("spec", "selector", "matchLabels") is JsonObject { Count: > 0 };

    private static string? Set(string? mode) => mode is null or "" or "UNSET" ? null : mode;
}
