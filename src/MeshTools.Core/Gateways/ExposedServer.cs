using MeshTools.Kubernetes;

namespace MeshTools.Gateways;

/// <summary>A port of a gateway, and the names that it passes on without ending their TLS.</summary>
/// <param name="Gateway">The object that says so: a Gateway of Istio or of the Kubernetes Gateway API.</param>
/// <param name="Port">The port, 1 to 65535.</param>
/// <param name="Mode">
/// <c>AUTO_PASSTHROUGH</c> when the proxy finds the service by the name itself, as calls between networks need it; <c>PASSTHROUGH</c> when a route names it.
/// </param>
public sealed record ExposedServer(ObjectReference Gateway, int Port, string Mode)
{
    /// <summary>The port through which networks call each other (istio pkg/model/network.go).</summary>
    public const int CrossNetworkPort = 15443;

    /// <summary>The mode of that port.</summary>
    public const string AutoPassthrough = "AUTO_PASSTHROUGH";

    /// <summary>The labels of the pods that do it; none stand for all pods.</summary>
    public IReadOnlyDictionary<string, string> Selector { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The hosts, as the object has them.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Whether this passes on calls from other networks.</summary>
    public bool IsCrossNetwork => Port == CrossNetworkPort && string.Equals(Mode, AutoPassthrough, StringComparison.Ordinal);

    /// <summary>Whether a host is among the names.</summary>
    /// <param name="host">A whole name: <c>helloworld.sample.svc.cluster.local</c>.</param>
    /// <returns>Whether it is.</returns>
    public bool Covers(string host)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        return Hosts.Any(pattern => HostPattern.Covers(pattern, host));
    }

    /// <summary>Whether a pod is one of those that do it.</summary>
    /// <param name="labels">The pod's labels.</param>
    /// <returns>Whether it is.</returns>
    public bool Selects(IReadOnlyDictionary<string, string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return Selector.All(pair => labels.TryGetValue(pair.Key, out var value) && string.Equals(value, pair.Value, StringComparison.Ordinal));
    }

    /// <summary>Port, mode and hosts.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"port {Port} {Mode} {string.Join(", ", Hosts)}";
}
