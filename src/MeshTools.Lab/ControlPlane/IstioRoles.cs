using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>The rights that Istio's charts give: to the reader account of other clusters, and to istiod (chart istio-discovery).</summary>
internal static class IstioRoles
{
    private static readonly string[] IstioGroups =
    [
        "config.istio.io", "security.istio.io", "networking.istio.io", "authentication.istio.io", "rbac.istio.io", "telemetry.istio.io",
        "extensions.istio.io",
    ];

    private static readonly string[] Read = ["get", "list", "watch"];
    private static readonly string[] All = ["get", "watch", "list", "update", "patch", "create", "delete"];

    /// <summary>Rules of <c>istio-reader-clusterrole</c>.</summary>
    public static JsonArray Reader() =>
    [
        Rule(IstioGroups, ["*"], Read),
        Rule([""], ["endpoints", "pods", "services", "nodes", "replicationcontrollers", "namespaces", "secrets", "configmaps"], Read),
        Rule(["networking.istio.io"], ["workloadentries"], ["get", "watch", "list"]),
        Rule(["networking.x-k8s.io", "gateway.networking.k8s.io"], ["gateways"], ["get", "watch", "list"]),
        Rule(["apiextensions.k8s.io"], ["customresourcedefinitions"], Read),
        Rule(["discovery.k8s.io"], ["endpointslices"], Read),
        Rule(["multicluster.x-k8s.io"], ["serviceexports"], ["get", "list", "watch", "create", "delete"]),
        Rule(["multicluster.x-k8s.io"], ["serviceimports"], Read),
        Rule(["apps"], ["replicasets"], Read),
        Rule(["authentication.k8s.io"], ["tokenreviews"], ["create"]),
        Rule(["authorization.k8s.io"], ["subjectaccessreviews"], ["create"]),
    ];

    /// <summary>Rules of <c>istiod-clusterrole</c>.</summary>
    public static JsonArray Istiod() =>
    [
        Rule(["admissionregistration.k8s.io"], ["mutatingwebhookconfigurations"], ["get", "list", "watch", "update", "patch"]),
        Rule(["admissionregistration.k8s.io"], ["validatingwebhookconfigurations"], ["get", "list", "watch", "update"]),
        Rule(IstioGroups, ["*"], ["get", "watch", "list"]),
        Rule(["networking.istio.io"], ["workloadentries"], All),
        Rule(["networking.istio.io"], ["workloadentries/status", "serviceentries/status"], All),
        Rule(["security.istio.io"], ["authorizationpolicies/status"], All),
        Rule([""], ["services/status"], All),
        Rule(["apiextensions.k8s.io"], ["customresourcedefinitions"], Read),
        Rule([""], ["pods", "nodes", "services", "namespaces", "endpoints"], Read),
        Rule(["discovery.k8s.io"], ["endpointslices"], Read),
        Rule(["networking.k8s.io"], ["ingresses", "ingressclasses"], Read),
        Rule(["networking.k8s.io"], ["ingresses/status"], ["*"]),
        Rule([""], ["configmaps"], ["create", "get", "list", "watch", "update"]),
        Rule(["authentication.k8s.io"], ["tokenreviews"], ["create"]),
        Rule(["authorization.k8s.io"], ["subjectaccessreviews"], ["create"]),
        Rule(["gateway.networking.k8s.io", "gateway.networking.x-k8s.io"], ["*"], ["get", "watch", "list"]),
        Rule([""], ["secrets"], ["get", "watch", "list"]),
        Rule(["multicluster.x-k8s.io"], ["serviceexports"], ["get", "watch", "list", "create", "delete"]),
        Rule(["multicluster.x-k8s.io"], ["serviceimports"], ["get", "watch", "list"]),
    ];

    /// <summary>Rules of <c>istiod-gateway-controller</c>.</summary>
    public static JsonArray GatewayController() =>
    [
        Rule(["apps"], ["deployments"], All),
        Rule(["autoscaling"], ["horizontalpodautoscalers"], All),
        Rule(["policy"], ["poddisruptionbudgets"], All),
        Rule([""], ["services"], All),
        Rule([""], ["serviceaccounts"], All),
    ];

    /// <summary>Rules of the Role <c>istiod</c> in its own namespace.</summary>
    public static JsonArray OwnNamespace() =>
    [
        Rule(["networking.istio.io"], ["gateways"], ["create"]),
        Rule([""], ["secrets"], ["create", "get", "watch", "list", "update", "delete"]),
        Rule([""], ["configmaps"], ["delete"]),
        Rule(["coordination.k8s.io"], ["leases"], ["get", "update", "patch", "create"]),
    ];

    private static JsonObject Rule(string[] groups, string[] resources, string[] verbs) => new()
    {
        ["apiGroups"] = Array(groups),
        ["resources"] = Array(resources),
        ["verbs"] = Array(verbs),
    };

    private static JsonArray Array(string[] values) => [.. values.Select(value => JsonValue.Create(value))];
}
