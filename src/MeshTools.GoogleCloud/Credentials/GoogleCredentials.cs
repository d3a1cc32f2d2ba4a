using System.Runtime.CompilerServices;

namespace MeshTools.GoogleCloud;

/// <summary>
/// Finds the credential, in this order: a given token or file; CLOUDSDK_AUTH_ACCESS_TOKEN, CLOUDSDK_AUTH_ACCESS_TOKEN_FILE, GOOGLE_OAUTH_ACCESS_TOKEN; CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE;
/// Application Default Credentials. CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT wraps whatever it is. gcloud's own store of accounts is not read.
/// </summary>
internal static class GoogleCredentials
{
    internal static IGoogleTokenSource Find(GoogleCloudOptions options)
    {
        var environment = options.Environment;
        var impersonate = options.ImpersonateServiceAccount is { Length: > 0 } account ? [account] : environment.Impersonate;
        IGoogleTokenSource source = options switch
        {
            { AccessToken: { } token } => GivenToken.FromText(token, "the caller"),
            { CredentialFile: { } path } => FromFile(path, options, impersonate),
            _ when environment["CLOUDSDK_AUTH_ACCESS_TOKEN"] is { } token => GivenToken.FromText(token, "CLOUDSDK_AUTH_ACCESS_TOKEN"),
            _ when (environment["CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"] ?? environment.Property("auth", "access_token_file")) is { } path =>
                GivenToken.FromFile(path, "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"),
            _ when environment["GOOGLE_OAUTH_ACCESS_TOKEN"] is { } token => GivenToken.FromText(token, "GOOGLE_OAUTH_ACCESS_TOKEN"),
            _ when (environment["CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE"] ?? environment["GOOGLE_APPLICATION_CREDENTIALS"]) is { } path => FromFile(path, options, impersonate),
            _ when WellKnown(environment) is { } path => FromFile(path, options, impersonate),
            _ => FromMetadata(options, impersonate),
        };
        return source is GivenToken && impersonate.Count > 0 ? new ImpersonatedToken(source, options, impersonate) : source;
    }

    // Google.Apis.Auth looks at APPDATA and HOME only and knows nothing of CLOUDSDK_CONFIG, so the file is found here.
    private static string? WellKnown(GoogleEnvironment environment)
    {
        var path = Path.Combine(environment.ConfigurationDirectory, "application_default_credentials.json");
        return File.Exists(path) ? path : null;
    }

    // Apart, so that Google.Apis.Auth is loaded only where it is needed.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static GoogleAuthTokenSource FromFile(string path, GoogleCloudOptions options, IReadOnlyList<string> impersonate) => GoogleAuthTokenSource.FromFile(path, options, impersonate);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static GoogleAuthTokenSource FromMetadata(GoogleCloudOptions options, IReadOnlyList<string> impersonate) => GoogleAuthTokenSource.FromMetadata(options, impersonate);
}
