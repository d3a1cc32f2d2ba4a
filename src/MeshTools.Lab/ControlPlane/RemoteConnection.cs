using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// istiod's own HTTP client for one remote API server: TLS against the authority in the kubeconfig, host name verified, credential sent
/// with every request.
/// </summary>
internal sealed class RemoteConnection : IDisposable
{
    private readonly HttpClient client;
    private readonly X509Certificate2? clientCertificate;
    private readonly RemoteKubeconfig kubeconfig;

    public RemoteConnection(RemoteKubeconfig kubeconfig, string version)
    {
        this.kubeconfig = kubeconfig;
        if (kubeconfig.ClientCredential is { } credential)
        {
            using var loaded = X509Certificate2.CreateFromPem(credential.CertificatePem, credential.KeyPem);
            clientCertificate = new X509Certificate2(loaded.Export(X509ContentType.Pkcs12));
        }

        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = kubeconfig.Proxy is not null,
            Proxy = kubeconfig.Proxy is null ? null : new WebProxy(kubeconfig.Proxy),
            ConnectTimeout = TimeSpan.FromSeconds(30),
            SslOptions = Tls(),
        };
        client = new HttpClient(handler)
        {
            BaseAddress = new Uri(kubeconfig.Server.AbsoluteUri.TrimEnd('/') + "/"),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", $"pilot-discovery/{version} (linux/amd64)");
        client.DefaultRequestHeaders.TryAddWithoutValidation("Accept", "application/json");
        AddCredential(client.DefaultRequestHeaders);
    }

    /// <summary>Reads a list.</summary>
    /// <exception cref="RemoteRequestException">The server did not answer with one.</exception>
    public async Task<JsonObject> ListAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(path + "?limit=500&resourceVersion=0", cancellationToken).ConfigureAwait(false);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        return Parse(body, path);
    }

    /// <summary>Watches until the server ends it.</summary>
    public async Task WatchAsync(string path, string resourceVersion, Action<string, JsonObject> onEvent, CancellationToken cancellationToken)
    {
        var query = $"?allowWatchBookmarks=true&resourceVersion={resourceVersion}&timeoutSeconds=400&watch=true";
        using var response = await SendAsync(path + query, cancellationToken).ConfigureAwait(false);
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            var change = Parse(Encoding.UTF8.GetBytes(line), path);
            var type = change.Text("type") ?? string.Empty;
            if (type is "ERROR")
            {
                throw new RemoteRequestException(change.Text("object", "message") ?? "watch error");
            }

            if (change["object"] is JsonObject item)
            {
                onEvent(type, item);
            }
        }
    }

    public void Dispose()
    {
        client.Dispose();
        clientCertificate?.Dispose();
    }

    private SslClientAuthenticationOptions Tls()
    {
        var options = new SslClientAuthenticationOptions();
        if (clientCertificate is not null)
        {
            options.ClientCertificates = [clientCertificate];
        }

        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (kubeconfig.AuthorityPem is { } pem)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            try
            {
                policy.CustomTrustStore.ImportFromPem(pem);
            }
            catch (System.Security.Cryptography.CryptographicException exception)
            {
                throw new RemoteKubeconfigException("unable to load root certificates: unable to parse bytes as PEM block", exception);
            }

            if (policy.CustomTrustStore.Count == 0)
            {
                throw new RemoteKubeconfigException("unable to load root certificates: unable to parse bytes as PEM block");
            }
        }

        options.CertificateChainPolicy = policy;
        var name = kubeconfig.TlsServerName is { Length: > 0 } given ? given : kubeconfig.Server.Host.Trim('[', ']');

        // The name is checked here and not by TLS, which knows only the host of the URL.
        options.RemoteCertificateValidationCallback = (_, certificate, _, errors) => kubeconfig.SkipVerification || (
            (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None &&
            certificate is X509Certificate2 presented && presented.MatchesHostname(name, allowWildcards: true, allowCommonName: false));
        return options;
    }

    private void AddCredential(HttpRequestHeaders headers)
    {
        if (kubeconfig.Token is { Length: > 0 } token)
        {
            headers.TryAddWithoutValidation("Authorization", "Bearer " + token.Trim());
        }
        else if (kubeconfig.UserName is { } user)
        {
            var pair = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{kubeconfig.Password}"));
            headers.TryAddWithoutValidation("Authorization", "Basic " + pair);
        }

        if (kubeconfig.ImpersonateUser is { Length: > 0 } impersonated)
        {
            headers.TryAddWithoutValidation("Impersonate-User", impersonated);
            headers.TryAddWithoutValidation("Impersonate-Group", kubeconfig.ImpersonateGroups);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(string path, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException exception)
        {
            throw new RemoteRequestException($"Get \"{client.BaseAddress}{path}\": {Innermost(exception)}", exception);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            throw new RemoteRequestException(Message(body) ?? $"the server answered {(int)response.StatusCode}");
        }
    }

    private static string? Message(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body).Text("message");
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonObject Parse(byte[] body, string path)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject ?? throw new RemoteRequestException($"{path}: not a JSON object");
        }
        catch (JsonException exception)
        {
            throw new RemoteRequestException($"{path}: {exception.Message}", exception);
        }
    }

    private static string Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner)
        {
            exception = inner;
        }

        return exception.Message;
    }
}
