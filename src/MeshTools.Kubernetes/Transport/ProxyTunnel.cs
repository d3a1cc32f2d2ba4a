using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MeshTools.Kubernetes;

/// <summary>Asks a proxy for a tunnel to the API server: HTTP CONNECT (RFC 9110) or SOCKS version 5 (RFC 1928, 1929).</summary>
internal static class ProxyTunnel
{
    private const int HeaderLimit = 16 * 1024;

    internal static async Task OpenHttpAsync(Stream stream, Uri proxy, DnsEndPoint target, CancellationToken cancellationToken)
    {
        var authority = target.Host.Contains(':', StringComparison.Ordinal) ? $"[{target.Host}]:{target.Port}" : $"{target.Host}:{target.Port}";
        var request = new StringBuilder($"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
        if (Login(proxy) is { } login)
            request.Append("Proxy-Authorization: Basic ").Append(Convert.ToBase64String(Encoding.UTF8.GetBytes($"{login.Name}:{login.Password}"))).Append("\r\n");
        request.Append("\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request.ToString()), cancellationToken).ConfigureAwait(false);

        var header = await ReadHeaderAsync(stream, cancellationToken).ConfigureAwait(false);
        var end = header.IndexOf("\r\n", StringComparison.Ordinal);
        var statusLine = end < 0 ? header : header[..end];
        if (!statusLine.StartsWith("HTTP/1.", StringComparison.Ordinal) || statusLine.Length < 12 || statusLine[9] != '2')
            throw Refused(proxy, $"refused a tunnel to {authority}: {statusLine}");
    }

    internal static async Task OpenSocks5Async(Stream stream, Uri proxy, DnsEndPoint target, CancellationToken cancellationToken)
    {
        var login = Login(proxy);
        await stream.WriteAsync(login is null ? [5, 1, 0] : new byte[] { 5, 2, 0, 2 }, cancellationToken).ConfigureAwait(false);
        var answer = new byte[2];
        await stream.ReadExactlyAsync(answer, cancellationToken).ConfigureAwait(false);
        if (answer[0] != 5)
            throw Refused(proxy, "does not speak SOCKS version 5");
        if (answer[1] == 2 && login is { } user)
            await LogInAsync(stream, proxy, user, cancellationToken).ConfigureAwait(false);
        else if (answer[1] != 0)
            throw Refused(proxy, "accepts none of the authentication methods offered");

        await stream.WriteAsync(ConnectRequest(target), cancellationToken).ConfigureAwait(false);
        var reply = new byte[4];
        await stream.ReadExactlyAsync(reply, cancellationToken).ConfigureAwait(false);
        if (reply[1] != 0)
            throw Refused(proxy, $"refused a connection to {target.Host}:{target.Port}: {Reason(reply[1])}");

        // The address the proxy bound follows; nothing is done with it.
        var length = reply[3] switch { 1 => 4, 4 => 16, _ => await ReadLengthAsync(stream, cancellationToken).ConfigureAwait(false) };
        await stream.ReadExactlyAsync(new byte[length + 2], cancellationToken).ConfigureAwait(false);
    }

    private static async Task<int> ReadLengthAsync(Stream stream, CancellationToken cancellationToken)
    {
        var length = new byte[1];
        await stream.ReadExactlyAsync(length, cancellationToken).ConfigureAwait(false);
        return length[0];
    }

    private static async Task LogInAsync(Stream stream, Uri proxy, (string Name, string Password) login, CancellationToken cancellationToken)
    {
        var name = Encoding.UTF8.GetBytes(login.Name);
        var password = Encoding.UTF8.GetBytes(login.Password);
        byte[] request = [1, (byte)name.Length, .. name, (byte)password.Length, .. password];
        await stream.WriteAsync(request, cancellationToken).ConfigureAwait(false);
        var answer = new byte[2];
        await stream.ReadExactlyAsync(answer, cancellationToken).ConfigureAwait(false);
        if (answer[1] != 0)
            throw Refused(proxy, "does not accept the user name and password");
    }

    private static byte[] ConnectRequest(DnsEndPoint target)
    {
        byte[] port = [(byte)(target.Port >> 8), (byte)target.Port];
        if (IPAddress.TryParse(target.Host, out var address))
            return [5, 1, 0, address.AddressFamily == AddressFamily.InterNetworkV6 ? (byte)4 : (byte)1, .. address.GetAddressBytes(), .. port];

        // The proxy resolves the name, as Go's net/http lets it.
        var name = Encoding.ASCII.GetBytes(target.Host);
        return [5, 1, 0, 3, (byte)name.Length, .. name, .. port];
    }

    private static string Reason(byte code) => code switch
    {
        2 => "not allowed by its rules",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "TTL expired",
        7 => "command not supported",
        8 => "address type not supported",
        _ => "general failure",
    };

    private static (string Name, string Password)? Login(Uri proxy)
    {
        if (proxy.UserInfo.Length == 0)
            return null;
        var colon = proxy.UserInfo.IndexOf(':', StringComparison.Ordinal);
        return colon < 0
            ? (Uri.UnescapeDataString(proxy.UserInfo), "")
            : (Uri.UnescapeDataString(proxy.UserInfo[..colon]), Uri.UnescapeDataString(proxy.UserInfo[(colon + 1)..]));
    }

    /// <summary>Byte by byte: what follows the header belongs to the tunnel.</summary>
    private static async Task<string> ReadHeaderAsync(Stream stream, CancellationToken cancellationToken)
    {
        var header = new StringBuilder();
        var one = new byte[1];
        while (header.Length < HeaderLimit)
        {
            await stream.ReadExactlyAsync(one, cancellationToken).ConfigureAwait(false);
            header.Append((char)one[0]);
            if (one[0] == '\n' && header.Length >= 4 && header[^2] == '\r' && header[^3] == '\n')
                return header.ToString();
        }

        throw new InvalidDataException("the proxy's answer is too long");
    }

    private static EndpointUnreachableException Refused(Uri proxy, string what) =>
        new(UnreachableKind.Proxy, $"the proxy {proxy.Scheme}://{proxy.Authority} {what}");
}
