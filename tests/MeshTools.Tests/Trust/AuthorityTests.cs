using System.Text.Json.Nodes;
using MeshTools.Kubernetes;
using MeshTools.Lab;
using MeshTools.Tests.Scenarios;
using MeshTools.Trust;
using Xunit;

namespace MeshTools.Tests.Trust;

/// <summary>Who signs a cluster's workloads, as asmcli's and Istio's configuration says so.</summary>
public sealed class AuthorityTests
{
    private const string Pool = "projects/capool-proj/locations/us-central1/caPools/pool-1";

    [Theory]
    [InlineData("GoogleCA", "meshca.googleapis.com:443", "", CertificateAuthorityKind.MeshCa, "meshca.googleapis.com:443")]
    [InlineData("GoogleCA", "", "", CertificateAuthorityKind.MeshCa, "meshca.googleapis.com:443")]
    [InlineData("GoogleCAS", Pool, "", CertificateAuthorityKind.CaService, Pool)]
    [InlineData("GoogleCAS", Pool + ":" + "projects/p/locations/l/certificateTemplates/t", "", CertificateAuthorityKind.CaService, Pool + ":projects/p/locations/l/certificateTemplates/t")]
    [InlineData(null, "meshca.googleapis.com:443", "", CertificateAuthorityKind.MeshCa, "meshca.googleapis.com:443")]
    [InlineData(null, Pool, "", CertificateAuthorityKind.CaService, Pool)]
    [InlineData("GkeWorkloadCertificate", "", "GkeWorkloadCertificate", CertificateAuthorityKind.External, "GkeWorkloadCertificate")]
    [InlineData(null, "cert-manager-istio-csr.cert-manager.svc:443", "", CertificateAuthorityKind.External, "cert-manager-istio-csr.cert-manager.svc:443")]
    [InlineData("Citadel", "", "", CertificateAuthorityKind.PluggedIn, "Secret istio-system/cacerts")]
    [InlineData(null, "istiod.istio-system.svc:15012", "", CertificateAuthorityKind.PluggedIn, "Secret istio-system/cacerts")]
    public async Task Is_found_by_the_provider_of_the_proxies_and_the_address_of_the_injector(
        string? provider, string address, string name, CertificateAuthorityKind kind, string source)
    {
        await using var mesh = await LabMesh.StartAsync(1);
        if (provider is not null)
        {
            Change(mesh, "istio", "mesh", text =>
            {
                var config = KubernetesYaml.ParseAll(text)[0];
                (config["defaultConfig"] ??= new JsonObject())["proxyMetadata"] = new JsonObject { ["CA_PROVIDER"] = provider };
                return KubernetesYaml.Write(config);
            });
        }

        Change(mesh, "istio-sidecar-injector", "values", text =>
        {
            var values = JsonNode.Parse(text)!;
            values["global"]!["caAddress"] = address;
            values["global"]!["caName"] = name;
            return values.ToJsonString();
        });

        var installed = await FindAsync(mesh);
        var signing = Assert.Single(installed, found => found.Role == CertificateRole.Signing);
        Assert.Equal((kind, source), (signing.Authority, signing.Source));
        // What istiod does not sign with is not shown as if it did.
        Assert.Equal(kind == CertificateAuthorityKind.PluggedIn, signing.Certificate is not null);
        Assert.All(installed, found => Assert.Equal(kind, found.Authority));
        Assert.Empty(mesh.Log.Warnings);
    }

    [Fact]
    public async Task Of_a_control_plane_whose_own_authority_is_off_is_outside()
    {
        await using var mesh = await LabMesh.StartAsync(1);
        var deployment = await mesh.Client(1).GetAsync(ResourceTypes.Deployment, LabMesh.Namespace, "istiod");
        var container = deployment.Json["spec"]!["template"]!["spec"]!["containers"]![0]!;
        (container["env"] ??= new JsonArray()).AsArray().Add(new JsonObject { ["name"] = "ENABLE_CA_SERVER", ["value"] = "false" });
        await mesh.Client(1).UpdateAsync(deployment);
        var signing = (await FindAsync(mesh))[0];
        Assert.Equal((CertificateRole.Signing, CertificateAuthorityKind.External, "outside of the cluster"), (signing.Role, signing.Authority, signing.Source));
    }

    [Theory]
    [InlineData("CA=PRIVATECA;CAAddr=" + Pool, CertificateAuthorityKind.CaService, Pool)]
    [InlineData("CA=MANAGEDCAS;CA=PRIVATECA;CAAddr=" + Pool, CertificateAuthorityKind.External, "GkeWorkloadCertificate")]
    public async Task Of_a_managed_control_plane_is_what_asmcli_asked_for(string options, CertificateAuthorityKind kind, string source)
    {
        await using var mesh = await LabMesh.StartAsync(1, options => options with { ControlPlane = false });
        await CreateOptionsAsync(mesh, options);
        var signing = Assert.Single(await FindAsync(mesh));
        Assert.Equal((CertificateRole.Signing, kind, source), (signing.Role, signing.Authority, signing.Source));
    }

    [Fact]
    public async Task Of_a_managed_control_plane_is_unknown_where_asmcli_asked_for_none()
    {
        await using var mesh = await LabMesh.StartAsync(1, options => options with { ControlPlane = false });
        await CreateOptionsAsync(mesh, "CROSS_CLUSTER_SERVICE_SECRETS=on");
        Assert.Empty(await FindAsync(mesh));
        Assert.Contains("lab-1", Assert.Single(mesh.Log.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outside_of_the_cluster_is_not_rotated()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        Change(mesh, "istio-sidecar-injector", "values", text => text.Replace("\"caAddress\": \"\"", $"\"caAddress\": \"{Pool}\"", StringComparison.Ordinal));
        using var root = CertificateIssuing.CreateRoot(CertificateFolder.Ec);
        var refused = await Assert.ThrowsAsync<MeshTools.Errors.MeshException>(
            () => RootRotation.PlanAsync(mesh.Load(), root, new RootRotationOptions(), mesh.Log, CancellationToken.None));
        Assert.Equal("AuthorityNotRotatable", refused.ErrorId);
        Assert.Contains("lab-1", refused.Message, StringComparison.Ordinal);
        Assert.Contains(Pool, refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, mesh.Writes());
    }

    private static Task<IReadOnlyList<InstalledCertificate>> FindAsync(LabMesh mesh) =>
        InstalledCertificate.FindAsync(mesh.Load()[0], LabMesh.Namespace, mesh.Log, CancellationToken.None);

    private static async Task CreateOptionsAsync(LabMesh mesh, string options)
    {
        if (await mesh.Client(1).FindAsync(ResourceTypes.Namespace, null, LabMesh.Namespace) is null)
            await mesh.Client(1).CreateAsync(KubernetesObject.Create("v1", "Namespace", LabMesh.Namespace));
        var map = KubernetesObject.Create("v1", "ConfigMap", "asm-options", LabMesh.Namespace);
        map.Json["data"] = new JsonObject { ["ASM_OPTS"] = options };
        await mesh.Client(1).CreateAsync(map);
    }

    private static void Change(LabMesh mesh, string name, string key, Func<string, string> change) => mesh[1].Store.Mutate(
        new ResourceKey("", "configmaps", LabMesh.Namespace, name),
        map =>
        {
            map["data"]![key] = change(map["data"]![key]!.GetValue<string>());
            return map;
        },
        "istioctl");
}
