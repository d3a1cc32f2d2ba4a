using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using MeshTools.Lab;
using Xunit;

namespace MeshTools.Tests.Lab;

/// <summary>A plain HTTP client for one lab cluster, as administrator or with a token; it knows nothing of what is being tested.</summary>
internal sealed class LabHttp : IDisposable
{
    private readonly HttpClient client;
    private readonly X509Certificate2? certificate;

    private LabHttp(LabCluster cluster, ClientCredential? credential, string? token, Version version)
    {
        var options = new SslClientAuthenticationOptions { CertificateChainPolicy = Trust(cluster.CertificateAuthorityPem) };
        if (credential is not null)
        {
            certificate = X509Certificate2.CreateFromPem(credential.CertificatePem, credential.KeyPem);
            options.ClientCertificates = [certificate];
        }

        client = new HttpClient(new SocketsHttpHandler { SslOptions = options, UseProxy = false })
        {
            BaseAddress = cluster.Server,
            DefaultRequestVersion = version,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = TimeSpan.FromSeconds(30),
        };
        if (token is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    public HttpClient Client => client;

    public static LabHttp Admin(LabCluster cluster, Version? version = null) =>
        new(cluster, cluster.Administrator, null, version ?? HttpVersion.Version11);

    public static LabHttp WithToken(LabCluster cluster, string token) => new(cluster, null, token, HttpVersion.Version11);

    public static LabHttp WithCertificate(LabCluster cluster, ClientCredential credential) => new(cluster, credential, null, HttpVersion.Version11);

    public static X509ChainPolicy Trust(string authorityPem)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(authorityPem);
        return policy;
    }

    public Task<HttpResponseMessage> GetAsync(string path) => client.GetAsync(path);

    public async Task<JsonObject> GetJsonAsync(string path)
    {
        using var response = await client.GetAsync(path);
        return await ReadAsync(response, HttpStatusCode.OK);
    }

    public async Task<JsonObject> PostAsync(string path, JsonObject body)
    {
        using var response = await client.PostAsync(path, Content(body));
        return await ReadAsync(response, HttpStatusCode.Created);
    }

    public static StringContent Content(JsonNode body, string type = "application/json") => new(body.ToJsonString(), Encoding.UTF8, type);

    public static async Task<JsonObject> ReadAsync(HttpResponseMessage response, HttpStatusCode expected)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == expected, $"{(int)response.StatusCode}: {text}");
        return (JsonObject)JsonNode.Parse(text)!;
    }

    public void Dispose()
    {
        client.Dispose();
        certificate?.Dispose();
    }
}
