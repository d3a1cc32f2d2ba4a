using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Kubernetes;
using MeshTools.Tests.Scenarios;

namespace MeshTools.Tests.Injection;

/// <summary>One cluster of a lab with namespaces and workloads in it.</summary>
internal sealed class InjectionLab : IAsyncDisposable
{
    private InjectionLab(LabMesh mesh)
    {
        Mesh = mesh;
        Cluster = mesh.Load()[0];
    }

    public LabMesh Mesh { get; }

    public MeshCluster Cluster { get; }

    public KubernetesClient Client => Cluster.Connect();

    public static async Task<InjectionLab> StartAsync(string? revision = null) =>
        new(await LabMesh.StartAsync(1, options => options with { Revision = revision }));

    public ValueTask DisposeAsync() => Mesh.DisposeAsync();

    public Task NamespaceAsync(string name, string labels = "{}") => Client.CreateAsync(Parse(
        $$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{name}}","labels":{{labels}} } }"""));

    public async Task<IReadOnlyDictionary<string, string>> LabelsAsync(string ns) => (await Client.GetAsync(ResourceTypes.Namespace, null, ns)).Labels;

    /// <summary>Another revision or tag as far as its webhooks go: a copy of what is there, with other names.</summary>
    public async Task InjectorAsync(string name, string revision, string? tag = null, bool byDefault = false)
    {
        var labels = tag is null ? $$"""{"istio.io/rev":"{{revision}}"}""" : $$"""{"istio.io/rev":"{{revision}}","istio.io/tag":"{{tag}}"}""";
        var selector = byDefault
            ? """{"matchExpressions":[{"key":"istio-injection","operator":"In","values":["enabled"]}]}"""
            : $$"""{"matchExpressions":[{"key":"istio.io/rev","operator":"In","values":["{{tag ?? revision}}"] },{"key":"istio-injection","operator":"DoesNotExist"}]}""";
        await Client.CreateAsync(Parse($$"""
            {"apiVersion":"admissionregistration.k8s.io/v1","kind":"MutatingWebhookConfiguration","metadata":{"name":"{{name}}","labels":{{labels}} },
             "webhooks":[{"name":"rev.namespace.sidecar-injector.istio.io","admissionReviewVersions":["v1"],"sideEffects":"None","failurePolicy":"Fail",
               "namespaceSelector":{{selector}},"objectSelector":{"matchExpressions":[{"key":"sidecar.istio.io/inject","operator":"NotIn","values":["false"] }] },
               "clientConfig":{"service":{"name":"istiod-{{revision}}","namespace":"istio-system","path":"/inject"} },
               "rules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["pods"]}]}]}
            """));
    }

    public async Task WorkloadAsync(string ns, string kind, string name, string podLabels = "{}", string spec = "{}", string image = "example/app:1")
    {
        var workload = KubernetesObject.Create("apps/v1", kind, name, ns);
        var labels = (JsonObject)JsonNode.Parse(podLabels)!;
        labels["app"] = name;
        var pod = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "main", ["image"] = image }) };
        workload.Json["spec"] = new JsonObject
        {
            ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = name } },
            ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = labels }, ["spec"] = pod },
        };
        if (kind is "StatefulSet")
            workload.Json["spec"]!["serviceName"] = name;
        foreach (var (key, value) in (JsonObject)JsonNode.Parse(spec)!)
            workload.Json["spec"]![key] = value?.DeepClone();
        await Client.ApplyAsync(workload);
    }

    public async Task UpAsync(string ns, string kind, string name)
    {
        var type = ResourceTypes.Find("apps/v1", kind)!;
        await Client.WaitForRolloutAsync(type, ns, name, TimeSpan.FromSeconds(60));
    }

    public static KubernetesObject Parse(string json) => new((JsonObject)JsonNode.Parse(json)!);
}
