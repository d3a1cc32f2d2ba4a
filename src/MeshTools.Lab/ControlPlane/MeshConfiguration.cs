using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace MeshTools.Lab;

/// <summary>istiod's defaults with the mesh of the ConfigMap <c>istio</c> laid over them (istio pkg/config/mesh).</summary>
internal static class MeshConfiguration
{
    /// <summary>The configuration of the mesh of one istiod.</summary>
    public static JsonObject Read(ObjectStore store, IstiodSettings settings)
    {
        var suffix = settings.Suffix;
        var mesh = new JsonObject
        {
            ["proxyListenPort"] = 15001,
            ["proxyInboundListenPort"] = 15006,
            ["connectTimeout"] = "10s",
            ["protocolDetectionTimeout"] = "0s",
            ["ingressClass"] = "istio",
            ["ingressService"] = "istio-ingressgateway",
            ["ingressControllerMode"] = "STRICT",
            ["enableTracing"] = true,
            ["defaultConfig"] = new JsonObject
            {
                ["configPath"] = "./etc/istio/proxy",
                ["binaryPath"] = "/usr/local/bin/envoy",
                ["serviceCluster"] = "istio-proxy",
                ["drainDuration"] = "45s",
                ["discoveryAddress"] = $"istiod{suffix}.{settings.Namespace}.svc:15012",
                ["proxyAdminPort"] = 15000,
                ["controlPlaneAuthPolicy"] = "MUTUAL_TLS",
                ["statNameLength"] = 189,
                ["statusPort"] = 15020,
                ["terminationDrainDuration"] = "5s",
            },
            ["outboundTrafficPolicy"] = new JsonObject { ["mode"] = "ALLOW_ANY" },
            ["enableAutoMtls"] = true,
            ["trustDomain"] = "cluster.local",
            ["rootNamespace"] = settings.Namespace,
            ["localityLbSetting"] = new JsonObject { ["enabled"] = true },
            ["dnsRefreshRate"] = "60s",
            ["enablePrometheusMerge"] = true,
        };
        var map = store.Find(new ResourceKey("", "configmaps", settings.Namespace, "istio" + suffix));
        if (map?.Json.Text("data", "mesh") is { } yaml)
        {
            Overlay(mesh, yaml);
        }

        return mesh;
    }

    private static void Overlay(JsonObject mesh, string yaml)
    {
        var stream = new YamlStream();
        try
        {
            using var reader = new StringReader(yaml);
            stream.Load(reader);
        }
        catch (YamlException)
        {
            // istiod keeps what it had when an update of its mesh configuration cannot be read.
            return;
        }

        if (stream.Documents is [{ RootNode: YamlMappingNode root }, ..])
        {
            Merge(mesh, root);
        }
    }

    private static void Merge(JsonObject target, YamlMappingNode source)
    {
        foreach (var (key, value) in source.Children)
        {
            var name = (key as YamlScalarNode)?.Value ?? string.Empty;
            if (value is YamlMappingNode mapping)
            {
                Merge(target.Child(name), mapping);
            }
            else
            {
                target[name] = Convert(value);
            }
        }
    }

    private static JsonNode? Convert(YamlNode node)
    {
        switch (node)
        {
            case YamlSequenceNode sequence:
                return new JsonArray([.. sequence.Select(Convert)]);
            case YamlMappingNode mapping:
                var child = new JsonObject();
                Merge(child, mapping);
                return child;
            case YamlScalarNode { Style: ScalarStyle.Plain } scalar:
                return scalar.Value switch
                {
                    null or "" or "null" or "~" => null,
                    "true" => true,
                    "false" => false,
                    { } text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
                    { } text => text,
                };
            case YamlScalarNode scalar:
                return scalar.Value;
            default:
                return null;
        }
    }

    /// <summary>The trust domain of a configuration.</summary>
    public static string TrustDomain(JsonObject mesh) => mesh.Text("trustDomain") is { Length: > 0 } domain ? domain : "cluster.local";

    /// <summary>All trust domains that a configuration takes for its own.</summary>
    public static IReadOnlyList<string> TrustDomains(JsonObject mesh) =>
        [TrustDomain(mesh), .. mesh.At("trustDomainAliases") is JsonArray aliases ? aliases.Select(alias => alias?.ToString()).OfType<string>() : []];
}
