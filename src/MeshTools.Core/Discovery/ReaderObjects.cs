using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Kubernetes;

namespace MeshTools.Discovery;

/// <summary>
/// The objects by which istiod of other clusters may read a cluster: service account, ClusterRole, binding and token Secret, as Istio's charts and istioctl make them
/// (manifests/charts/istio-control/istio-discovery/templates/reader-clusterrole.yaml; istioctl/pkg/multicluster/remote_secret.go).
/// </summary>
internal static class ReaderObjects
{
    internal const string DefaultServiceAccount = "istio-reader-service-account";
    internal const string TokenType = "kubernetes.io/service-account-token";
    internal const string AccountAnnotation = "kubernetes.io/service-account.name";
    private const string RoleName = "istio-reader-clusterrole";
    private static readonly string[] s_read = ["get", "list", "watch"];

    /// <summary>The name of role and binding for a control plane's revision.</summary>
    internal static string RoleNameFor(string revision, string ns) => $"{ControlPlaneRevision.Revisioned(RoleName, revision)}-{ns}";

    internal static string TokenSecretName(string serviceAccount) => $"{serviceAccount}-istio-remote-secret-token";

    internal static KubernetesObject ServiceAccount(string name, string ns) => Labelled(KubernetesObject.Create("v1", "ServiceAccount", name, ns), "base");

    internal static KubernetesObject TokenSecret(string name, string ns, string serviceAccount)
    {
        var secret = KubernetesObject.Create("v1", "Secret", name, ns);
        secret.Json["metadata"]!["annotations"] = new JsonObject { [AccountAnnotation] = serviceAccount };
        secret.Json["type"] = TokenType;
        return secret;
    }

    internal static KubernetesObject Role(string name)
    {
        var role = Labelled(KubernetesObject.Create("rbac.authorization.k8s.io/v1", "ClusterRole", name), "istiod");
        role.Json["rules"] = new JsonArray(
            Rule(["config.istio.io", "security.istio.io", "networking.istio.io", "authentication.istio.io", "rbac.istio.io", "telemetry.istio.io", "extensions.istio.io"], ["*"], s_read),
            Rule([""], ["endpoints", "pods", "services", "nodes", "replicationcontrollers", "namespaces", "secrets", "configmaps"], s_read),
            Rule(["networking.istio.io"], ["workloadentries"], ["get", "watch", "list"]),
            Rule(["networking.x-k8s.io", "gateway.networking.k8s.io"], ["gateways"], ["get", "watch", "list"]),
            Rule(["apiextensions.k8s.io"], ["customresourcedefinitions"], s_read),
            Rule(["discovery.k8s.io"], ["endpointslices"], s_read),
            Rule(["multicluster.x-k8s.io"], ["serviceexports"], [.. s_read, "create", "delete"]),
            Rule(["multicluster.x-k8s.io"], ["serviceimports"], s_read),
            Rule(["apps"], ["replicasets"], s_read),
            Rule(["authentication.k8s.io"], ["tokenreviews"], ["create"]),
            Rule(["authorization.k8s.io"], ["subjectaccessreviews"], ["create"]));
        return role;
    }

    internal static KubernetesObject Binding(string name, string serviceAccount, string ns)
    {
        var binding = Labelled(KubernetesObject.Create("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", name), "istiod");
        binding.Json["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = name };
        binding.Json["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = serviceAccount, ["namespace"] = ns });
        return binding;
    }

    internal static bool Binds(KubernetesObject binding, string serviceAccount, string ns) =>
        (binding.Json.FindArray("subjects") ?? []).Any(subject =>
            subject.FindString("kind") is "ServiceAccount"
            && string.Equals(subject.FindString("name"), serviceAccount, StringComparison.Ordinal)
            && string.Equals(subject.FindString("namespace"), ns, StringComparison.Ordinal));

    /// <summary>The core resources that istiod must be able to list in a remote cluster and that a role does not allow.</summary>
    internal static IReadOnlyList<string> MissingFrom(KubernetesObject role)
    {
        (string Group, string Resource)[] needed =
            [("", "namespaces"), ("", "pods"), ("", "services"), ("", "nodes"), ("discovery.k8s.io", "endpointslices")];
        return [.. needed.Where(need => !Allows(role, need.Group, need.Resource)).Select(need => need.Resource)];
    }

    internal static bool IsTokenSecretOf(KubernetesObject secret, string serviceAccount) =>
        secret.FindString("type") is TokenType
        && string.Equals(secret.Annotations.GetValueOrDefault(AccountAnnotation), serviceAccount, StringComparison.Ordinal);

    internal static bool IsFilled(KubernetesObject secret) =>
        secret.FindString("data", "token") is { Length: > 0 } && secret.FindString("data", "ca.crt") is { Length: > 0 };

    private static bool Allows(KubernetesObject role, string group, string resource) =>
        (role.Json.FindArray("rules") ?? []).Any(rule =>
            Has(rule, "apiGroups", group) && Has(rule, "resources", resource) && Array.TrueForAll(s_read, verb => Has(rule, "verbs", verb)));

    private static bool Has(JsonNode? rule, string list, string value) =>
        rule.FindStrings(list).Any(item => item is "*" || string.Equals(item, value, StringComparison.Ordinal));

    private static JsonObject Rule(string[] groups, string[] resources, string[] verbs) => new()
    {
        ["apiGroups"] = JsonAccess.ToJsonArray(groups), ["resources"] = JsonAccess.ToJsonArray(resources), ["verbs"] = JsonAccess.ToJsonArray(verbs),
    };

    // The labels that Istio's charts put on these objects, so that either tool recognises the other's.
    private static KubernetesObject Labelled(KubernetesObject obj, string chart)
    {
        obj.Json["metadata"]!["labels"] = new JsonObject
        {
            ["app"] = "istio-reader",
            ["app.kubernetes.io/instance"] = "istio",
            ["app.kubernetes.io/managed-by"] = "Helm",
            ["app.kubernetes.io/name"] = "istio-reader",
            ["app.kubernetes.io/part-of"] = "istio",
            ["app.kubernetes.io/version"] = "1.0.0",
            ["helm.sh/chart"] = $"{chart}-1.0.0",
            ["release"] = "istio",
        };
        return obj;
    }
}
