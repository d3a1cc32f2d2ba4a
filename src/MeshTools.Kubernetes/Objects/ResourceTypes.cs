namespace MeshTools.Kubernetes;

/// <summary>Kinds that every supported Kubernetes serves under these versions, so that no discovery request is needed for them.</summary>
public static class ResourceTypes
{
    /// <summary><c>v1 Namespace</c>.</summary>
    public static ResourceType Namespace { get; } = new("", "v1", "Namespace", "namespaces", Namespaced: false) { ShortNames = ["ns"] };

    /// <summary><c>v1 Secret</c>.</summary>
    public static ResourceType Secret { get; } = new("", "v1", "Secret", "secrets", Namespaced: true);

    /// <summary><c>v1 ConfigMap</c>.</summary>
    public static ResourceType ConfigMap { get; } = new("", "v1", "ConfigMap", "configmaps", Namespaced: true) { ShortNames = ["cm"] };

    /// <summary><c>v1 ServiceAccount</c>.</summary>
    public static ResourceType ServiceAccount { get; } =
        new("", "v1", "ServiceAccount", "serviceaccounts", Namespaced: true) { ShortNames = ["sa"] };

    /// <summary><c>v1 Service</c>.</summary>
    public static ResourceType Service { get; } = new("", "v1", "Service", "services", Namespaced: true) { ShortNames = ["svc"] };

    /// <summary><c>v1 Pod</c>.</summary>
    public static ResourceType Pod { get; } = new("", "v1", "Pod", "pods", Namespaced: true) { ShortNames = ["po"] };

    /// <summary><c>v1 Node</c>.</summary>
    public static ResourceType Node { get; } = new("", "v1", "Node", "nodes", Namespaced: false) { ShortNames = ["no"] };

    /// <summary><c>v1 Endpoints</c>.</summary>
    public static ResourceType Endpoints { get; } = new("", "v1", "Endpoints", "endpoints", Namespaced: true) { ShortNames = ["ep"] };

    /// <summary><c>v1 Event</c>.</summary>
    public static ResourceType Event { get; } = new("", "v1", "Event", "events", Namespaced: true) { ShortNames = ["ev"] };

    /// <summary><c>v1 ResourceQuota</c>.</summary>
    public static ResourceType ResourceQuota { get; } =
        new("", "v1", "ResourceQuota", "resourcequotas", Namespaced: true) { ShortNames = ["quota"] };

    /// <summary><c>v1 PersistentVolumeClaim</c>.</summary>
    public static ResourceType PersistentVolumeClaim { get; } =
        new("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", Namespaced: true) { ShortNames = ["pvc"] };

    /// <summary><c>apps/v1 Deployment</c>.</summary>
    public static ResourceType Deployment { get; } =
        new("apps", "v1", "Deployment", "deployments", Namespaced: true) { ShortNames = ["deploy"] };

    /// <summary><c>apps/v1 ReplicaSet</c>.</summary>
    public static ResourceType ReplicaSet { get; } = new("apps", "v1", "ReplicaSet", "replicasets", Namespaced: true) { ShortNames = ["rs"] };

    /// <summary><c>apps/v1 StatefulSet</c>.</summary>
    public static ResourceType StatefulSet { get; } =
        new("apps", "v1", "StatefulSet", "statefulsets", Namespaced: true) { ShortNames = ["sts"] };

    /// <summary><c>apps/v1 DaemonSet</c>.</summary>
    public static ResourceType DaemonSet { get; } = new("apps", "v1", "DaemonSet", "daemonsets", Namespaced: true) { ShortNames = ["ds"] };

    /// <summary><c>rbac.authorization.k8s.io/v1 ClusterRole</c>.</summary>
    public static ResourceType ClusterRole { get; } =
        new("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", Namespaced: false);

    /// <summary><c>rbac.authorization.k8s.io/v1 ClusterRoleBinding</c>.</summary>
    public static ResourceType ClusterRoleBinding { get; } =
        new("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", Namespaced: false);

    /// <summary><c>rbac.authorization.k8s.io/v1 Role</c>.</summary>
    public static ResourceType Role { get; } = new("rbac.authorization.k8s.io", "v1", "Role", "roles", Namespaced: true);

    /// <summary><c>rbac.authorization.k8s.io/v1 RoleBinding</c>.</summary>
    public static ResourceType RoleBinding { get; } =
        new("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", Namespaced: true);

    /// <summary><c>apiextensions.k8s.io/v1 CustomResourceDefinition</c>.</summary>
    public static ResourceType CustomResourceDefinition { get; } =
        new("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", Namespaced: false)
        {
            ShortNames = ["crd", "crds"],
        };

    /// <summary><c>admissionregistration.k8s.io/v1 MutatingWebhookConfiguration</c>.</summary>
    public static ResourceType MutatingWebhookConfiguration { get; } =
        new("admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", Namespaced: false);

    /// <summary><c>admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration</c>.</summary>
    public static ResourceType ValidatingWebhookConfiguration { get; } =
        new("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", Namespaced: false);

    /// <summary><c>autoscaling/v2 HorizontalPodAutoscaler</c>.</summary>
    public static ResourceType HorizontalPodAutoscaler { get; } =
        new("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", Namespaced: true) { ShortNames = ["hpa"] };

    /// <summary><c>policy/v1 PodDisruptionBudget</c>.</summary>
    public static ResourceType PodDisruptionBudget { get; } =
        new("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", Namespaced: true) { ShortNames = ["pdb"] };

    /// <summary><c>discovery.k8s.io/v1 EndpointSlice</c>.</summary>
    public static ResourceType EndpointSlice { get; } =
        new("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", Namespaced: true);

    /// <summary><c>batch/v1 Job</c>.</summary>
    public static ResourceType Job { get; } = new("batch", "v1", "Job", "jobs", Namespaced: true);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ResourceType> All { get; } =
    [
        Namespace, Secret, ConfigMap, ServiceAccount, Service, Pod, Node, Endpoints, Event, ResourceQuota, PersistentVolumeClaim,
        Deployment, ReplicaSet, StatefulSet, DaemonSet,
        ClusterRole, ClusterRoleBinding, Role, RoleBinding, CustomResourceDefinition,
        MutatingWebhookConfiguration, ValidatingWebhookConfiguration,
        HorizontalPodAutoscaler, PodDisruptionBudget, EndpointSlice, Job,
    ];

    /// <summary>The built-in type of a kind.</summary>
    /// <param name="apiVersion">For example <c>apps/v1</c>; must match exactly.</param>
    /// <param name="kind">For example <c>Deployment</c>; must match exactly.</param>
    /// <returns>The type, or <see langword="null"/> when discovery has to be asked.</returns>
    public static ResourceType? Find(string apiVersion, string kind)
    {
        foreach (var type in All)
        {
            if (string.Equals(type.Kind, kind, StringComparison.Ordinal) && string.Equals(type.ApiVersion, apiVersion, StringComparison.Ordinal))
                return type;
        }

        return null;
    }
}
