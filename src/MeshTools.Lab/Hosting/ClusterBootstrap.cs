using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>What is in a cluster before anybody does anything: its own namespaces, nodes and the Service of its API.</summary>
internal static class ClusterBootstrap
{
    public static void Run(ObjectStore store, LabClusterOptions options, int index, int port)
    {
        foreach (var name in (ReadOnlySpan<string>)["default", "kube-system", "kube-public", "kube-node-lease"])
        {
            CreateNamespace(store, name, []);
        }

        for (var node = 0; node < options.NodeCount; node++)
        {
            store.Create(
                new ResourceKey("", "nodes", null, NodeObjects.Name(options, node)),
                NodeObjects.Create(options, index, node, Metadata.Timestamp(store.Clock)),
                FieldManagers.Kubelet);
        }

        CreateApiService(store, port);
    }

    /// <summary>A namespace as the API server would have completed it.</summary>
    public static StoredObject CreateNamespace(ObjectStore store, string name, JsonObject labels)
    {
        labels["kubernetes.io/metadata.name"] = name;
        return store.Create(
            Namespaces.Key(name),
            new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Namespace",
                ["metadata"] = new JsonObject { ["labels"] = labels },
                ["spec"] = new JsonObject { ["finalizers"] = new JsonArray(JsonValue.Create("kubernetes")) },
                ["status"] = new JsonObject { ["phase"] = "Active" },
            },
            "kube-apiserver");
    }

    private static void CreateApiService(ObjectStore store, int port)
    {
        JsonObject Labels() => new() { ["component"] = "apiserver", ["provider"] = "kubernetes" };
        store.Create(
            new ResourceKey("", "services", "default", "kubernetes"),
            new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Service",
                ["metadata"] = new JsonObject { ["labels"] = Labels() },
                ["spec"] = new JsonObject
                {
                    ["clusterIP"] = "10.96.0.1",
                    ["clusterIPs"] = new JsonArray(JsonValue.Create("10.96.0.1")),
                    ["internalTrafficPolicy"] = "Cluster",
                    ["ipFamilies"] = new JsonArray(JsonValue.Create("IPv4")),
                    ["ipFamilyPolicy"] = "SingleStack",
                    ["ports"] = new JsonArray(new JsonObject
                    {
                        ["name"] = "https", ["port"] = 443, ["protocol"] = "TCP", ["targetPort"] = port,
                    }),
                    ["sessionAffinity"] = "None",
                    ["type"] = "ClusterIP",
                },
                ["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() },
            },
            "kube-apiserver");
        store.Create(
            new ResourceKey("", "endpoints", "default", "kubernetes"),
            new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Endpoints",
                ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["endpointslice.kubernetes.io/skip-mirror"] = "true" } },
                ["subsets"] = new JsonArray(new JsonObject
                {
                    ["addresses"] = new JsonArray(new JsonObject { ["ip"] = "127.0.0.1" }),
                    ["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["port"] = port, ["protocol"] = "TCP" }),
                }),
            },
            "kube-apiserver");
        store.Create(
            new ResourceKey("discovery.k8s.io", "endpointslices", "default", "kubernetes"),
            new JsonObject
            {
                ["apiVersion"] = "discovery.k8s.io/v1",
                ["kind"] = "EndpointSlice",
                ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["kubernetes.io/service-name"] = "kubernetes" } },
                ["addressType"] = "IPv4",
                ["endpoints"] = new JsonArray(new JsonObject
                {
                    ["addresses"] = new JsonArray(JsonValue.Create("127.0.0.1")),
                    ["conditions"] = new JsonObject { ["ready"] = true },
                }),
                ["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["port"] = port, ["protocol"] = "TCP" }),
            },
            "kube-apiserver");
    }

    /// <summary>First two numbers of the addresses of a cluster's pods.</summary>
    public static string PodAddresses(int index) => string.Create(CultureInfo.InvariantCulture, $"10.{100 + (index % 100)}");

    /// <summary>First three numbers of the addresses of its load balancers (the range kept for benchmarks, RFC 2544).</summary>
    public static string LoadBalancerAddresses(int index) => string.Create(CultureInfo.InvariantCulture, $"198.18.{index % 250}");
}
