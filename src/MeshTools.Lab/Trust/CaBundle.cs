using System.Text;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// The files of a signing authority as a Secret mounts them, all PEM (istio pilot/pkg/bootstrap/istio_ca.go detectSigningCABundle): the four
/// names of <c>cacerts</c>, or the three that cert-manager writes.
/// </summary>
/// <param name="SigningCertificate">The authority that signs.</param>
/// <param name="SigningKey">Its private key.</param>
/// <param name="Chain">What leads from it to the root.</param>
/// <param name="Roots">What workloads trust: one certificate, or several while roots change.</param>
internal sealed record CaBundle(string SigningCertificate, string SigningKey, string Chain, string Roots)
{
    /// <summary>The Secret of a plugged-in authority.</summary>
    public const string PluggedInSecret = "cacerts";

    /// <summary>The Secret in which istiod keeps an authority of its own making.</summary>
    public const string SelfSignedSecret = "istio-ca-secret";

    private const string GeneratedKey = "istio-generated";

    // A record prints its properties, and one of these is a private key.
    /// <inheritdoc/>
    public override string ToString() => nameof(CaBundle);

    /// <summary>True for a Secret that istiod itself wrote, whose changes it does not take for an operator's.</summary>
    public static bool IsGenerated(StoredObject secret) => (secret.Json.At("data") as JsonObject)?.ContainsKey(GeneratedKey) == true;

    /// <summary>The bundle of <c>cacerts</c>; null when none of its files is there, which is as if there were no Secret.</summary>
    /// <exception cref="CaBundleException">Some of the files are there and some are not.</exception>
    public static CaBundle? Detect(StoredObject secret)
    {
        var data = secret.Json.At("data") as JsonObject ?? [];
        var managed = data.ContainsKey("tls.crt") && data.ContainsKey("tls.key") && data.ContainsKey("ca.crt");
        string[] names = managed ? ["tls.crt", "tls.key", "tls.crt", "ca.crt"] : ["ca-cert.pem", "ca-key.pem", "cert-chain.pem", "root-cert.pem"];
        var present = names.Count(data.ContainsKey);
        if (present == 0)
        {
            return null;
        }

        return present == names.Length
            ? new CaBundle(Text(data, names[0]), Text(data, names[1]), Text(data, names[2]), Text(data, names[3]))
            : throw new CaBundleException("incomplete signing CA bundle detected");
    }

    /// <summary>The bundle of <c>istio-ca-secret</c>: a root that signs by itself.</summary>
    public static CaBundle SelfSigned(StoredObject secret)
    {
        var data = secret.Json.At("data") as JsonObject ?? [];
        var certificate = Text(data, "ca-cert.pem");
        var roots = Text(data, "root-cert.pem");
        return new CaBundle(certificate, Text(data, "ca-key.pem"), string.Empty, roots.Length > 0 ? roots : certificate);
    }

    /// <summary>The Secret <c>cacerts</c> of an authority below a root.</summary>
    public static JsonObject PluggedIn(CertificateAuthority intermediate, string rootPem) => Secret("Opaque", new JsonObject
    {
        ["ca-cert.pem"] = Base64(intermediate.CertificatePem),
        ["ca-key.pem"] = Base64(intermediate.KeyPem),
        ["cert-chain.pem"] = Base64(intermediate.CertificatePem + rootPem),
        ["root-cert.pem"] = Base64(rootPem),
    });

    /// <summary>The Secret <c>istio-ca-secret</c> of a root of istiod's own (istio security/pkg/pki/ca BuildSecret).</summary>
    public static JsonObject SelfSigned(CertificateAuthority root) => Secret("istio.io/ca-root", new JsonObject
    {
        ["ca-cert.pem"] = Base64(root.CertificatePem),
        ["ca-key.pem"] = Base64(root.KeyPem),
        ["cert-chain.pem"] = string.Empty,
        ["key.pem"] = string.Empty,
        ["root-cert.pem"] = string.Empty,
    });

    private static JsonObject Secret(string type, JsonObject data) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["type"] = type,
        ["data"] = data,
    };

    private static string Text(JsonObject data, string name) => Encoding.UTF8.GetString(Convert.FromBase64String(data.Text(name) ?? string.Empty));

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
