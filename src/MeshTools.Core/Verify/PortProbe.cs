using System.Globalization;
using MeshTools.Kubernetes;

namespace MeshTools.Verify;

/// <summary>How an address answers to a connection from a client's pod.</summary>
internal enum PortAnswer
{
    /// <summary>It takes connections.</summary>
    Open,

    /// <summary>It is there, and nothing listens.</summary>
    Refused,

    /// <summary>Nothing comes back: a firewall, or no route.</summary>
    Silent,

    /// <summary>Its name is not known there.</summary>
    UnknownName,

    /// <summary>It could not be tried.</summary>
    Unknown,
}

/// <summary>
/// Tries a TCP port with curl from a client's pod: from the proxy's container, whose connections are not redirected (its user is exempt), so that what curl says is what the network
/// says; where that has no curl, from the client's, through the proxy, where only silence can be told from the rest.
/// </summary>
internal static class PortProbe
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(4);

    internal static async Task<PortAnswer> TryAsync(ClientPod client, string address, int port, CancellationToken cancellationToken)
    {
        if (client.Injected && await CurlAsync(client, ClientPod.Proxy, address, port, cancellationToken).ConfigureAwait(false) is { } direct)
            return Read(direct, throughProxy: false);
        return await CurlAsync(client, client.Container, address, port, cancellationToken).ConfigureAwait(false) is { } code
            ? Read(code, client.Injected)
            : PortAnswer.Unknown;
    }

    // A gateway that passes TLS on closes what is none, so every end but these three means that somebody took the connection.
    private static PortAnswer Read(int exitCode, bool throughProxy) => exitCode switch
    {
        6 => PortAnswer.UnknownName,
        7 => PortAnswer.Refused,
        28 => PortAnswer.Silent,
        126 or 127 => PortAnswer.Unknown,
        _ => throughProxy ? PortAnswer.Unknown : PortAnswer.Open,
    };

    /// <returns>curl's exit code; <see langword="null"/> when there is no curl.</returns>
    private static async Task<int?> CurlAsync(ClientPod client, string container, string address, int port, CancellationToken cancellationToken)
    {
        var host = address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address;
        string[] command =
        [
            "curl", "-sS", "-o", "/dev/null", "-m", s_patience.TotalSeconds.ToString(CultureInfo.InvariantCulture), "--noproxy", "*", "-w", "%{time_connect}",
            string.Create(CultureInfo.InvariantCulture, $"http://{host}:{port}/"),
        ];
        try
        {
            var result = await client.Cluster.Connect()
                .ExecAsync(client.Namespace, client.Name, new ExecOptions(command) { Container = container }, cancellationToken).ConfigureAwait(false);
            // Who takes the connection and then says nothing has taken it.
            var connected = double.TryParse(result.Stdout.Trim(), CultureInfo.InvariantCulture, out var seconds) && seconds > 0;
            return result.ExitCode is 126 or 127 ? null : result.ExitCode is 28 && connected ? 0 : result.ExitCode;
        }
        catch (KubernetesException)
        {
            return null;
        }
    }
}
