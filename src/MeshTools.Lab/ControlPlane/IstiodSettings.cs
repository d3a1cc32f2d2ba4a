using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>What a simulated istiod reads from its own pod: the environment of the container <c>discovery</c>.</summary>
internal sealed record IstiodSettings(string ClusterId, string Revision, string Namespace, string PodName, string Version, TimeSpan RemoteTimeout)
{
    public const string RemoteTimeoutVariable = "PILOT_REMOTE_CLUSTER_TIMEOUT";

    public static readonly TimeSpan DefaultRemoteTimeout = TimeSpan.FromSeconds(30);

    /// <summary>First pause before a remote cluster is tried again.</summary>
    public TimeSpan RemoteRetry { get; init; } = TimeSpan.FromMilliseconds(800);

    /// <summary>Whether a mesh of several roots is allowed for (ISTIO_MULTIROOT_MESH).</summary>
    public bool MultiRoot { get; init; }

    /// <summary>What the injector goes by where it is not in the cluster, as with a managed control plane; null for its ConfigMap.</summary>
    public JsonObject? ManagedValues { get; init; }

    /// <summary>The settings of a pod; null when it runs no istiod.</summary>
    public static IstiodSettings? Of(StoredObject pod)
    {
        var container = pod.Json.Objects("spec", "containers").FirstOrDefault(candidate => candidate.Text("name") is "discovery");
        if (container is null || pod.Json.Label("app") is not "istiod")
        {
            return null;
        }

        var image = container.Text("image") ?? string.Empty;
        var tag = image.LastIndexOf(':');
        return new IstiodSettings(
            Variable(container, "CLUSTER_ID") is { Length: > 0 } id ? id : "Kubernetes",
            Variable(container, "REVISION") is { Length: > 0 } revision ? revision : "default",
            pod.Key.Namespace!,
            pod.Key.Name,
            tag < 0 ? "unknown" : image[(tag + 1)..],
            GoDuration.TryParse(Variable(container, RemoteTimeoutVariable), out var timeout) ? timeout : DefaultRemoteTimeout)
        {
            MultiRoot = Variable(container, "ISTIO_MULTIROOT_MESH") is "true" or "1",
        };
    }

    /// <summary>The revision as a suffix of the names of ConfigMaps.</summary>
    public string Suffix => Revision is "default" ? string.Empty : "-" + Revision;

    private static string? Variable(JsonObject container, string name) =>
        container.Objects("env").FirstOrDefault(variable => string.Equals(variable.Text("name"), name, StringComparison.Ordinal)).Text("value");
}
