using System.Text.Json.Nodes;
using MeshTools.Lab;
using Xunit;

namespace MeshTools.Tests.Lab.Controllers;

/// <summary>A cluster without a control plane, used through its store: what controllers do, without HTTP between.</summary>
internal sealed class StoreLab : IAsyncDisposable
{
    private readonly LabHost lab;

    private StoreLab(LabHost lab) => this.lab = lab;

    public LabCluster Cluster => lab.Clusters[0];

    public ObjectStore Store => Cluster.Store;

    public static async Task<StoreLab> StartAsync(Func<LabClusterOptions, LabClusterOptions>? configure = null) =>
        new(await LabHost.StartAsync(new LabOptions
        {
            ClusterCount = 1,
            ControlPlane = false,
            Configure = (_, options) => configure?.Invoke(options) ?? options,
        }));

    public ValueTask DisposeAsync() => lab.DisposeAsync();

    public StoredObject Create(ResourceKey key, string json) => Store.Create(key, (JsonObject)JsonNode.Parse(json)!, "test");

    public StoredObject Deploy(string name, int replicas, string image = "example/app:1", string @namespace = "default") => Create(
        new ResourceKey("apps", "deployments", @namespace, name),
        $$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"generation":1},"spec":{"replicas":{{replicas}},
         "selector":{"matchLabels":{"app":"{{name}}"} },
         "template":{"metadata":{"labels":{"app":"{{name}}"} },"spec":{"containers":[{"name":"main","image":"{{image}}","ports":[{"name":"http","containerPort":8080}]}]} } } }
        """);

    public Task GoneAsync(ResourceKey key) => Eventually.TrueAsync(() => Store.Find(key) is null, () => Store.Find(key)?.Json.ToJsonString() ?? "");

    public async Task<StoredObject> UntilAsync(ResourceKey key, Func<JsonNode, bool> condition)
    {
        await Eventually.TrueAsync(() => Store.Find(key) is { } found && condition(found.Json), () => Store.Find(key)?.Json.ToJsonString() ?? "not there");
        return Store.Get(key);
    }

    public List<StoredObject> Pods(string app, string @namespace = "default") =>
        [.. Store.List("", "pods", @namespace).Items.Where(pod => pod.Json["metadata"]!["labels"]?["app"]?.GetValue<string>() == app && !pod.IsTerminating)];

    public async Task<List<StoredObject>> PodsAsync(string app, int count)
    {
        await Eventually.TrueAsync(
            () => Pods(app) is var pods && pods.Count == count && pods.TrueForAll(pod => pod.Json["status"]?["phase"] is not null),
            () => string.Join('\n', Pods(app).Select(pod => pod.Json.ToJsonString())));
        return Pods(app);
    }

    public static string? Condition(JsonNode? node, string type) =>
        node?["status"]?["conditions"]?.AsArray().FirstOrDefault(item => item!["type"]!.GetValue<string>() == type)?["reason"]?.GetValue<string>();
}
