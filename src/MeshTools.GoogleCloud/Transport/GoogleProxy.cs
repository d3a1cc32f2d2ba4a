using System.Globalization;
using System.Net;

namespace MeshTools.GoogleCloud;

/// <summary>gcloud's proxy (CLOUDSDK_PROXY_*), else the system's and HTTPS_PROXY. Loopback never goes through one.</summary>
internal sealed class GoogleProxy : IWebProxy
{
    private readonly IWebProxy _inner;

    private GoogleProxy(IWebProxy inner) => _inner = inner;

    public ICredentials? Credentials
    {
        get => _inner.Credentials;
        set => _inner.Credentials = value;
    }

    internal static GoogleProxy From(GoogleEnvironment environment)
    {
        if (environment["CLOUDSDK_PROXY_ADDRESS"] is not { } address)
            return new GoogleProxy(HttpClient.DefaultProxy);
        var port = environment["CLOUDSDK_PROXY_PORT"] ?? "8080";
        var scheme = environment["CLOUDSDK_PROXY_TYPE"] switch
        {
            null or "http" or "http_no_tunnel" => "http",
            "socks4" => "socks4",
            "socks5" => "socks5",
            var other => throw new GoogleCredentialException(GoogleCredentialProblem.ConfigurationInvalid, $"CLOUDSDK_PROXY_TYPE must be http, http_no_tunnel, socks4 or socks5, not {other}"),
        };
        if (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || !Uri.TryCreate($"{scheme}://{address}:{number}", UriKind.Absolute, out var uri))
            throw new GoogleCredentialException(GoogleCredentialProblem.ConfigurationInvalid, "CLOUDSDK_PROXY_ADDRESS and CLOUDSDK_PROXY_PORT name no proxy");
        var proxy = new WebProxy(uri);
        if (environment["CLOUDSDK_PROXY_USERNAME"] is { } user)
            proxy.Credentials = new NetworkCredential(user, environment["CLOUDSDK_PROXY_PASSWORD"]);
        return new GoogleProxy(proxy);
    }

    public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : _inner.GetProxy(destination);

    public bool IsBypassed(Uri host) => host.IsLoopback || _inner.IsBypassed(host);
}
