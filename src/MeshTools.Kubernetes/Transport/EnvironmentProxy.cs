using System.Net;

namespace MeshTools.Kubernetes;

/// <summary>HTTPS_PROXY, HTTP_PROXY and NO_PROXY as Go reads them (golang.org/x/net/http/httpproxy): loopback never goes through a proxy.</summary>
internal sealed class EnvironmentProxy
{
    private readonly string? _https;
    private readonly string? _http;
    private readonly string _exceptions;

    internal EnvironmentProxy(string? https, string? http, string? exceptions)
    {
        _https = https;
        _http = http;
        _exceptions = exceptions ?? "";
    }

    internal static EnvironmentProxy FromProcess() => new(Variable("HTTPS_PROXY"), Variable("HTTP_PROXY"), Variable("NO_PROXY"));

    internal Uri? Find(Uri server)
    {
        var value = server.Scheme is "https" ? _https : _http;
        if (string.IsNullOrEmpty(value) || IsException(server))
            return null;
        if (!value.Contains("://", StringComparison.Ordinal))
            value = "http://" + value;
        return Uri.TryCreate(value, UriKind.Absolute, out var proxy) && proxy.Scheme is "http" or "https" or "socks5" or "socks5h"
            ? proxy
            : throw new EndpointUnreachableException(UnreachableKind.Proxy, "the proxy in the environment (HTTPS_PROXY) is no http, https or socks5 URL");
    }

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : Environment.GetEnvironmentVariable(name.ToLowerInvariant());

    private bool IsException(Uri server)
    {
        var host = server.IdnHost.TrimStart('[').TrimEnd(']');
        if (string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase))
            return true;
        _ = IPAddress.TryParse(host, out var address);
        if (address is not null && IPAddress.IsLoopback(address))
            return true;
        foreach (var item in _exceptions.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (Matches(item, host, server.Port, address))
                return true;
        }

        return false;
    }

    private static bool Matches(string item, string host, int port, IPAddress? address)
    {
        if (item is "*")
            return true;
        if (address is not null && item.Contains('/', StringComparison.Ordinal))
            return IPNetwork.TryParse(item, out var network) && network.BaseAddress.AddressFamily == address.AddressFamily && network.Contains(address);

        var colon = item.LastIndexOf(':');
        if (colon > 0 && item.IndexOf(':', StringComparison.Ordinal) == colon && int.TryParse(item.AsSpan(colon + 1), out var onlyPort))
        {
            if (onlyPort != port)
                return false;
            item = item[..colon];
        }

        if (address is not null)
            return IPAddress.TryParse(item.Trim('[', ']'), out var exact) && exact.Equals(address);

        // "example.com" means the host and everything below it, ".example.com" only what is below.
        item = item.StartsWith("*.", StringComparison.Ordinal) ? item[1..] : item;
        return item.StartsWith('.')
            ? host.EndsWith(item, StringComparison.OrdinalIgnoreCase)
            : string.Equals(host, item, StringComparison.OrdinalIgnoreCase) || host.EndsWith("." + item, StringComparison.OrdinalIgnoreCase);
    }
}
