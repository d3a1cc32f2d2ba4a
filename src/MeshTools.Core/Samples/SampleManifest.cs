using System.Text.Json.Nodes;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Samples;

/// <summary>The sample workloads as objects, equal in what matters to Istio's samples/helloworld, samples/curl and samples/sleep.</summary>
internal static class SampleManifest
{
    internal const string HelloWorld = "helloworld";

    internal const int Port = 5000;

    /// <summary>The label by which the sample knows what it made.</summary>
    internal const string PartOf = "app.kubernetes.io/part-of";

    /// <summary>Its value.</summary>
    internal const string Sample = "meshtools-sample";

    /// <summary>Selects what the sample made.</summary>
    internal const string Selector = PartOf + "=" + Sample;

    // There are images of two versions; the program says the version that its environment names (istio samples/helloworld/src/app.py), so one image serves them all.
    private const string HelloWorldImage = "registry.istio.io/release/examples-helloworld-v1:1.0";

    private const string CurlImage = "docker.io/curlimages/curl:8.16.0";

    internal static string ClientName(SampleClient client) => client is SampleClient.Sleep ? "sleep" : "curl";

    /// <summary>What one cluster gets, but for the namespace, in the order in which it is applied.</summary>
    internal static IReadOnlyList<ManifestObject> Objects(SampleOptions options, IReadOnlyList<string> versions)
    {
        var ns = options.Namespace;
        var client = ClientName(options.Client);
        var account = Labelled(KubernetesObject.Create("v1", "ServiceAccount", client, ns));
        return
        [
            new ManifestObject(Service(ns, HelloWorld, Port, new JsonObject { ["app"] = HelloWorld, ["service"] = HelloWorld }), "the Service that is called, the same in every cluster"),
            .. versions.Select(version => new ManifestObject(Answering(options, version), $"answers as version {version}")),
            new ManifestObject(account, "the identity of the client"),
            new ManifestObject(Service(ns, client, 80, new JsonObject { ["app"] = client, ["service"] = client }), "the Service of the client"),
            new ManifestObject(Calling(options, client), "the client that calls"),
        ];
    }

    internal static KubernetesObject Labelled(KubernetesObject obj, JsonObject? labels = null)
    {
        labels ??= [];
        labels[PartOf] = Sample;
        labels["app.kubernetes.io/managed-by"] = "meshtools";
        obj.Json["metadata"]!["labels"] = labels;
        return obj;
    }

    internal static bool IsOwn(KubernetesObject obj) => obj.Labels.GetValueOrDefault(PartOf) is Sample;

    private static KubernetesObject Service(string ns, string name, int port, JsonObject labels)
    {
        var service = Labelled(KubernetesObject.Create("v1", "Service", name, ns), labels);
        service.Json["spec"] = new JsonObject
        {
            // The name tells the mesh the protocol.
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "http", ["port"] = port, ["protocol"] = "TCP" }),
            ["selector"] = new JsonObject { ["app"] = name },
        };
        return service;
    }

    private static KubernetesObject Answering(SampleOptions options, string version) => Deployment(
        options,
        $"{HelloWorld}-{version}",
        new JsonObject { ["app"] = HelloWorld, ["version"] = version },
        new JsonObject
        {
            ["containers"] = new JsonArray(new JsonObject
            {
                ["name"] = HelloWorld,
                ["image"] = options.HelloWorldImage ?? HelloWorldImage,
                ["imagePullPolicy"] = "IfNotPresent",
                ["env"] = new JsonArray(new JsonObject { ["name"] = "SERVICE_VERSION", ["value"] = version }),
                ["ports"] = new JsonArray(new JsonObject { ["containerPort"] = Port, ["protocol"] = "TCP" }),
                ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = "100m" } },
            }),
        });

    private static KubernetesObject Calling(SampleOptions options, string name) => Deployment(
        options,
        name,
        new JsonObject { ["app"] = name },
        new JsonObject
        {
            ["serviceAccountName"] = name,
            // It has nothing to finish.
            ["terminationGracePeriodSeconds"] = 0,
            ["containers"] = new JsonArray(new JsonObject
            {
                ["name"] = name,
                ["image"] = options.ClientImage ?? CurlImage,
                ["imagePullPolicy"] = "IfNotPresent",
                ["command"] = new JsonArray("/bin/sleep", "infinity"),
            }),
        });

    private static KubernetesObject Deployment(SampleOptions options, string name, JsonObject labels, JsonObject pod)
    {
        if (options.ImagePullSecret is { } secret)
            pod["imagePullSecrets"] = new JsonArray(new JsonObject { ["name"] = secret.Split('/')[^1] });
        var deployment = Labelled(KubernetesObject.Create("apps/v1", "Deployment", name, options.Namespace), (JsonObject)labels.DeepClone());
        deployment.Json["spec"] = new JsonObject
        {
            ["replicas"] = 1,
            ["selector"] = new JsonObject { ["matchLabels"] = labels.DeepClone() },
            ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = labels.DeepClone() }, ["spec"] = pod },
        };
        return deployment;
    }
}
