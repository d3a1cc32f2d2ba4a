using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Discovery;
using MeshTools.Gateways;
using MeshTools.Kubernetes;
using MeshTools.Reports;
using MeshTools.Trust;
using MeshTools.Verify;

namespace MeshTools.Tests.Reports;

/// <summary>Results of a mesh that nobody has to start: the objects are those that commands emit.</summary>
internal static class ReportMesh
{
    public static readonly DateTimeOffset Now = new(2026, 11, 21, 6, 30, 0, TimeSpan.Zero);

    public static readonly ReportOptions Options = new() { Created = Now };

    /// <summary>Clusters of these names, each with its network.</summary>
    public static MeshCluster[] Clusters(params (string Name, string? Network)[] names)
    {
        var folder = Directory.CreateTempSubdirectory("meshtools-report-");
        try
        {
            var path = Path.Combine(folder.FullName, "config.json");
            var config = new System.Text.Json.Nodes.JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Config",
                ["clusters"] = new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonObject { ["name"] = "c", ["cluster"] = new System.Text.Json.Nodes.JsonObject { ["server"] = "https://127.0.0.1:1" } }),
                ["users"] = new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonObject { ["name"] = "u", ["user"] = new System.Text.Json.Nodes.JsonObject() }),
                ["contexts"] = new System.Text.Json.Nodes.JsonArray([.. names.Select(name => (System.Text.Json.Nodes.JsonNode)new System.Text.Json.Nodes.JsonObject
                {
                    ["name"] = name.Name, ["context"] = new System.Text.Json.Nodes.JsonObject { ["cluster"] = "c", ["user"] = "u" },
                })]),
            };
            File.WriteAllText(path, config.ToJsonString());
            return
            [
                .. ClusterCatalog.Load([path]).Select((cluster, i) => cluster with
                {
                    Uid = $"uid-{i}", Network = names[i].Network, KubernetesVersion = "v1.32.4", Revision = "asm-1226-2", Revisions = ["asm-1226-2"], ClusterId = $"id-{i}", Probed = true,
                    Platform = cluster.Name.StartsWith("gke", StringComparison.Ordinal) ? ClusterPlatform.Gke : cluster.Name.StartsWith("eks", StringComparison.Ordinal) ? ClusterPlatform.Eks : ClusterPlatform.GoogleDistributedCloud,
                }),
            ];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public static MeshCluster[] Eight() => Clusters(
        ("gke-europe-west1", "vpc-prod"), ("gke-europe-west4", "vpc-prod"), ("gke-us-central1", "vpc-prod"), ("gke-us-east4", "vpc-prod"),
        ("eks-frankfurt", "aws-eu"), ("eks-dublin", "aws-eu"), ("gdc-factory-1", "on-prem"), ("gdc-factory-2", "on-prem"));

    public static EndpointDiscoveryLink Link(MeshCluster reader, MeshCluster target, string? sync = "synced", string? reason = null) =>
        new(reader, target, target.ClusterId!) { SecretName = $"istio-remote-secret-{target.Name}", Server = "https://10.0.0.1", SyncStatus = sync, Reason = reason, Replicas = [new ReplicaSyncStatus("istiod-1", sync ?? "unknown")] };

    public static ConnectivityResult Call(MeshCluster source, MeshCluster target, bool passed = true) => new(source, target)
    {
        Calls = 20, Succeeded = passed ? 5 : 0, Passed = passed, Versions = passed ? new Dictionary<string, int>(StringComparer.Ordinal) { ["v1"] = 5 } : [],
        P50 = passed ? TimeSpan.FromMilliseconds(12.4) : null, P95 = passed ? TimeSpan.FromMilliseconds(31) : null,
        FailingHop = passed ? ConnectivityHop.None : ConnectivityHop.GatewayPort,
        Reason = passed ? null : $"port 15443 of {target.Name}'s gateway (34.90.12.7) takes no connections from {source.Name}",
        Fix = passed ? null : "Open port 15443 of that address in the firewall, for the nodes and pods of the source.",
    };

    /// <summary>Every result that a day with eight clusters gives, two of 56 links broken.</summary>
    public static List<object> EightWithTwoBroken()
    {
        var c = Eight();
        var results = new List<object>();
        foreach (var from in c)
        {
            foreach (var to in c.Where(to => to != from))
            {
                var timeout = from == c[6] && to == c[2];
                results.Add(Link(from, to, timeout ? "timeout" : "synced", timeout ? "istiod of gdc-factory-1 does not reach https://10.20.0.2 (timeout)" : null));
                results.Add(Call(from, to, passed: !(timeout || (from == c[0] && to == c[5]))));
            }
        }

        results.AddRange(c.Select(cluster => new EastWestGateway(cluster, "istio-eastwestgateway", "istio-system")
        {
            Network = cluster.Network, Addresses = ["34.90.12.7"], Ports = [new GatewayPort("tls", 15443, 15443)], Ready = true, Revision = "asm-1226-2",
        }));
        results.AddRange(c.Select(cluster => new CheckResult("MT301", CheckSeverity.Pass, cluster, "every cluster trusts one root") { Evidence = "AB:CD" }));
        results.Add(new CheckResult("MT303", CheckSeverity.Warning, c[4], "O=Istio, CN=Intermediate CA ends in 12 days, on 2026-12-03")
        {
            Fix = "Install a new certificate before: Install-MeshCertificate.", Object = new ObjectReference("v1", "Secret", "cacerts", "istio-system"), DocUri = new Uri("https://istio.io/latest/docs/tasks/security/cert-management/plugin-ca-cert/"),
        });
        results.Add(Installed(c[0], Now.AddYears(4)));
        return results;
    }

    public static InstalledCertificate Installed(MeshCluster cluster, DateTimeOffset ends, string subject = "O=Istio,CN=Root CA")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        return new InstalledCertificate(cluster, CertificateRole.Root, CertificateAuthorityKind.PluggedIn, "ConfigMap istio-system/istio-ca-root-cert", new MeshCertificate(request.CreateSelfSigned(ends.AddYears(-5), ends), [], [], null));
    }

    /// <summary>Clusters around a full mesh of links, some of them broken.</summary>
    public static List<object> Mesh(MeshCluster[] clusters, Func<int, int, bool> broken) =>
    [
        .. from i in Enumerable.Range(0, clusters.Length)
           from j in Enumerable.Range(0, clusters.Length)
           where i != j
           select (object)Link(clusters[i], clusters[j], broken(i, j) ? "timeout" : "synced", broken(i, j) ? $"no route to {clusters[j].Name}" : null),
    ];
}
