using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using MeshTools.Kubernetes;

namespace MeshTools.Discovery;

/// <summary>
/// The kubeconfig inside a remote secret: one cluster, one user, one context, all of one name, as istioctl writes it
/// (istioctl/pkg/multicluster/remote_secret.go, <c>createBaseKubeconfig</c>).
/// </summary>
internal sealed class RemoteCredential(string server, string? tlsServerName, byte[] certificateAuthority, string token)
{
    private readonly byte[] _certificateAuthority = certificateAuthority;
    private readonly string _token = token;

    internal string Server { get; } = server;

    internal string? TlsServerName { get; } = tlsServerName;

    internal TokenClaims? Claims { get; } = TokenClaims.TryRead(token);

    /// <summary>The kubeconfig's text. Holds the token.</summary>
    internal string ToKubeconfig(string name, bool includeCredential = true)
    {
        var cluster = new JsonObject { ["certificate-authority-data"] = Convert.ToBase64String(_certificateAuthority), ["server"] = Server };
        if (TlsServerName is not null)
            cluster["tls-server-name"] = TlsServerName;
        return KubernetesYaml.Write(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["clusters"] = new JsonArray(new JsonObject { ["cluster"] = cluster, ["name"] = name }),
            ["contexts"] = new JsonArray(new JsonObject { ["context"] = new JsonObject { ["cluster"] = name, ["user"] = name }, ["name"] = name }),
            ["current-context"] = name,
            ["kind"] = "Config",
            ["users"] = new JsonArray(new JsonObject
            {
                ["name"] = name,
                ["user"] = new JsonObject { ["token"] = includeCredential ? _token : RemoteSecret.Redacted },
            }),
        });
    }

    /// <summary>Whether both lead to the same server with the same token.</summary>
    internal bool SameAs(RemoteCredential other) =>
        LeadsTo(other.Server)
        && string.Equals(TlsServerName, other.TlsServerName, StringComparison.Ordinal)
        && _certificateAuthority.AsSpan().SequenceEqual(other._certificateAuthority)
        && SameTokenAs(other);

    /// <summary>Whether a server address means the one in here: its default port and a slash at the end may be written or not.</summary>
    internal bool LeadsTo(string server) =>
        Uri.TryCreate(Server.TrimEnd('/'), UriKind.Absolute, out var ours) && Uri.TryCreate(server.TrimEnd('/'), UriKind.Absolute, out var theirs)
            ? ours == theirs
            : string.Equals(Server, server, StringComparison.Ordinal);

    /// <summary>Whether a certificate of a PEM bundle is among the authorities of this credential.</summary>
    internal bool TrustsAnyOf(string pem)
    {
        if (string.Equals(Encoding.UTF8.GetString(_certificateAuthority).Trim(), pem.Trim(), StringComparison.Ordinal))
            return true;
        var ours = Fingerprints(Encoding.UTF8.GetString(_certificateAuthority));
        return Fingerprints(pem).Any(ours.Contains);
    }

    internal bool SameTokenAs(RemoteCredential other) => string.Equals(_token, other._token, StringComparison.Ordinal);

    /// <summary>Reads a kubeconfig that a remote secret holds.</summary>
    /// <param name="kubeconfig">The text.</param>
    /// <param name="problems">Takes why istiod refuses it, in istiod's own words (pkg/kube/util.go, <c>sanitizeKubeConfig</c>).</param>
    /// <returns>The credential; <see langword="null"/> when there is no server, or the user's credential is no token.</returns>
    internal static RemoteCredential? TryRead(byte[] kubeconfig, ICollection<string> problems)
    {
        JsonNode? root;
        try
        {
            root = KubernetesYaml.ParseAll(Encoding.UTF8.GetString(kubeconfig)).FirstOrDefault();
        }
        catch (KubernetesYamlException e)
        {
            problems.Add($"kubeconfig cannot be loaded: {e.ProblemText} (line {e.Line}, column {e.Column})");
            return null;
        }

        if (root is not JsonObject)
        {
            problems.Add("kubeconfig is empty");
            return null;
        }

        var context = Entry(root, "contexts", root.FindString("current-context"))?["context"];
        var cluster = Entry(root, "clusters", context.FindString("cluster"))?["cluster"];
        var user = Entry(root, "users", context.FindString("user"))?["user"];
        Refusals(root, problems);
        if (cluster.FindString("server") is not { Length: > 0 } server)
        {
            problems.Add("kubeconfig is not valid: its current context leads to no server");
            return null;
        }

        var authority = Base64(cluster.FindString("certificate-authority-data"));
        return new RemoteCredential(server, cluster.FindString("tls-server-name"), authority, user.FindString("token") ?? "");
    }

    private static void Refusals(JsonNode root, ICollection<string> problems)
    {
        foreach (var user in (root.FindArray("users") ?? []).Select(entry => entry.Find("user")))
        {
            if (user.FindString("auth-provider", "name") is { } provider && provider is not "oidc")
                problems.Add($"kubeconfig is not allowed: auth provider {provider} is not allowed");
            if (user.FindString("client-key") is { Length: > 0 })
                problems.Add("kubeconfig is not allowed: clientKey is not allowed");
            if (user.FindString("client-certificate") is { Length: > 0 })
                problems.Add("kubeconfig is not allowed: clientCertificate is not allowed");
            if (user.FindString("tokenFile") is { Length: > 0 })
                problems.Add("kubeconfig is not allowed: tokenFile is not allowed");
            if (user.Find("exec") is not null)
                problems.Add("kubeconfig is not allowed: exec is not allowed");
        }
    }

    private static JsonNode? Entry(JsonNode root, string list, string? name) =>
        (root.FindArray(list) ?? []).FirstOrDefault(entry => string.Equals(entry.FindString("name"), name, StringComparison.Ordinal));

    private static HashSet<string> Fingerprints(string pem)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException)
        {
            // What is no certificate is none that both have.
        }

        return [.. certificates.Select(certificate => certificate.Thumbprint)];
    }

    private static byte[] Base64(string? text)
    {
        var buffer = new byte[text?.Length ?? 0];
        return Convert.TryFromBase64String(text ?? "", buffer, out var written) ? buffer[..written] : [];
    }
}
