using System.Globalization;
using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Gateways;
using MeshTools.Kubernetes;

namespace MeshTools.Verify;

/// <summary>Rules of one cluster that decide where its calls to the Service go, and how.</summary>
/// <param name="DestinationRules">Those for the Service's host.</param>
/// <param name="PeerAuthentications">Those that can hold for the Service's pods.</param>
/// <param name="MeshConfiguration">The mesh configuration.</param>
/// <param name="Service">The Service.</param>
internal sealed record TrafficRules(
    IReadOnlyList<KubernetesObject> DestinationRules, IReadOnlyList<KubernetesObject> PeerAuthentications, JsonNode? MeshConfiguration, KubernetesObject? Service)
{
    internal static TrafficRules None { get; } = new([], [], null, null);

    internal static async Task<TrafficRules> ReadAsync(MeshCluster cluster, ConnectivityOptions options, CancellationToken cancellationToken)
    {
        var client = cluster.Connect();
        var map = ControlPlaneRevision.Revisioned("istio", cluster.Revision ?? cluster.Revisions.FirstOrDefault() ?? ControlPlaneRevision.DefaultRevision);
        var mesh = client.FindAsync(ResourceTypes.ConfigMap, options.ControlPlaneNamespace, map, cancellationToken);
        var service = client.FindAsync(ResourceTypes.Service, options.Namespace, options.Service, cancellationToken);
        var rules = await ListAsync(cluster, "networking.istio.io", "DestinationRule", cancellationToken).ConfigureAwait(false);
        var policies = await ListAsync(cluster, "security.istio.io", "PeerAuthentication", cancellationToken).ConfigureAwait(false);
        string?[] homes = [options.EffectiveClientNamespace, options.Namespace, options.ControlPlaneNamespace];
        return new TrafficRules(
            [.. rules.Where(rule => homes.Contains(rule.Namespace, StringComparer.Ordinal) && IsFor(rule, options))],
            [.. policies.Where(policy => policy.Namespace.Same(options.Namespace) || (policy.Namespace.Same(options.ControlPlaneNamespace) && policy.Find("spec", "selector") is null))],
            Yaml((await mesh.ConfigureAwait(false))?.FindString("data", "mesh")),
            await service.ConfigureAwait(false));
    }

    /// <summary>
    /// Why calls of this cluster stay there, or in the nearest locality, while that is well; <see langword="null"/> when nothing keeps them. Locality failover is on by default and
    /// takes effect as soon as there is outlier detection (istio.io, Locality failover); a cluster-local Service never leaves.
    /// </summary>
    internal string? KeepsCallsLocal(ConnectivityOptions options)
    {
        if (ClusterLocal(options) is { } pattern)
            return $"meshConfig.serviceSettings makes {pattern} cluster-local";
        if (Service?.FindString("spec", "trafficDistribution") is { Length: > 0 } distribution)
            return $"Service {options.Namespace}/{options.Service} has trafficDistribution {distribution}";
        if (Service?.Annotations.GetValueOrDefault("networking.istio.io/traffic-distribution") is { Length: > 0 } annotated)
            return $"Service {options.Namespace}/{options.Service} is annotated networking.istio.io/traffic-distribution: {annotated}";
        foreach (var rule in DestinationRules)
        {
            foreach (var policy in Policies(rule, options.Port))
            {
                var locality = policy.Find("loadBalancer", "localityLbSetting") ?? MeshConfiguration.Find("localityLbSetting");
                if (locality.FindBoolean("enabled") is false)
                    continue;
                var name = $"DestinationRule {rule.Namespace}/{rule.Name}";
                if (policy.Find("loadBalancer", "localityLbSetting", "distribute") is not null)
                    return $"{name} distributes calls over localities by weight";
                if (policy.Find("outlierDetection") is JsonObject)
                    return $"{name} has outlierDetection, and with it locality failover";
            }
        }

        return null;
    }

    /// <summary>The TLS mode that a rule sets for calls to the Service; <see langword="null"/> for none, so that it is automatic.</summary>
    internal (string Rule, string Mode)? TlsMode(int port)
    {
        foreach (var rule in DestinationRules)
        {
            if (Policies(rule, port).Select(policy => policy.FindString("tls", "mode")).FirstOrDefault(mode => mode is not null) is { } mode)
                return ($"{rule.Namespace}/{rule.Name}", mode);
        }

        return null;
    }

    /// <summary>The mTLS mode that holds for a pod: that of its port, of what selects it, of its namespace, of the mesh (istio pilot/pkg/security/authn).</summary>
    internal (string? Policy, string Mode) PeerMode(KubernetesObject pod, long port, string rootNamespace)
    {
        KubernetesObject[] own = [.. PeerAuthentications.Where(policy => policy.Namespace.Same(pod.Namespace)).OrderBy(policy => policy.CreationTimestamp)];
        KubernetesObject[] selecting = [.. own.Where(policy => Selector(policy) is { Count: > 0 } labels && labels.All(pair => pod.Labels.GetValueOrDefault(pair.Key).Same(pair.Value)))];
        var text = port.ToString(CultureInfo.InvariantCulture);
        var found = selecting.Select(policy => (policy, mode: policy.FindString("spec", "portLevelMtls", text, "mode")))
            .Concat(selecting.Concat(own.Where(policy => Selector(policy).Count == 0)).Concat(PeerAuthentications.Where(policy => policy.Namespace.Same(rootNamespace)))
                .Select(policy => (policy, mode: policy.FindString("spec", "mtls", "mode"))))
            .FirstOrDefault(item => item.mode is { Length: > 0 } and not "UNSET");
        return found.mode is null ? (null, "PERMISSIVE") : ($"{found.policy.Namespace}/{found.policy.Name}", found.mode);
    }

    private string? ClusterLocal(ConnectivityOptions options)
    {
        foreach (var setting in MeshConfiguration.FindArray("serviceSettings") ?? [])
        {
            if (setting.FindBoolean("settings", "clusterLocal") is true
                && setting.FindStrings("hosts").FirstOrDefault(pattern => HostPattern.Covers(pattern, options.Host)) is { } pattern)
                return pattern;
        }

        return null;
    }

    private static IEnumerable<JsonNode?> Policies(KubernetesObject rule, int port)
    {
        var policy = rule.Find("spec", "trafficPolicy");
        foreach (var level in policy.FindArray("portLevelSettings") ?? [])
        {
            if (level.FindInt64("port", "number") == port)
                yield return level;
        }

        yield return policy;
        foreach (var subset in rule.Json.FindArray("spec", "subsets") ?? [])
            yield return subset.Find("trafficPolicy");
    }

    private static bool IsFor(KubernetesObject rule, ConnectivityOptions options)
    {
        if (rule.FindString("spec", "host") is not { Length: > 0 } host)
            return false;
        // A name without a dot is completed with the namespace of the rule.
        var full = host.Contains('.', StringComparison.Ordinal) || host is "*" ? host : $"{host}.{rule.Namespace}.svc.cluster.local";
        return full.Same($"{options.Service}.{options.Namespace}") || full.Same($"{options.Service}.{options.Namespace}.svc") || HostPattern.Covers(full, options.Host);
    }

    private static Dictionary<string, string> Selector(KubernetesObject policy) => JsonAccess.ToStringMap(policy.Find("spec", "selector", "matchLabels"));

    private static async Task<IReadOnlyList<KubernetesObject>> ListAsync(MeshCluster cluster, string group, string kind, CancellationToken cancellationToken)
    {
        var served = await cluster.Connect().Discovery.GetResourcesAsync(cancellationToken).ConfigureAwait(false);
        var type = served.Where(item => item.Group.Same(group) && item.Kind.Same(kind)).OrderBy(item => item.Version.Length).ThenBy(item => item.Version, StringComparer.Ordinal).FirstOrDefault();
        return type is null ? [] : await ExposureReader.ListAsync(cluster, type, null, cancellationToken).ConfigureAwait(false);
    }

    private static JsonNode? Yaml(string? text)
    {
        try
        {
            return text is null ? null : KubernetesYaml.ParseAll(text).FirstOrDefault();
        }
        catch (KubernetesYamlException)
        {
            return null;
        }
    }
}
