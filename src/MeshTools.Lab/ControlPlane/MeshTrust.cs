using System.Text;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// The authority that signs a cluster's workloads: an intermediate of a common root, kept in the Secret <c>cacerts</c> as a plugged-in
/// one is, or a self-signed root of istiod's own in <c>istio-ca-secret</c> (istio security/pkg/pki/ca).
/// </summary>
internal sealed class MeshTrust : IDisposable
{
    private readonly CertificateAuthority authority;
    private readonly bool pluggedIn;

    private MeshTrust(CertificateAuthority authority, string rootPem, bool pluggedIn)
    {
        this.authority = authority;
        RootPem = rootPem;
        this.pluggedIn = pluggedIn;
    }

    /// <summary>The root that workloads verify with.</summary>
    public string RootPem { get; }

    public static MeshTrust Create(CertificateAuthority? root, string cluster) => root is null
        ? SelfSigned()
        : new MeshTrust(root.IssueIntermediate($"Intermediate CA {cluster}", "Istio"), root.CertificatePem, pluggedIn: true);

    /// <summary>The Secret that holds it.</summary>
    public (string Name, JsonObject Json) Secret() => pluggedIn
        ? ("cacerts", SecretOf("Opaque", new JsonObject
        {
            ["ca-cert.pem"] = Base64(authority.CertificatePem),
            ["ca-key.pem"] = Base64(authority.KeyPem),
            ["cert-chain.pem"] = Base64(authority.CertificatePem + RootPem),
            ["root-cert.pem"] = Base64(RootPem),
        }))
        : ("istio-ca-secret", SecretOf("istio.io/ca-root", new JsonObject
        {
            ["ca-cert.pem"] = Base64(authority.CertificatePem),
            ["ca-key.pem"] = Base64(authority.KeyPem),
            ["cert-chain.pem"] = string.Empty,
            ["key.pem"] = string.Empty,
            ["root-cert.pem"] = string.Empty,
        }));

    public void Dispose() => authority.Dispose();

    private static MeshTrust SelfSigned()
    {
        var own = CertificateAuthority.Create("cluster.local", "cluster.local");
        return new MeshTrust(own, own.CertificatePem, pluggedIn: false);
    }

    private static JsonObject SecretOf(string type, JsonObject data) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["type"] = type,
        ["data"] = data,
    };

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
