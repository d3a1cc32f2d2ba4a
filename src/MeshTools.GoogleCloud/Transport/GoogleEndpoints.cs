namespace MeshTools.GoogleCloud;

/// <summary>
/// Where the APIs are. An override has the form that gcloud asks for (<c>api_endpoint_overrides</c>): an absolute http or https URL that ends with a slash; the version is appended to it.
/// </summary>
public sealed class GoogleEndpoints
{
    private const string Prefix = "CLOUDSDK_API_ENDPOINT_OVERRIDES_";

    private readonly Dictionary<GoogleApi, Uri> _overrides;

    private GoogleEndpoints(Dictionary<GoogleApi, Uri> overrides) => _overrides = overrides;

    /// <summary>Google's own addresses.</summary>
    public static GoogleEndpoints Production { get; } = new([]);

    /// <summary>Google's addresses, but for those that <c>CLOUDSDK_API_ENDPOINT_OVERRIDES_*</c> replace. The name for Mesh Config, for which gcloud has none, is made in the same way.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    /// <returns>The endpoints.</returns>
    /// <exception cref="GoogleCredentialException">An override is no such URL.</exception>
    public static GoogleEndpoints FromEnvironment(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        var overrides = new Dictionary<GoogleApi, Uri>();
        foreach (var api in Enum.GetValues<GoogleApi>())
        {
            if (variable(VariableOf(api)) is { Length: > 0 } value)
                overrides[api] = Parse(VariableOf(api), value);
        }

        return new GoogleEndpoints(overrides);
    }

    /// <summary>The environment variable that replaces an API's address.</summary>
    /// <param name="api">The API.</param>
    /// <returns>Its name.</returns>
    public static string VariableOf(GoogleApi api) => Prefix + NameOf(api).ToUpperInvariant();

    /// <summary>The base address of an API; ends with a slash.</summary>
    /// <param name="api">The API.</param>
    /// <returns>The address.</returns>
    public Uri this[GoogleApi api] => _overrides.TryGetValue(api, out var uri) ? uri : new Uri($"https://{NameOf(api)}.googleapis.com/");

    /// <summary>Whether an API's address was replaced.</summary>
    /// <param name="api">The API.</param>
    /// <returns><see langword="true"/> when it was.</returns>
    public bool IsOverridden(GoogleApi api) => _overrides.ContainsKey(api);

    /// <summary>The API's name in Google's host names.</summary>
    internal static string NameOf(GoogleApi api) => api switch
    {
        GoogleApi.ResourceManager => "cloudresourcemanager",
        GoogleApi.ServiceUsage => "serviceusage",
        GoogleApi.Container => "container",
        GoogleApi.Hub => "gkehub",
        GoogleApi.MeshConfig => "meshconfig",
        GoogleApi.PrivateCa => "privateca",
        GoogleApi.IamCredentials => "iamcredentials",
        GoogleApi.OAuth2 => "oauth2",
        _ => throw new ArgumentOutOfRangeException(nameof(api), api, "no such API"),
    };

    private static Uri Parse(string name, string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" && value.EndsWith('/') && uri.UserInfo.Length == 0
            ? uri
            : throw new GoogleCredentialException(
                GoogleCredentialProblem.ConfigurationInvalid, $"{name} must be an absolute http or https URL that ends with a slash, as gcloud asks; it is {value}");
}
