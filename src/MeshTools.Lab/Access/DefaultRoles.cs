using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// The roles and bindings that a cluster is born with (k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy): those for people, for
/// discovery, and for service accounts that look up their issuer. Roles of components that a lab does not run are left out.
/// </summary>
internal static class DefaultRoles
{
    private const string Group = "rbac.authorization.k8s.io";
    private const string Manager = "kube-apiserver";

    internal static void Seed(ObjectStore store)
    {
        Role(store, "cluster-admin", """[{"verbs":["*"],"apiGroups":["*"],"resources":["*"]},{"verbs":["*"],"nonResourceURLs":["*"]}]""");
        Role(store, "system:discovery", """
            [{"verbs":["get"],"nonResourceURLs":["/api","/api/*","/apis","/apis/*","/healthz","/livez","/openapi","/openapi/*","/readyz","/version","/version/"]}]
            """);
        Role(store, "system:public-info-viewer", """[{"verbs":["get"],"nonResourceURLs":["/healthz","/livez","/readyz","/version","/version/"]}]""");
        Role(store, "system:basic-user", """
            [{"verbs":["create"],"apiGroups":["authorization.k8s.io"],"resources":["selfsubjectaccessreviews","selfsubjectrulesreviews"]},
             {"verbs":["create"],"apiGroups":["authentication.k8s.io"],"resources":["selfsubjectreviews"]}]
            """);
        Role(store, "system:service-account-issuer-discovery", """[{"verbs":["get"],"nonResourceURLs":["/.well-known/openid-configuration","/.well-known/*","/openid/v1/jwks","/openid/v1/jwks/"]}]""");
        Role(store, "system:auth-delegator", """
            [{"verbs":["create"],"apiGroups":["authentication.k8s.io"],"resources":["tokenreviews"]},
             {"verbs":["create"],"apiGroups":["authorization.k8s.io"],"resources":["subjectaccessreviews"]}]
            """);
        Role(store, "view", Viewing(""));
        Role(store, "edit", Viewing(Editing));
        Role(store, "admin", Viewing(Editing + """
            ,{"verbs":["create","delete","deletecollection","get","list","patch","update","watch"],"apiGroups":["rbac.authorization.k8s.io"],"resources":["rolebindings","roles"]}
            """));

        Binding(store, "cluster-admin", "cluster-admin", "system:masters");
        Binding(store, "system:discovery", "system:discovery", "system:authenticated");
        Binding(store, "system:public-info-viewer", "system:public-info-viewer", "system:authenticated", "system:unauthenticated");
        Binding(store, "system:basic-user", "system:basic-user", "system:authenticated");
        Binding(store, "system:service-account-issuer-discovery", "system:service-account-issuer-discovery", "system:serviceaccounts");
    }

    private const string Editing = """
        ,{"verbs":["create","delete","deletecollection","patch","update"],"apiGroups":[""],"resources":["configmaps","endpoints","events","persistentvolumeclaims","pods","pods/exec","pods/portforward","replicationcontrollers","replicationcontrollers/scale","secrets","serviceaccounts","services"]},
        {"verbs":["get","list","watch"],"apiGroups":[""],"resources":["pods/exec","pods/portforward","secrets"]},
        {"verbs":["create","delete","deletecollection","patch","update"],"apiGroups":["apps"],"resources":["daemonsets","deployments","deployments/scale","replicasets","replicasets/scale","statefulsets","statefulsets/scale"]},
        {"verbs":["create","delete","deletecollection","patch","update"],"apiGroups":["autoscaling"],"resources":["horizontalpodautoscalers"]},
        {"verbs":["create","delete","deletecollection","patch","update"],"apiGroups":["batch"],"resources":["cronjobs","jobs"]},
        {"verbs":["create","delete","deletecollection","patch","update"],"apiGroups":["networking.k8s.io"],"resources":["ingresses","networkpolicies"]},
        {"verbs":["create","delete","deletecollection","patch","update"],"apiGroups":["policy"],"resources":["poddisruptionbudgets"]}
        """;

    private static string Viewing(string more) => """
        [{"verbs":["get","list","watch"],"apiGroups":[""],"resources":["configmaps","endpoints","events","limitranges","namespaces","persistentvolumeclaims","persistentvolumeclaims/status","pods","pods/log","pods/status","replicationcontrollers","replicationcontrollers/scale","replicationcontrollers/status","resourcequotas","resourcequotas/status","serviceaccounts","services","services/status"]},
        {"verbs":["get","list","watch"],"apiGroups":["apps"],"resources":["controllerrevisions","daemonsets","daemonsets/status","deployments","deployments/scale","deployments/status","replicasets","replicasets/scale","replicasets/status","statefulsets","statefulsets/scale","statefulsets/status"]},
        {"verbs":["get","list","watch"],"apiGroups":["autoscaling"],"resources":["horizontalpodautoscalers","horizontalpodautoscalers/status"]},
        {"verbs":["get","list","watch"],"apiGroups":["batch"],"resources":["cronjobs","cronjobs/status","jobs","jobs/status"]},
        {"verbs":["get","list","watch"],"apiGroups":["discovery.k8s.io"],"resources":["endpointslices"]},
        {"verbs":["get","list","watch"],"apiGroups":["networking.k8s.io"],"resources":["ingresses","ingresses/status","networkpolicies"]},
        {"verbs":["get","list","watch"],"apiGroups":["policy"],"resources":["poddisruptionbudgets","poddisruptionbudgets/status"]}
        """ + more + "]";

    private static JsonObject Labelled(string kind, string name) => new()
    {
        ["kind"] = kind,
        ["apiVersion"] = Group + "/v1",
        ["metadata"] = new JsonObject
        {
            ["name"] = name,
            ["labels"] = new JsonObject { ["kubernetes.io/bootstrapping"] = "rbac-defaults" },
            ["annotations"] = new JsonObject { ["rbac.authorization.kubernetes.io/autoupdate"] = "true" },
        },
    };

    private static void Role(ObjectStore store, string name, string rules)
    {
        var key = new ResourceKey(Group, "clusterroles", null, name);
        if (store.Find(key) is null)
        {
            var role = Labelled("ClusterRole", name);
            role["rules"] = JsonTree.Parse(System.Text.Encoding.UTF8.GetBytes(rules.Trim()));
            store.Create(key, role, Manager);
        }
    }

    private static void Binding(ObjectStore store, string name, string role, params string[] groups)
    {
        var key = new ResourceKey(Group, "clusterrolebindings", null, name);
        if (store.Find(key) is null)
        {
            var binding = Labelled("ClusterRoleBinding", name);
            binding["subjects"] = new JsonArray([.. groups.Select(group => (JsonNode)new JsonObject { ["kind"] = "Group", ["apiGroup"] = Group, ["name"] = group })]);
            binding["roleRef"] = new JsonObject { ["apiGroup"] = Group, ["kind"] = "ClusterRole", ["name"] = role };
            store.Create(key, binding, Manager);
        }
    }
}
