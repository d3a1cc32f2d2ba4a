using System.Text.Json.Nodes;
using MeshTools.Fleet;
using MeshTools.Kubernetes;

namespace MeshTools.Install;

/// <summary>
/// The base IstioOperator, from typed values: what asmcli's package says once its setters are applied (asm/istio/istio-operator.yaml), and the layers of the authorities
/// (asm/istio/options/private-ca.yaml and citadel-ca.yaml).
/// </summary>
internal static class OperatorDocument
{
    internal const string ApiVersion = "install.istio.io/v1alpha1";
    internal const string Kind = "IstioOperator";

    /// <summary>
    /// The document's name, which istioctl notes on every object that it makes of it. Without one, istioctl takes every object of the revision that another document made
    /// for a leftover of this one, and removes it, such as an east-west gateway (operator/pkg/install/install.go, <c>prune</c>).
    /// </summary>
    internal const string Name = "meshtools";

    internal static JsonObject Of(JsonObject spec) => new() { ["apiVersion"] = ApiVersion, ["kind"] = Kind, ["spec"] = spec };

    internal static JsonObject Base(OperatorSettings settings) => Named(new JsonObject
    {
        ["profile"] = "empty",
        ["hub"] = settings.Hub ?? settings.Release.Hub,
        ["tag"] = settings.Tag ?? settings.Release.Text,
        ["meshConfig"] = MeshConfig(settings),
        ["components"] = new JsonObject
        {
            ["base"] = new JsonObject { ["enabled"] = true },
            ["egressGateways"] = Gateway("istio-egressgateway"),
            ["ingressGateways"] = Gateway("istio-ingressgateway"),
            ["pilot"] = Pilot(settings),
        },
        ["values"] = Values(settings),
    });

    /// <summary>The layer of an authority; <see langword="null"/> where the base says it already.</summary>
    internal static JsonObject? Authority(OperatorSettings settings) => settings.Authority switch
    {
        MeshAuthority.CaService => Of(new JsonObject
        {
            ["meshConfig"] = Provider("GoogleCAS", "GoogleTokenExchange"),
            ["values"] = new JsonObject { ["global"] = new JsonObject { ["caAddress"] = settings.CaPool } },
        }),
        MeshAuthority.IstioCA => IstioCa(settings.TrustDomain ?? "cluster.local"),
        _ => null,
    };

    internal static JsonObject IstioCa(string trustDomain)
    {
        var mesh = Provider("Citadel", "");
        mesh["trustDomain"] = trustDomain;
        return Of(new JsonObject
        {
            ["meshConfig"] = mesh,
            ["values"] = new JsonObject { ["global"] = new JsonObject { ["caAddress"] = "", ["pilotCertProvider"] = "istiod" } },
        });
    }

    private static JsonObject Named(JsonObject spec) => new() { ["apiVersion"] = ApiVersion, ["kind"] = Kind, ["metadata"] = new JsonObject { ["name"] = Name }, ["spec"] = spec };

    private static JsonObject Provider(string name, string plugins) =>
        new() { ["defaultConfig"] = new JsonObject { ["proxyMetadata"] = new JsonObject { ["CA_PROVIDER"] = name, ["PLUGINS"] = plugins } } };

    private static JsonObject MeshConfig(OperatorSettings settings)
    {
        var mesh = new JsonObject();
        if (settings.TrustDomainAliases.Count > 0)
            mesh["trustDomainAliases"] = JsonAccess.ToJsonArray(settings.TrustDomainAliases);
        mesh["trustDomain"] = settings.FleetProject is { } fleet ? FleetNames.TrustDomain(fleet) : settings.TrustDomain ?? "cluster.local";
        var metadata = new JsonObject();
        if (settings.FleetProject is not null)
        {
            metadata["GKE_CLUSTER_URL"] = settings.IdentityProvider ?? "";
            metadata["GCP_METADATA"] = $"{settings.Metadata}";
            metadata["CA_PROVIDER"] = "GoogleCA";
            metadata["PLUGINS"] = "GoogleTokenExchange";
            metadata["GCE_METADATA_HOST"] = "metadata.google.internal";
        }

        mesh["defaultConfig"] = new JsonObject { ["proxyMetadata"] = metadata };
        mesh["localityLbSetting"] = new JsonObject { ["enabled"] = false };
        return mesh;
    }

    private static JsonArray Gateway(string name) => new(new JsonObject
    {
        ["enabled"] = false,
        ["name"] = name,
        ["k8s"] = new JsonObject { ["hpaSpec"] = new JsonObject { ["maxReplicas"] = 5, ["minReplicas"] = 2 } },
    });

    private static JsonObject Pilot(OperatorSettings settings)
    {
        var variables = new JsonArray();
        if (settings.FleetProject is { } fleet)
        {
            // Off Google Cloud with Istio CA, whoever asks for Prometheus alone wants nothing sent to Cloud Monitoring.
            var monitoring = settings.IsOnGoogleCloud || settings.Authority is not MeshAuthority.IstioCA || !settings.Options.Contains("prometheus", StringComparer.Ordinal);
            Add("GKE_CLUSTER_URL", settings.IdentityProvider ?? "");
            Add("GCP_METADATA", $"{settings.Metadata}");
            Add("ENABLE_STACKDRIVER_MONITORING", monitoring ? "true" : "false");
            Add("TOKEN_AUDIENCES", $"istio-ca,{FleetNames.TrustDomain(fleet)}");
        }

        Add("PILOT_ENABLE_CROSS_CLUSTER_WORKLOAD_ENTRY", "true");
        return new JsonObject
        {
            ["enabled"] = true,
            ["k8s"] = new JsonObject
            {
                ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = "500m" } },
                ["hpaSpec"] = new JsonObject { ["minReplicas"] = 2 },
                ["replicaCount"] = 2,
                ["env"] = variables,
            },
        };

        void Add(string name, string value) => variables.Add((JsonNode)new JsonObject { ["name"] = name, ["value"] = value });
    }

    private static JsonObject Values(OperatorSettings settings)
    {
        var fleet = settings.FleetProject;
        var global = new JsonObject
        {
            ["caAddress"] = fleet is null ? "" : MeshNaming.MeshCaAddress,
            // Up to 1.22 asmcli had the API server sign istiod's own certificate.
            ["pilotCertProvider"] = fleet is not null && settings.Release is { Major: 1, Minor: <= 22 } ? "kubernetes" : "istiod",
        };
        if (fleet is not null)
        {
            global["sts"] = new JsonObject { ["servicePort"] = 15463 };
            global["sds"] = new JsonObject { ["token"] = new JsonObject { ["aud"] = FleetNames.TrustDomain(fleet) } };
        }

        global["multiCluster"] = new JsonObject { ["clusterName"] = settings.ClusterId };
        if (settings.MeshId is not null)
            global["meshID"] = settings.MeshId;
        if (settings.Network is not null)
            global["network"] = settings.Network;
        return new JsonObject
        {
            ["telemetry"] = OperatorOptions.Telemetry(prometheus: fleet is null, stackdriver: fleet is not null),
            ["sidecarInjectorWebhook"] = new JsonObject { ["rewriteAppHTTPProbe"] = true },
            ["global"] = global,
            ["gateways"] = new JsonObject
            {
                ["istio-ingressgateway"] = new JsonObject { ["injectionTemplate"] = "gateway" },
                ["istio-egressgateway"] = new JsonObject { ["injectionTemplate"] = "gateway" },
            },
        };
    }
}
