using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// The registries of a cluster, as its kubelets meet them. There is no image under hosts of <c>.invalid</c>, but for <c>private.invalid</c>, which has every image for pods with
/// a pull secret, and none for others. <c>auto</c> is no image either: a gateway whose injection webhook did not run.
/// </summary>
internal static class PodImages
{
    private const string Private = "private.invalid";

    /// <summary>Why an image cannot be pulled for a pod, in the words of containerd; null when it can.</summary>
    public static string? Refusal(ObjectStore store, StoredObject pod, string image)
    {
        var host = image.Split('/')[0].Split(':')[0];
        if (image is "auto")
        {
            return "failed to pull and unpack image \"docker.io/library/auto:latest\": pull access denied, repository does not exist or may require authorization: " +
                "server message: insufficient_scope: authorization failed";
        }

        if (string.Equals(host, Private, StringComparison.OrdinalIgnoreCase))
        {
            return Secrets(pod).Any(name => IsThere(store, pod, name))
                ? null
                : $"failed to pull and unpack image \"{image}\": failed to resolve reference \"{image}\": failed to authorize: failed to fetch anonymous token: " +
                    "unexpected status: 401 Unauthorized";
        }

        return host.EndsWith(".invalid", StringComparison.OrdinalIgnoreCase)
            ? $"failed to pull and unpack image \"{image}\": failed to resolve reference \"{image}\": failed to do request: dial tcp: lookup {host}: no such host"
            : null;
    }

    /// <summary>Whether what is missing may still come.</summary>
    public static bool MayCome(JsonObject container) =>
        (container.Text("image") ?? string.Empty).StartsWith(Private, StringComparison.OrdinalIgnoreCase);

    /// <summary>Tells of a failed pull, as a kubelet does (k8s pkg/kubelet/images/image_manager.go, kubelet_pods.go).</summary>
    public static void Tell(ObjectStore store, StoredObject pod, string image, string refusal)
    {
        string[] missing = [.. Secrets(pod).Where(name => !IsThere(store, pod, name))];
        if (missing.Length > 0)
        {
            Record("FailedToRetrieveImagePullSecret", $"Unable to retrieve some image pull secrets ({string.Join(", ", missing)}); attempting to pull the image may not succeed.");
        }

        Record("Failed", $"Failed to pull image \"{image}\": {refusal}");
        void Record(string reason, string message) => Events.Record(store, pod, "Warning", reason, message, "kubelet");
    }

    private static IEnumerable<string> Secrets(StoredObject pod) => pod.Json.Objects("spec", "imagePullSecrets").Select(secret => secret.Text("name") ?? string.Empty);

    private static bool IsThere(ObjectStore store, StoredObject pod, string secret) =>
        store.Find(new ResourceKey("", "secrets", pod.Key.Namespace, secret))?.Json.Text("type") is "kubernetes.io/dockerconfigjson";
}
