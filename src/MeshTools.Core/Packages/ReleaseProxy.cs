using System.Net;
using MeshTools.GoogleCloud;
using MeshTools.Kubernetes;

namespace MeshTools.Packages;

/// <summary>
/// The proxy for downloads: gcloud's (CLOUDSDK_PROXY_*), else HTTPS_PROXY as it stands now, since a session may have set it after .NET read it, else the system's. Loopback never goes through one.
/// </summary>
internal sealed class ReleaseProxy(GoogleEnvironment environment) : IWebProxy
{
    private readonly GoogleProxy _other = GoogleProxy.From(environment);
    private readonly bool _useOther = environment["CLOUDSDK_PROXY_ADDRESS"] is not null || (Either("HTTPS_PROXY") is null && Either("HTTP_PROXY") is null);
    private readonly EnvironmentProxy _variables = new(Either("HTTPS_PROXY"), Either("HTTP_PROXY"), Either("NO_PROXY"));
    private readonly AddressLogin _login = new();

    public ICredentials? Credentials
    {
        get => _useOther ? _other.Credentials : _login;
        set => _other.Credentials = value;
    }

    public Uri? GetProxy(Uri destination)
    {
        if (_useOther)
            return _other.GetProxy(destination);
        // .NET leaves names to a SOCKS5 proxy anyway, and knows only that scheme.
        return _variables.Find(destination) is { } proxy ? proxy.Scheme is "socks5h" ? new UriBuilder(proxy) { Scheme = "socks5" }.Uri : proxy : null;
    }

    public bool IsBypassed(Uri host) => GetProxy(host) is null;

    private static string? Either(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : Environment.GetEnvironmentVariable(name.ToLowerInvariant()) is { Length: > 0 } lower ? lower : null;

    /// <summary>The user and password that stand in the proxy's address.</summary>
    private sealed class AddressLogin : ICredentials
    {
        public NetworkCredential? GetCredential(Uri uri, string authType) => uri.UserInfo.Split(':', 2) is [{ Length: > 0 } user, .. var rest]
            ? new NetworkCredential(Uri.UnescapeDataString(user), rest is [var password] ? Uri.UnescapeDataString(password) : "")
            : null;
    }
}
