using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using MeshTools.Errors;
using MeshTools.GoogleCloud;
using MeshTools.Tests.Kubernetes;
using Xunit;

namespace MeshTools.Tests.GoogleCloud;

public sealed class GoogleCredentialTests
{
    [Fact]
    public async Task A_service_account_key_gets_its_token_where_it_says()
    {
        await using var lab = await GoogleLab.StartAsync();
        using var google = new TokenServer(lab.Google.Token);
        using var folder = new TemporaryFolder();
        using var key = RSA.Create(2048);
        var file = Write(folder, new JsonObject
        {
            ["type"] = "service_account", ["client_email"] = "robot@lab-project.iam.gserviceaccount.com", ["private_key_id"] = "1", ["private_key"] = key.ExportPkcs8PrivateKeyPem(),
            ["token_uri"] = google.Address + "token", ["project_id"] = "lab-project",
        });
        lab.Variables.Remove("CLOUDSDK_AUTH_ACCESS_TOKEN");
        lab.Variables["GOOGLE_APPLICATION_CREDENTIALS"] = file;
        using var client = lab.Open();

        Assert.Equal("111111111111", (await client.Projects.GetAsync("lab-project", CancellationToken.None)).Number);
        Assert.Equal("robot@lab-project.iam.gserviceaccount.com", await client.FindAccountAsync(CancellationToken.None));
        Assert.Equal(["POST /token"], google.Requests);
        Assert.Contains(file, client.CredentialDescription, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workload_of_another_cloud_exchanges_its_token()
    {
        await using var lab = await GoogleLab.StartAsync();
        using var google = new TokenServer(lab.Google.Token);
        using var folder = new TemporaryFolder();
        var subject = Path.Combine(folder.Path, "subject");
        await File.WriteAllTextAsync(subject, "the-other-clouds-token");
        var file = Write(folder, new JsonObject
        {
            ["type"] = "external_account", ["audience"] = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q", ["subject_token_type"] = "urn:ietf:params:oauth:token-type:jwt",
            ["token_url"] = google.Address + "sts", ["credential_source"] = new JsonObject { ["file"] = subject },
        });
        using var client = lab.Open(options => options with { CredentialFile = file });

        await client.Projects.GetAsync("lab-project", CancellationToken.None);

        Assert.Equal(["POST /sts"], google.Requests);
    }

    [Fact]
    public async Task A_token_acts_as_a_service_account()
    {
        await using var lab = await GoogleLab.StartAsync();
        using var google = new TokenServer(lab.Google.Token);
        lab.Variables["CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS"] = google.Address.ToString();
        lab.Variables["CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT"] = "via@x.iam.gserviceaccount.com,robot@x.iam.gserviceaccount.com";
        lab.Variables["CLOUDSDK_AUTH_ACCESS_TOKEN"] = "mine";
        using var client = lab.Open();

        await client.Projects.GetAsync("lab-project", CancellationToken.None);
        await client.Projects.GetAsync("lab-project", CancellationToken.None);

        Assert.Equal(["POST /v1/projects/-/serviceAccounts/robot%40x.iam.gserviceaccount.com:generateAccessToken"], google.Requests);
        Assert.Equal("robot@x.iam.gserviceaccount.com", await client.FindAccountAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_refused_key_says_what_Google_says()
    {
        await using var lab = await GoogleLab.StartAsync();
        using var google = new TokenServer(null);
        using var folder = new TemporaryFolder();
        using var key = RSA.Create(2048);
        var file = Write(folder, new JsonObject
        {
            ["type"] = "service_account", ["client_email"] = "robot@x", ["private_key"] = key.ExportPkcs8PrivateKeyPem(), ["token_uri"] = google.Address + "token",
        });
        using var client = lab.Open(options => options with { CredentialFile = file });

        var error = await Assert.ThrowsAsync<GoogleCredentialException>(() => client.Projects.GetAsync("lab-project", CancellationToken.None));

        Assert.Equal(GoogleCredentialProblem.Refused, error.Problem);
        Assert.Contains("invalid_grant: Invalid JWT Signature.", error.Message, StringComparison.Ordinal);
        Assert.Equal("GoogleCredentialUnusable", ErrorCatalog.Describe(error).Id);
    }

    [Theory]
    [InlineData("no json at all, secret-part", GoogleCredentialProblem.Unusable)]
    [InlineData("""{"client_email":"secret-part"}""", GoogleCredentialProblem.Unusable)]
    [InlineData("""{"type":"gdch_service_account","private_key":"secret-part"}""", GoogleCredentialProblem.Unusable)]
    [InlineData("""{"type":"service_account","private_key":"secret-part","token_uri":"http://example.com/token"}""", GoogleCredentialProblem.Unencrypted)]
    public async Task A_file_that_cannot_be_used_is_named_and_not_repeated(string content, GoogleCredentialProblem problem)
    {
        await using var lab = await GoogleLab.StartAsync();
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "key.json");
        await File.WriteAllTextAsync(file, content);
        using var client = lab.Open(options => options with { CredentialFile = file });

        var error = await Assert.ThrowsAsync<GoogleCredentialException>(() => client.Projects.GetAsync("lab-project", CancellationToken.None));

        Assert.Equal(problem, error.Problem);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-part", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_environment_wins_over_the_configuration_file()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "configurations"));
        File.WriteAllText(Path.Combine(folder.Path, "active_config"), "work\n");
        File.WriteAllText(Path.Combine(folder.Path, "configurations", "config_work"), "[auth]\nproject = no\n[core]\nproject = from-file\n");
        var variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["CLOUDSDK_CONFIG"] = folder.Path };

        Assert.Equal("from-file", new GoogleEnvironment(variables.GetValueOrDefault).Project);
        variables["CLOUDSDK_CORE_PROJECT"] = "from-environment";
        Assert.Equal("from-environment", new GoogleEnvironment(variables.GetValueOrDefault).Project);
    }

    private static string Write(TemporaryFolder folder, JsonObject content)
    {
        var file = Path.Combine(folder.Path, "credential.json");
        File.WriteAllText(file, content.ToJsonString());
        return file;
    }

    /// <summary>Gives one token to whoever asks, or refuses all.</summary>
    private sealed class TokenServer : IDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly List<string> _requests = [];
        private readonly string? _token;

        public TokenServer(string? token)
        {
            _token = token;
            using (var free = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
            {
                free.Start();
                Address = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/");
            }

            _listener.Prefixes.Add(Address.ToString());
            _listener.Start();
            _ = ServeAsync();
        }

        public Uri Address { get; }

        public IReadOnlyList<string> Requests
        {
            get
            {
                lock (_requests)
                    return [.. _requests];
            }
        }

        public void Dispose() => _listener.Close();

        private async Task ServeAsync()
        {
            while (_listener.IsListening)
            {
                HttpListenerContext context;
                try
                {
                    context = await _listener.GetContextAsync();
                }
                catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }

                lock (_requests)
                    _requests.Add($"{context.Request.HttpMethod} {context.Request.RawUrl}");
                var answer = _token is null
                    ? new JsonObject { ["error"] = "invalid_grant", ["error_description"] = "Invalid JWT Signature." }
                    : new JsonObject
                    {
                        ["access_token"] = _token, ["token_type"] = "Bearer", ["expires_in"] = 3600, ["issued_token_type"] = "urn:ietf:params:oauth:token-type:access_token",
                        ["accessToken"] = _token, ["expireTime"] = "2999-01-01T00:00:00Z",
                    };
                context.Response.StatusCode = _token is null ? 400 : 200;
                context.Response.ContentType = "application/json";
                context.Response.Close(Encoding.UTF8.GetBytes(answer.ToJsonString()), willBlock: false);
            }
        }
    }
}
