using System.Net;
using System.Text.RegularExpressions;
using MeshTools.Errors;

namespace MeshTools.Gateways;

/// <summary>Refuses options that no run could make good, before any cluster is asked.</summary>
internal static partial class GatewayOptionsCheck
{
    /// <exception cref="MeshException"><c>GatewayOptionUnsupported</c>.</exception>
    internal static void Require(EastWestGatewayOptions options)
    {
        var byIstiod = options.Form is EastWestGatewayForm.GatewayApi or EastWestGatewayForm.Ambient;
        if (byIstiod && (options.Replicas is not null || options.Image is not null || options.Resources is not null))
            throw Refuse($"form {options.Form} takes no replicas, image or resources: istiod makes the Deployment of its Gateway");
        if (options.Form is EastWestGatewayForm.Ambient && options.SingleCluster)
            throw Refuse("form Ambient is for calls between networks and needs one");
        if (options.AdvertisedAddresses.Count > 0 && (byIstiod || options.SingleCluster))
        {
            throw Refuse(byIstiod
                ? $"form {options.Form} takes no advertised address: its Gateway and its Service share the network's label, so the Service's own addresses would count too"
                : "a gateway for a single cluster is not called by others, and has no address to advertise");
        }

        if (options.ServiceType is { } type && !string.Equals(type, "LoadBalancer", StringComparison.Ordinal) && (options.LoadBalancerIP is not null || options.InternalLoadBalancer))
            throw Refuse($"a Service of type {type} has no load balancer");
        if (!DnsLabel().IsMatch(options.Name))
            throw Refuse($"'{options.Name}' is no name for a Service: it takes lower-case letters, digits and hyphens, 1 to 50 of them, and begins with a letter");
        if (options.LoadBalancerIP is { } ip && !IsAddress(ip))
            throw Refuse($"'{ip}' is no IP address");
        if (options.AdvertisedAddresses.FirstOrDefault(address => !IsAddress(address) && !HostName().IsMatch(address)) is { } wrong)
            throw Refuse($"'{wrong}' is neither an IP address nor a host name");
    }

    // Four parts, as Kubernetes has it: .NET would take 1.2 for 1.0.0.2.
    private static bool IsAddress(string text) => IPAddress.TryParse(text, out _) && (text.Contains(':', StringComparison.Ordinal) || text.Count(c => c == '.') == 3);

    private static MeshException Refuse(string message) => new(ErrorCatalog.GatewayOptionUnsupported, message);

    // Room for the suffixes of the account and of istiod's own objects within 63 characters.
    [GeneratedRegex("^[a-z]([-a-z0-9]{0,48}[a-z0-9])?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DnsLabel();

    [GeneratedRegex(@"^(?=.{1,253}$)(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex HostName();
}
