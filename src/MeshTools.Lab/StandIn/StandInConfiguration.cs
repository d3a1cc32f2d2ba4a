using System.Text.Json.Nodes;
using MeshTools.Kubernetes;

namespace MeshTools.Lab;

/// <summary>What the stand-in makes of an IstioOperator: the options of a lab's control plane.</summary>
internal sealed record StandInConfiguration(LabClusterOptions Options, ControlPlaneWishes Wishes, bool HasControlPlane)
{
    private static readonly string[] s_known = ["profile", "hub", "tag", "revision", "namespace", "meshConfig", "components", "values", "installPackagePath", "compatibilityVersion", "unvalidatedValues"];

    /// <summary>The document's name; <see langword="null"/> for none.</summary>
    public string? Name { get; private init; }

    /// <summary>What goes into the mesh configuration as it is.</summary>
    public JsonObject MeshConfig { get; private init; } = [];

    /// <summary>What goes into the injector's values as it is.</summary>
    public JsonObject Values { get; private init; } = [];

    /// <summary>Reads an IstioOperator.</summary>
    /// <exception cref="StandInException">It is none, or has a field that istioctl would not know.</exception>
    public static StandInConfiguration Read(string text, string version)
    {
        IReadOnlyList<JsonNode> documents;
        try
        {
            documents = KubernetesYaml.ParseAll(text);
        }
        catch (KubernetesYamlException exception)
        {
            throw new StandInException($"could not parse: {exception.Message}", exception);
        }

        if (documents is not [JsonObject document])
        {
            throw new StandInException(documents.Count > 1 ? "contains multiple IstioOperator CRs, only one per file is supported" : "no IstioOperator was given");
        }

        var spec = document["spec"] as JsonObject ?? [];
        if (spec.Select(field => field.Key).FirstOrDefault(field => !s_known.Contains(field, StringComparer.Ordinal)) is { } unknown)
        {
            throw new StandInException($"could not unmarshal: unknown field \"{unknown}\"");
        }

        var global = spec.At("values", "global");
        var pilot = spec.At("components", "pilot");
        var revision = spec.Text("revision");
        return new StandInConfiguration(
            new LabClusterOptions
            {
                Name = "cluster",
                ClusterId = global.Text("multiCluster", "clusterName") is { Length: > 0 } id ? id : "Kubernetes",
                Revision = string.IsNullOrEmpty(revision) ? null : revision,
                Replicas = (int)pilot.Number(1, "k8s", "replicaCount"),
                IstioVersion = spec.Text("tag") is { Length: > 0 } tag ? tag : version,
                MeshId = global.Text("meshID") is { Length: > 0 } mesh ? mesh : null,
                Network = global.Text("network") is { Length: > 0 } network ? network : null,
                TrustDomain = spec.Text("meshConfig", "trustDomain") is { Length: > 0 } domain ? domain : "cluster.local",
                TrustDomainAliases = [.. (spec.At("meshConfig", "trustDomainAliases") as JsonArray ?? []).Select(alias => alias?.ToString() ?? string.Empty)],
            },
            new ControlPlaneWishes
            {
                Hub = spec.Text("hub") is { Length: > 0 } hub ? hub : "docker.io/istio",
                Variables = Variables(pilot.At("k8s", "env") as JsonArray, spec.At("values", "pilot", "env") as JsonObject),
            },
            spec.Text("profile") is not "empty" || IsTrue(pilot.At("enabled")))
        {
            Name = document.Text("metadata", "name") is { Length: > 0 } name ? name : null,
            MeshConfig = spec["meshConfig"] as JsonObject ?? [],
            Values = spec["values"] as JsonObject ?? [],
        };
    }

    private static bool IsTrue(JsonNode? node) => node is JsonValue value && value.TryGetValue(out bool yes) && yes;

    private static Dictionary<string, string> Texts(JsonObject? map) =>
        (map ?? []).ToDictionary(pair => pair.Key, pair => pair.Value?.ToString() ?? string.Empty, StringComparer.Ordinal);

    private static Dictionary<string, string> Variables(JsonArray? list, JsonObject? map)
    {
        var result = Texts(map);
        foreach (var variable in list ?? [])
        {
            result[variable.Text("name") ?? string.Empty] = variable.Text("value") ?? string.Empty;
        }

        return result;
    }
}
