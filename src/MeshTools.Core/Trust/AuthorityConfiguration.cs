using System.Text.Json.Nodes;
using MeshTools.Kubernetes;

namespace MeshTools.Trust;

/// <summary>Who signs workloads, as far as the configuration of a control plane says so.</summary>
/// <param name="Provider">
/// <c>CA_PROVIDER</c> of the proxies: asmcli's overlays set <c>GoogleCA</c>, <c>GoogleCAS</c>, <c>Citadel</c> or <c>GkeWorkloadCertificate</c> in
/// <c>meshConfig.defaultConfig.proxyMetadata</c> (asm/istio/istio-operator.yaml, asm/istio/options/private-ca.yaml, citadel-ca.yaml, managed_cas.yaml).
/// </param>
/// <param name="Address">Where proxies send their requests: <c>global.caAddress</c> of the injector's values; for CA Service the pool.</param>
/// <param name="IstiodSigns">Whether istiod's own authority runs (<c>ENABLE_CA_SERVER</c>).</param>
internal sealed record AuthorityConfiguration(string? Provider, string? Address, bool IstiodSigns)
{
    private const string MeshCaAddress = "meshca.googleapis.com:443";

    /// <summary>The authority outside of the cluster, and where it is; <see langword="null"/> when istiod signs.</summary>
    internal (CertificateAuthorityKind Kind, string? Address)? Outside => Provider switch
    {
        "GoogleCA" => (CertificateAuthorityKind.MeshCa, Address ?? MeshCaAddress),
        "GoogleCAS" => (CertificateAuthorityKind.CaService, Address ?? "privateca.googleapis.com"),
        "GkeWorkloadCertificate" => (CertificateAuthorityKind.External, Provider),
        // Without a provider, the address tells: Google's by its form, and istiod's own is none outside.
        not "Citadel" when Address?.Contains("meshca.googleapis.com", StringComparison.Ordinal) is true => (CertificateAuthorityKind.MeshCa, Address),
        not "Citadel" when Address?.Contains("/caPools/", StringComparison.Ordinal) is true => (CertificateAuthorityKind.CaService, Address),
        _ when !IstiodSigns || Address?.StartsWith("istiod", StringComparison.Ordinal) is false => (CertificateAuthorityKind.External, Address),
        _ => null,
    };

    /// <summary>Reads what an installed control plane says.</summary>
    /// <param name="mesh">The mesh configuration.</param>
    /// <param name="values">The injector's values.</param>
    /// <param name="deployments">The Deployments of istiod.</param>
    internal static AuthorityConfiguration Of(JsonNode? mesh, JsonNode? values, IReadOnlyList<KubernetesObject> deployments) => new(
        NotEmpty(mesh.FindString("defaultConfig", "proxyMetadata", "CA_PROVIDER"))
            ?? NotEmpty(values.FindString("global", "caName"))
            ?? Variable(deployments, "CA_PROVIDER"),
        NotEmpty(mesh.FindString("defaultConfig", "proxyMetadata", "CA_ADDR"))
            ?? NotEmpty(values.FindString("global", "caAddress"))
            ?? Variable(deployments, "CA_ADDR"),
        Variable(deployments, "ENABLE_CA_SERVER") is not ("false" or "0"));

    /// <summary>Reads what asmcli asks of a managed control plane: ConfigMap <c>asm-options</c>, <c>CA=PRIVATECA;CAAddr=POOL</c> or <c>CA=MANAGEDCAS</c>, the newest first.</summary>
    /// <param name="options">The value of <c>ASM_OPTS</c>.</param>
    internal static AuthorityConfiguration OfManaged(string? options)
    {
        var pairs = (options ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(option => option.Split('=', 2, StringSplitOptions.TrimEntries))
            .Where(pair => pair.Length == 2)
            .ToArray();
        return ValueOf("CA") switch
        {
            "PRIVATECA" => new AuthorityConfiguration("GoogleCAS", ValueOf("CAAddr"), IstiodSigns: true),
            "MANAGEDCAS" => new AuthorityConfiguration("GkeWorkloadCertificate", null, IstiodSigns: true),
            _ => new AuthorityConfiguration(null, null, IstiodSigns: true),
        };

        string? ValueOf(string name) => NotEmpty(Array.Find(pairs, pair => string.Equals(pair[0], name, StringComparison.Ordinal))?[1]);
    }

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static string? Variable(IReadOnlyList<KubernetesObject> deployments, string name) => deployments
        .SelectMany(deployment => deployment.Json.FindArray("spec", "template", "spec", "containers") ?? [])
        .SelectMany(container => container.FindArray("env") ?? [])
        .Where(variable => string.Equals(variable.FindString("name"), name, StringComparison.Ordinal))
        .Select(variable => variable.FindString("value"))
        .FirstOrDefault(value => !string.IsNullOrEmpty(value));
}
