using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Auth.OAuth2.Responses;
using Google.Apis.Http;

namespace MeshTools.GoogleCloud;

/// <summary>Tokens by Google.Apis.Auth, which knows the kinds of credential files and the metadata server. The only class that touches that library.</summary>
internal sealed class GoogleAuthTokenSource : IGoogleTokenSource
{
    private readonly Func<CancellationToken, Task<GoogleCredential>> _load;
    private readonly string? _quotaProject;
    private GoogleCredential? _credential;

    private GoogleAuthTokenSource(string description, string? account, string? quotaProject, Func<CancellationToken, Task<GoogleCredential>> load)
    {
        Description = description;
        Account = account;
        _quotaProject = quotaProject;
        _load = load;
    }

    public string Description { get; }

    public string? Account { get; }

    internal static GoogleAuthTokenSource FromFile(string path, GoogleCloudOptions options, IReadOnlyList<string> impersonate)
    {
        var json = Read(path);
        var type = json.Text("type") ?? throw Unusable(path, "has no field \"type\"");
        foreach (var field in new[] { "token_uri", "token_url", "service_account_impersonation_url" })
        {
            if (json.Text(field) is { } text && !(Uri.TryCreate(text, UriKind.Absolute, out var uri) && GoogleTransport.MayCarryToken(uri)))
                throw new GoogleCredentialException(GoogleCredentialProblem.Unencrypted, $"{path} would send a credential unencrypted: its {field} is neither https nor on this machine");
        }

        var account = impersonate.Count > 0 ? impersonate[^1] : json.Text("client_email") ?? AccountOf(json.Text("service_account_impersonation_url"));
        // Only users have a project of their own to be charged to; a service account is charged to its own unless somebody says otherwise, as gcloud does it.
        var quota = options.Environment.QuotaProject ?? json.Text("quota_project_id");
        return new GoogleAuthTokenSource(Describe(type, path, impersonate), account, quota, async stop =>
        {
            var text = json.ToJsonString();
            var credential = await Task.Run(() => CredentialFactory.FromJson(text, type), stop).ConfigureAwait(false);
            return Prepare(credential, options, impersonate);
        });
    }

    internal static GoogleAuthTokenSource FromMetadata(GoogleCloudOptions options, IReadOnlyList<string> impersonate) => new(
        impersonate.Count > 0 ? $"service account {impersonate[^1]}, acted as with the metadata server's account" : "the metadata server's account",
        impersonate.Count > 0 ? impersonate[^1] : null,
        options.Environment.QuotaProject,
        async stop => await ComputeCredential.IsRunningOnComputeEngine().WaitAsync(stop).ConfigureAwait(false)
            ? Prepare(GoogleCredential.FromComputeCredential(), options, impersonate)
            : throw new GoogleCredentialException(
                GoogleCredentialProblem.NotFound,
                $"there is no Google credential: no access token in the environment, no GOOGLE_APPLICATION_CREDENTIALS, no application default credentials in {options.Environment.ConfigurationDirectory}, and no metadata server"));

    public async Task<AccessToken> GetAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Two callers at once may each load it; both are good.
            var credential = _credential ??= await _load(cancellationToken).ConfigureAwait(false);
            var token = await credential.UnderlyingCredential.GetAccessTokenForRequestAsync(null, cancellationToken).ConfigureAwait(false);
            return string.IsNullOrEmpty(token)
                ? throw new GoogleCredentialException(GoogleCredentialProblem.Refused, $"{Description}: Google gave no token")
                : new AccessToken(token, _quotaProject);
        }
        catch (TokenResponseException e)
        {
            var said = e.Error is { } error ? string.Join(": ", new[] { error.Error, error.ErrorDescription }.Where(text => !string.IsNullOrEmpty(text))) : "no answer that can be read";
            throw new GoogleCredentialException(GoogleCredentialProblem.Refused, $"{Description}: Google refuses a token: {said}", e);
        }
        catch (HttpRequestException e)
        {
            throw new GoogleCredentialException(GoogleCredentialProblem.Refused, $"{Description}: no token: {e.Message}", e);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or ArgumentException or Newtonsoft.Json.JsonException)
        {
            throw new GoogleCredentialException(GoogleCredentialProblem.Unusable, $"{Description}: {e.Message}", e);
        }
    }

    private static GoogleCredential Prepare(GoogleCredential credential, GoogleCloudOptions options, IReadOnlyList<string> impersonate)
    {
        credential = credential.CreateWithHttpClientFactory(new ProxiedClients(GoogleProxy.From(options.Environment)));
        if (impersonate.Count > 0)
        {
            return credential.Impersonate(new ImpersonatedCredential.Initializer(impersonate[^1])
            {
                DelegateAccounts = [.. impersonate.SkipLast(1)], Scopes = GoogleScopes.All, Lifetime = TimeSpan.FromHours(1),
            });
        }

        return credential.CreateScoped(GoogleScopes.All);
    }

    private static string Describe(string type, string path, IReadOnlyList<string> impersonate) =>
        impersonate.Count > 0 ? $"service account {impersonate[^1]}, acted as with {path}" : $"{type.Replace('_', ' ')} of {path}";

    private static JsonObject Read(string path)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? throw Unusable(path, "is no JSON object");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GoogleCredentialException(GoogleCredentialProblem.Unusable, $"the credential file {path} cannot be read: {e.Message}", e);
        }
        catch (JsonException)
        {
            // Its text would repeat part of the file.
            throw Unusable(path, "is no JSON");
        }
    }

    private static GoogleCredentialException Unusable(string path, string why) =>
        new(GoogleCredentialProblem.Unusable, $"the credential file {path} {why}");

    // https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/EMAIL:generateAccessToken
    private static string? AccountOf(string? impersonationUrl) =>
        impersonationUrl?.Split('/')[^1].Split(':')[0] is { } name && name.Contains('@', StringComparison.Ordinal) ? name : null;

    private sealed class ProxiedClients(GoogleProxy proxy) : HttpClientFactory
    {
        protected override HttpMessageHandler CreateHandler(CreateHttpClientArgs args) => new SocketsHttpHandler { Proxy = proxy };
    }
}
