using MeshTools.Errors;
using MeshTools.Kubernetes;

namespace MeshTools.Gateways;

/// <summary>Whether a Gateway would do what another one does already: Envoy refuses a listener with two equal filter chains, and the port then serves nobody.</summary>
internal static class ExposureConflicts
{
    /// <summary>Refuses a Gateway that would meet another one on a proxy.</summary>
    /// <param name="state">What is there.</param>
    /// <param name="desired">The Gateway.</param>
    /// <param name="proxies">The labels of the proxies that it selects.</param>
    /// <exception cref="MeshException">There is another one (<c>ExposureConflict</c>).</exception>
    internal static void Require(ExposureState state, KubernetesObject desired, IReadOnlyList<IReadOnlyDictionary<string, string>> proxies)
    {
        ExposedServer[] wanted = [.. ExposureReader.OfIstio(desired)];
        foreach (var other in state.Gateways.Where(gateway => !IsItself(gateway, desired)).SelectMany(ExposureReader.OfIstio))
        {
            if (Array.Find(wanted, server => Meet(server, other, proxies)) is { } server)
            {
                throw new MeshException(
                    ErrorCatalog.ExposureConflict,
                    $"{state.Cluster.Name}: {other.Gateway} passes port {other.Port} on for {string.Join(", ", other.Hosts)} by pods with {ClusterExposure.Text(other.Selector)} already; "
                        + $"{desired.Reference} would do the same for {string.Join(", ", server.Hosts)}",
                    state.Cluster);
            }
        }
    }

    private static bool IsItself(KubernetesObject gateway, KubernetesObject desired) =>
        string.Equals(gateway.Name, desired.Name, StringComparison.Ordinal) && string.Equals(gateway.Namespace, desired.Namespace, StringComparison.Ordinal);

    private static bool Meet(ExposedServer one, ExposedServer other, IReadOnlyList<IReadOnlyDictionary<string, string>> proxies) =>
        one.Port == other.Port
        && one.Hosts.Any(host => other.Hosts.Any(theirs => HostPattern.Overlap(host, theirs)))
        // While there is no proxy to look at, only a selector that finds all that the other one finds is certain to meet it.
        && (proxies.Count > 0 ? proxies.Any(other.Selects) : other.Selects(one.Selector));
}
