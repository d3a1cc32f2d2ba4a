using System.Reflection;
using System.Text.Json.Nodes;
using MeshTools.Lab;
using Xunit;

namespace MeshTools.Tests.Lab.Wire;

/// <summary>One request that was sent to a real kube-apiserver 1.36.2, and what it answered.</summary>
public sealed record Recording(string Name, JsonObject Request, JsonObject Expected)
{
    public static IReadOnlyList<Recording> All { get; } = Load("recordings.json");

    /// <summary>A second set, one long session about what goes wrong and how fields are owned.</summary>
    public static IReadOnlyList<Recording> Comparisons { get; } = Load("comparisons.json");

    public override string ToString() => Name;

    private static Recording[] Load(string file)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(file)!;
        return ((JsonArray)JsonNode.Parse(stream)!).OfType<JsonObject>()
            .Select(row => new Recording((string)row["name"]!, row, (JsonObject)row["expect"]!))
            .ToArray();
    }
}

/// <summary>Sends all recorded requests to a lab cluster, in the order in which they were recorded, since each stands on what came before.</summary>
public sealed class RecordedSession : IAsyncLifetime
{
    private readonly Dictionary<string, Answer> _answers = new(StringComparer.Ordinal);
    private LabHost? _lab;

    public Answer AnswerTo(string name) => _answers[name];

    public async Task InitializeAsync()
    {
        _lab = await LabClient.StartLabAsync();
        var cluster = _lab.Clusters[0];
        using var admin = new LabClient(cluster);
        using var nobody = new LabClient(cluster, asAdministrator: false);
        await PrepareAsync(admin);
        foreach (var recording in Recording.All)
        {
            var request = recording.Request;
            var credential = (string?)request["credential"];
            var token = credential switch
            {
                "bad" => "not-a-token",
                "reader" => cluster.IssueToken("wire", "r"),
                _ => null,
            };
            Task<Answer> SendAsync() => (credential is null ? admin : nobody).SendAsync(
                (string)request["method"]!,
                (string)request["path"]!,
                (string?)request["body"],
                (string?)request["contentType"],
                (string?)request["accept"],
                token);
            var answer = await SendAsync();
            if (recording.Name is "token-secret-filled")
            {
                // A controller fills it, in its own time.
                for (var deadline = DateTime.UtcNow.AddSeconds(20); answer.Json["data"] is null && DateTime.UtcNow < deadline; answer = await SendAsync())
                {
                    await Task.Yield();
                }
            }

            _answers[recording.Name] = answer;
        }
    }

    public async Task DisposeAsync()
    {
        if (_lab is not null)
        {
            await _lab.DisposeAsync();
        }
    }

    /// <summary>What was there before the first recorded request.</summary>
    private static async Task PrepareAsync(LabClient admin)
    {
        async Task CreateAsync(string path, string body, string userAgent)
        {
            var answer = await admin.PostAsync(path, body, userAgent);
            Assert.True(answer.Status == 201, answer.Body);
        }

        await CreateAsync("/api/v1/namespaces", """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"wire"}}""", "kubectl-create/1");
        await CreateAsync("/api/v1/namespaces", """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"sample"}}""", "kubectl-create/1");
        await CreateAsync("/api/v1/namespaces", """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a-third-one"}}""", "kubectl-create/1");

        // Holds the namespace while it is being deleted, so that it can be looked at.
        await CreateAsync(
            "/api/v1/namespaces/wire/secrets",
            """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"stays","finalizers":["example.com/stay"]}}""",
            "kubectl-create/1");
        await CreateAsync(
            "/apis/apps/v1/namespaces/sample/deployments",
            """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","labels":{"app":"web"}},"spec":{"replicas":1,"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"image":"nginx","name":"c"}]}}}}""",
            "kubectl-client-side-apply/1");
        await CreateAsync(
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            """
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"destinationrules.networking.istio.io"},"spec":{"group":"networking.istio.io","scope":"Namespaced",
             "names":{"plural":"destinationrules","kind":"DestinationRule","shortNames":["dr"],"categories":["istio-io"]},
             "versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{}},"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}}
            """,
            "istioctl/1");
    }
}
