namespace MeshTools.Lab;

/// <summary>A pod behind a Service.</summary>
/// <param name="Cluster">Where it runs.</param>
/// <param name="ClusterId">What the asking istiod calls that cluster.</param>
/// <param name="Pod">The pod.</param>
/// <param name="Port">Its port.</param>
internal sealed record Endpoint(LabCluster Cluster, string ClusterId, StoredObject Pod, int Port)
{
    /// <summary>The pod's address.</summary>
    public string Address => Pod.Json.Text("status", "podIP") ?? string.Empty;

    /// <summary>The network it is said to be in: by its own label, else by that of its cluster's system namespace; empty for none.</summary>
    public string Network => NetworkOf(Cluster, Pod);

    public static string NetworkOf(LabCluster cluster, StoredObject pod) =>
        pod.Json.Label(SidecarInjector.NetworkLabel) ??
        cluster.Store.Find(Namespaces.Key(ControlPlaneObjects.Namespace))?.Json.Label(SidecarInjector.NetworkLabel) ?? string.Empty;

    /// <summary>The ready pods behind a port of a Service in one cluster, by its EndpointSlices.</summary>
    public static IEnumerable<Endpoint> Of(LabCluster cluster, string clusterId, ServiceName name, int port)
    {
        var service = cluster.Store.Find(new ResourceKey("", "services", name.Namespace, name.Name));
        var wanted = service?.Json.Objects("spec", "ports").FirstOrDefault(item => item.Number(0, "port") == port);
        if (wanted is null)
        {
            yield break;
        }

        foreach (var slice in cluster.Store.List("discovery.k8s.io", "endpointslices", name.Namespace).Items)
        {
            if (!string.Equals(slice.Json.Label("kubernetes.io/service-name"), name.Name, StringComparison.Ordinal) ||
                slice.Json.Objects("ports").FirstOrDefault(item =>
                    string.Equals(item.Text("name") ?? string.Empty, wanted.Text("name") ?? string.Empty, StringComparison.Ordinal)) is not { } target)
            {
                continue;
            }

            foreach (var endpoint in slice.Json.Objects("endpoints"))
            {
                if (endpoint.Flag("conditions", "ready") && endpoint.Text("targetRef", "name") is { } pod &&
                    cluster.Store.Find(new ResourceKey("", "pods", name.Namespace, pod)) is { } found)
                {
                    yield return new Endpoint(cluster, clusterId, found, (int)target.Number(0, "port"));
                }
            }
        }
    }
}
