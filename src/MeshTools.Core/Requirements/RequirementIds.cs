namespace MeshTools.Requirements;

/// <summary>The checks of requirements, by id; stable across releases.</summary>
internal static class RequirementIds
{
    internal const string Tools = "MT101";
    internal const string GoogleAccess = "MT102";
    internal const string ClusterAccess = "MT103";
    internal const string KubernetesVersion = "MT104";
    internal const string Nodes = "MT105";
    internal const string PrivateCluster = "MT106";
    internal const string Autopilot = "MT107";
    internal const string WorkloadIdentity = "MT108";
    internal const string NodePoolIdentity = "MT109";
    internal const string Observability = "MT110";
    internal const string Membership = "MT111";
    internal const string Api = "MT112";
    internal const string Feature = "MT113";
    internal const string Role = "MT114";
    internal const string Label = "MT115";
    internal const string Administrator = "MT116";
    internal const string Namespace = "MT117";
    internal const string Revisions = "MT118";
    internal const string Elsewhere = "MT119";
    internal const string OldGateway = "MT120";
    internal const string Webhooks = "MT121";
    internal const string CaPool = "MT122";
    internal const string ServiceAgents = "MT123";
    internal const string IssuancePolicy = "MT124";
    internal const string ManagedControlPlane = "MT125";

    internal static Uri? PageOf(string id) => id switch
    {
        KubernetesVersion => new Uri("https://istio.io/latest/docs/releases/supported-releases/"),
        Nodes or Autopilot or WorkloadIdentity or Membership or Label => new Uri("https://cloud.google.com/service-mesh/docs/unified-install/anthos-service-mesh-prerequisites"),
        PrivateCluster => new Uri("https://cloud.google.com/service-mesh/docs/private-cluster-open-port"),
        Role or ServiceAgents => new Uri("https://cloud.google.com/service-mesh/docs/installation-permissions"),
        ManagedControlPlane => new Uri("https://cloud.google.com/service-mesh/docs/onboarding/provision-control-plane"),
        Revisions => new Uri("https://istio.io/latest/docs/setup/upgrade/canary/"),
        IssuancePolicy => new Uri("https://cloud.google.com/service-mesh/docs/security/certificate-authority-service"),
        _ => null,
    };
}
