using System.Net;
using System.Net.Sockets;
using MeshTools.Clusters;

namespace MeshTools.Discovery;

/// <summary>
/// Addresses that pods of other clusters can hardly reach. istioctl warns of <c>127.0.0.1</c> and <c>localhost</c> only; the others fail just as silently
/// (istiod shows the cluster as <c>timeout</c>).
/// </summary>
internal static class ServerReachability
{
    /// <summary>Why pods of other clusters may not reach a server; <see langword="null"/> when nothing speaks against it.</summary>
    internal static string? Doubt(MeshCluster cluster, Uri server)
    {
        if (cluster.IsLab)
            return null;
        var host = server.IdnHost;
        if (IPAddress.TryParse(host, out var address))
            return Doubt(address);
        if (Is(host, "localhost") || EndsWith(host, ".localhost"))
            return "is this machine's loopback; pods cannot reach it";
        if (Is(host, "host.docker.internal") || Is(host, "kubernetes.docker.internal") || Is(host, "gateway.docker.internal") || Is(host, "host.minikube.internal"))
            return "is a name that only this machine's container engine knows";
        if (!host.Contains('.', StringComparison.Ordinal))
            return "is a name without a domain, which other clusters resolve differently or not at all";
        if (EndsWith(host, ".local") || EndsWith(host, ".internal") || EndsWith(host, ".svc") || EndsWith(host, ".lan") || EndsWith(host, ".home.arpa"))
            return "is a name of a private network; pods of other clusters must be able to resolve it";
        return EndsWith(host, ".privatelink.azmk8s.io") || EndsWith(host, ".privatelink.eks.amazonaws.com")
            ? "is a private endpoint; pods of other clusters must be able to resolve and reach it"
            : null;
    }

    private static string? Doubt(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (IPAddress.IsLoopback(address))
            return "is this machine's loopback; pods cannot reach it";
        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            return "is an address to listen on, not one to connect to";
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            return address.IsIPv6LinkLocal ? "is a link-local address, which no router forwards"
                : address.IsIPv6UniqueLocal ? "is a private address; pods of other clusters must have a route to it" : null;
        }

        var b = address.GetAddressBytes();
        return (b[0], b[1]) switch
        {
            (169, 254) => "is a link-local address, which no router forwards",
            (10, _) or (172, >= 16 and <= 31) or (192, 168) or (100, >= 64 and <= 127) => "is a private address; pods of other clusters must have a route to it",
            _ => null,
        };
    }

    private static bool Is(string host, string name) => string.Equals(host, name, StringComparison.OrdinalIgnoreCase);

    private static bool EndsWith(string host, string end) => host.EndsWith(end, StringComparison.OrdinalIgnoreCase);
}
