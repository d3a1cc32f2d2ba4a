using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using MeshTools.Lab;

namespace MeshTools.Tests.Lab.Wire;

/// <summary>One answer of the lab's API.</summary>
public sealed record Answer(int Status, string ContentType, IReadOnlyList<string> Warnings, string Body)
{
    public JsonObject Json => (JsonObject)JsonNode.Parse(Body)!;
}

/// <summary>A plain HTTP client for one lab cluster: as its administrator, with a token, or as nobody.</summary>
public sealed class LabClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly LabCluster _cluster;

    public LabClient(LabCluster cluster, bool asAdministrator = true)
    {
        _cluster = cluster;
        var handler = new SocketsHttpHandler();
        var authority = X509Certificate2.CreateFromPem(cluster.CertificateAuthorityPem);
        handler.SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                CustomTrustStore = { authority },
            },
        };
        if (asAdministrator)
        {
            var admin = cluster.Administrator;
            using var ephemeral = X509Certificate2.CreateFromPem(admin.CertificatePem, admin.KeyPem);
            handler.SslOptions.ClientCertificates = [X509CertificateLoader.LoadPkcs12(ephemeral.Export(X509ContentType.Pkcs12), null)];
        }

        _http = new HttpClient(handler) { BaseAddress = cluster.Server };
    }

    public static async Task<LabHost> StartLabAsync() =>
        await LabHost.StartAsync(new LabOptions { ClusterCount = 1, ControlPlane = false });

    public async Task<Answer> SendAsync(
        string method,
        string path,
        string? body = null,
        string? contentType = null,
        string? accept = "application/json",
        string? token = null,
        string userAgent = "curl/8.5.0")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_cluster.Server, path));
        request.Headers.TryAddWithoutValidation("User-Agent", userAgent);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType ?? "application/json");
        }

        using var response = await _http.SendAsync(request);
        return new Answer(
            (int)response.StatusCode,
            response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var types) ? types.ToString() : "",
            response.Headers.TryGetValues("Warning", out var warnings) ? warnings.ToArray() : [],
            await response.Content.ReadAsStringAsync());
    }

    public Task<Answer> GetAsync(string path) => SendAsync("GET", path);

    public Task<Answer> PostAsync(string path, string body, string userAgent = "curl/8.5.0") => SendAsync("POST", path, body, userAgent: userAgent);

    public Task<Answer> PutAsync(string path, string body) => SendAsync("PUT", path, body);

    public Task<Answer> DeleteAsync(string path, string? body = null) => SendAsync("DELETE", path, body);

    public Task<Answer> ApplyAsync(string path, string manager, string body, bool force = false) =>
        SendAsync("PATCH", $"{path}?fieldManager={manager}&force={(force ? "true" : "false")}", body, "application/apply-patch+yaml");

    public Task<Answer> PatchAsync(string path, string body, string contentType = "application/merge-patch+json") => SendAsync("PATCH", path, body, contentType);

    public void Dispose() => _http.Dispose();
}
