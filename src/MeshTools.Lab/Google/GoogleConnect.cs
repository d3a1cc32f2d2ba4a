using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MeshTools.Kubernetes;

namespace MeshTools.Lab;

/// <summary>
/// What GKE Hub of the lab knows of clusters outside GKE: which issuers it can reach, the object that marks a cluster as a member, and the Connect agent. The agent of the lab connects to
/// nothing; while one runs in a cluster of the lab, its membership says when it was connected last.
/// </summary>
internal sealed class GoogleConnect(IReadOnlyList<LabCluster> clusters)
{
    private const string Own = "gkehub.googleapis.com";
    private const string ProjectLabel = "hub.gke.io/project";

    private readonly Dictionary<string, string> connections = new(StringComparer.Ordinal);

    /// <summary>The agent's version.</summary>
    public string AgentVersion { get; set; } = "20260801-01-00";

    /// <summary>Where the lab publishes issuers.</summary>
    public string PublishedBelow { get; set; } = string.Empty;

    /// <summary>The UID of a cluster of the lab.</summary>
    public string UidOf(string name) => clusters.First(cluster => string.Equals(cluster.Name, name, StringComparison.Ordinal)).Uid;

    /// <summary>The discovery document of a cluster whose issuer is published here; null when there is no such cluster.</summary>
    public JsonObject? Published(string name, string issuer) => clusters.Any(cluster => string.Equals(cluster.Name, name, StringComparison.Ordinal))
        ? new JsonObject
        {
            ["issuer"] = issuer,
            ["jwks_uri"] = issuer + "/openid/v1/jwks",
            ["response_types_supported"] = new JsonArray("id_token"),
            ["subject_types_supported"] = new JsonArray("public"),
            ["id_token_signing_alg_values_supported"] = new JsonArray("ES256"),
        }
        : null;

    /// <summary>Refuses a membership of a cluster that Google could not identify.</summary>
    public void RequireUsable(JsonObject member)
    {
        if (Text(member, "externalId") is null)
        {
            throw GoogleFailure.Invalid("InvalidValueError for field external_id: must be set for a cluster outside GKE");
        }

        if (Text(member, "authority", "issuer") is not { } issuer)
        {
            return;
        }

        var published = issuer.StartsWith(PublishedBelow, StringComparison.Ordinal);
        if (!published && !issuer.StartsWith("https://", StringComparison.Ordinal))
        {
            throw GoogleFailure.Invalid("InvalidValueError for field authority.issuer: must start with https://");
        }

        if (Text(member, "authority", "oidcJwks") is { } keys)
        {
            RequireKeys(keys);
        }
        else if (!published && !clusters.Any(cluster => cluster.Options.Platform is not LabPlatform.None && string.Equals(cluster.Issuer, issuer, StringComparison.Ordinal)))
        {
            throw GoogleFailure.Invalid($"InvalidValueError for field authority.issuer: the OpenID configuration of {issuer} cannot be fetched, or names another issuer");
        }
    }

    /// <summary>A membership as it is shown.</summary>
    public JsonObject Shown(JsonObject member)
    {
        var shown = (JsonObject)member.DeepClone();
        (shown["endpoint"]?["kubernetesResource"] as JsonObject)?.Remove("membershipCrManifest");
        var name = Text(member, "name")!;
        if (clusters.FirstOrDefault(cluster => string.Equals(cluster.Uid, Text(member, "externalId"), StringComparison.Ordinal)) is { } home && IsConnected(home))
        {
            connections[name] = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        }

        if (connections.TryGetValue(name, out var time))
        {
            shown["lastConnectionTime"] = time;
        }

        return shown;
    }

    /// <summary>The owner that a cluster's own object names, without the host; null for none.</summary>
    public static string? OwnerOf(string manifest)
    {
        var owner = Objects(manifest).Select(obj => obj.FindString("spec", "owner", "id")).FirstOrDefault();
        return owner?.StartsWith($"//{Own}/", StringComparison.Ordinal) is true ? owner[(Own.Length + 3)..] : owner;
    }

    /// <summary>The definition and the object that mark a cluster as this member; empty where they are as they should be.</summary>
    public static JsonObject Exclusivity(JsonObject member, GoogleCall call)
    {
        var answer = new JsonObject();
        var wanted = Marker(member);
        if (Objects(call.Query["crdManifest"].ToString()).Count == 0)
        {
            answer["crdManifest"] = KubernetesYaml.Write(Definition());
        }

        if (!Objects(call.Query["crManifest"].ToString()).Any(there => JsonNode.DeepEquals(there.Json["spec"], wanted["spec"])))
        {
            answer["crManifest"] = KubernetesYaml.Write(wanted);
        }

        return answer;
    }

    /// <summary>The objects of the agent.</summary>
    public JsonObject Manifest(GoogleProject project, JsonObject member, string ns)
    {
        ns = ns.Length == 0 ? "gke-connect" : ns;
        var resources = new JsonArray();
        foreach (var obj in Agent(project, Text(member, "name")!.Split('/')[^1], ns))
        {
            resources.Add((JsonNode)new JsonObject
            {
                ["type"] = new JsonObject { ["kind"] = obj["kind"]!.DeepClone(), ["apiVersion"] = obj["apiVersion"]!.DeepClone() },
                ["manifest"] = KubernetesYaml.Write(obj),
            });
        }

        return new JsonObject { ["manifest"] = resources };
    }

    private static bool IsConnected(LabCluster cluster) => cluster.Store.List("apps", "deployments").Items.Any(
        deployment => Text(deployment.Json, "metadata", "labels", "app") is "gke-connect-agent" && new KubernetesObject(deployment.Json).FindInt64("status", "readyReplicas") > 0);

    private static void RequireKeys(string keys)
    {
        try
        {
            if (JsonNode.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(keys)))?["keys"] is JsonArray { Count: > 0 })
            {
                return;
            }
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException)
        {
            // Said below.
        }

        throw GoogleFailure.Invalid("InvalidValueError for field authority.oidc_jwks: must be a JSON Web Key Set");
    }

    private static JsonObject Marker(JsonObject member) => new()
    {
        ["apiVersion"] = "hub.gke.io/v1",
        ["kind"] = "Membership",
        ["metadata"] = new JsonObject { ["name"] = "membership" },
        ["spec"] = new JsonObject
        {
            ["identity_provider"] = Text(member, "authority", "identityProvider"),
            ["owner"] = new JsonObject { ["id"] = $"//{Own}/{Text(member, "name")}" },
            ["workload_identity_pool"] = Text(member, "authority", "workloadIdentityPool"),
        },
    };

    private static JsonObject Definition() => new()
    {
        ["apiVersion"] = "apiextensions.k8s.io/v1",
        ["kind"] = "CustomResourceDefinition",
        ["metadata"] = new JsonObject { ["name"] = "memberships.hub.gke.io" },
        ["spec"] = new JsonObject
        {
            ["group"] = "hub.gke.io",
            ["names"] = new JsonObject { ["kind"] = "Membership", ["listKind"] = "MembershipList", ["plural"] = "memberships", ["singular"] = "membership" },
            ["scope"] = "Cluster",
            ["versions"] = new JsonArray(new JsonObject
            {
                ["name"] = "v1",
                ["served"] = true,
                ["storage"] = true,
                ["schema"] = new JsonObject
                {
                    ["openAPIV3Schema"] = new JsonObject
                    {
                        ["type"] = "object",
                        ["properties"] = new JsonObject
                        {
                            ["spec"] = new JsonObject
                            {
                                ["type"] = "object",
                                ["properties"] = new JsonObject
                                {
                                    ["identity_provider"] = new JsonObject { ["type"] = "string" },
                                    ["owner"] = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { ["id"] = new JsonObject { ["type"] = "string" } } },
                                    ["workload_identity_pool"] = new JsonObject { ["type"] = "string" },
                                },
                            },
                        },
                    },
                },
            }),
        },
    };

    private IEnumerable<JsonObject> Agent(GoogleProject project, string membership, string ns)
    {
        const string Account = "connect-agent-sa";
        yield return Object("v1", "Namespace", ns, null, project);
        yield return Object("v1", "ServiceAccount", Account, ns, project);
        yield return With(Object("v1", "ConfigMap", "user-config", ns, project), "data", new JsonObject
        {
            ["project_id"] = project.Id, ["project_number"] = project.Number, ["membership_name"] = membership,
        });
        yield return With(Object("v1", "Secret", "creds-gcp", ns, project), "data", new JsonObject { ["creds-gcp.json"] = string.Empty });
        var binding = Object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", project.Id + "-gke-connect-agent-role-binding", null, project);
        binding["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = "cluster-admin" };
        binding["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = Account, ["namespace"] = ns });
        yield return binding;
        var labels = new JsonObject { ["app"] = "gke-connect-agent", [ProjectLabel] = project.Id, ["version"] = AgentVersion };
        var deployment = Object("apps/v1", "Deployment", "gke-connect-agent-" + AgentVersion, ns, project);
        deployment["metadata"]!["labels"] = labels;
        yield return With(deployment, "spec", new JsonObject
        {
            ["replicas"] = 1,
            ["selector"] = new JsonObject { ["matchLabels"] = labels.DeepClone() },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = labels.DeepClone() },
                ["spec"] = new JsonObject
                {
                    ["serviceAccountName"] = Account,
                    ["containers"] = new JsonArray(new JsonObject
                    {
                        ["name"] = "gke-connect-agent",
                        ["image"] = "gcr.io/gkeconnect/gkeconnect-gce:" + AgentVersion,
                        ["env"] = new JsonArray(new JsonObject { ["name"] = "MY_POD_NAMESPACE", ["valueFrom"] = new JsonObject { ["fieldRef"] = new JsonObject { ["apiVersion"] = "v1", ["fieldPath"] = "metadata.namespace" } } }),
                    }),
                },
            },
        });
    }

    private static JsonObject Object(string apiVersion, string kind, string name, string? ns, GoogleProject project)
    {
        var metadata = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { [ProjectLabel] = project.Id } };
        if (ns is not null)
        {
            metadata["namespace"] = ns;
        }

        return new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind, ["metadata"] = metadata };
    }

    private static JsonObject With(JsonObject obj, string field, JsonObject value)
    {
        obj[field] = value;
        return obj;
    }

    private static IReadOnlyList<KubernetesObject> Objects(string manifest) => manifest.Length == 0 ? [] : KubernetesYaml.ReadObjects(manifest);

    private static string? Text(JsonNode? node, params string[] path)
    {
        foreach (var step in path)
        {
            node = (node as JsonObject)?[step];
        }

        return node is JsonValue value && value.TryGetValue(out string? text) && text.Length > 0 ? text : null;
    }
}
