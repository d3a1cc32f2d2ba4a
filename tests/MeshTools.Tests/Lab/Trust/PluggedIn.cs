using System.Text;
using System.Text.Json.Nodes;
using MeshTools.Lab;
using MeshTools.Tests.Lab.ControlPlane;

namespace MeshTools.Tests.Lab.Trust;

/// <summary>The Secret <c>cacerts</c> of a cluster and what becomes of it.</summary>
internal static class PluggedIn
{
    public static readonly ResourceKey Secret = new("", "secrets", "istio-system", "cacerts");

    /// <summary>The four files of an intermediate of a root, with other roots beside it.</summary>
    public static Dictionary<string, string> Files(CertificateAuthority root, string cluster, params CertificateAuthority[] others)
    {
        using var intermediate = root.IssueIntermediate("Intermediate CA", "Istio", cluster);
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ca-cert.pem"] = intermediate.CertificatePem,
            ["ca-key.pem"] = intermediate.KeyPem,
            ["cert-chain.pem"] = intermediate.CertificatePem + root.CertificatePem,
            ["root-cert.pem"] = root.CertificatePem + string.Concat(others.Select(other => other.CertificatePem)),
        };
    }

    public static void Write(LabCluster cluster, Dictionary<string, string> files)
    {
        var data = new JsonObject();
        foreach (var (name, text) in files)
        {
            data[name] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
        }

        if (cluster.Store.Find(Secret) is null)
        {
            cluster.Store.Create(Secret, new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Secret", ["type"] = "Opaque", ["data"] = data }, "test");
        }
        else
        {
            cluster.Store.Mutate(
                Secret,
                json =>
                {
                    json["data"] = data;
                    return json;
                },
                "test");
        }
    }

    /// <summary>What <c>kubectl rollout restart deployment istiod</c> and its status do.</summary>
    public static async Task RestartAsync(LabCluster cluster)
    {
        var before = MeshLab.IstiodPods(cluster).ConvertAll(pod => pod.Uid);
        Touch(cluster, new ResourceKey("apps", "deployments", "istio-system", "istiod"));
        await Eventually.TrueAsync(
            () => MeshLab.IstiodPods(cluster) is [var only] && !before.Contains(only.Uid, StringComparer.Ordinal) && Stage(only) == "True",
            () => string.Join('\n', cluster.IstiodLog()));
    }

    public static void Touch(LabCluster cluster, ResourceKey deployment) => cluster.Store.Mutate(
        deployment,
        json =>
        {
            var metadata = json["spec"]!["template"]!["metadata"]!.AsObject();
            metadata["annotations"] ??= new JsonObject();
            metadata["annotations"]!["kubectl.kubernetes.io/restartedAt"] = Guid.NewGuid().ToString();
            return json;
        },
        "test");

    public static string? Stage(StoredObject pod) =>
        pod.Json["status"]?["conditions"]?.AsArray().First(condition => condition!["type"]!.GetValue<string>() == "Ready")!["status"]!.GetValue<string>();

    public static string? PublishedRoot(LabCluster cluster, string @namespace = "default") =>
        cluster.Store.Find(new ResourceKey("", "configmaps", @namespace, "istio-ca-root-cert"))?.Json["data"]!["root-cert.pem"]!.GetValue<string>();

    public static Task PublishedAsync(LabCluster cluster, string root) => Eventually.TrueAsync(
        () => PublishedRoot(cluster) == root, () => string.Join('\n', cluster.IstiodLog()));
}
