namespace MeshTools.Kubernetes;

/// <summary>What the kubelet gives every pod with a service account (client-go rest/config.go, InClusterConfig).</summary>
internal static class InClusterConfiguration
{
    internal const string ServiceAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

    internal static bool IsAvailable =>
        !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST"))
        && File.Exists(Path.Combine(ServiceAccountDirectory, "token"));

    internal static ClientConfiguration Create(string? host, string? port, string directory)
    {
        if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port))
        {
            throw new KubeconfigException(
                KubeconfigProblem.NotFound, "not in a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set");
        }

        var token = Path.Combine(directory, "token");
        if (!File.Exists(token))
            throw new KubeconfigException(KubeconfigProblem.NotFound, $"not in a cluster: {token} does not exist") { Path = token };

        var authority = Path.Combine(directory, "ca.crt");
        var space = Path.Combine(directory, "namespace");
        return new ClientConfiguration
        {
            Server = new Uri(host.Contains(':', StringComparison.Ordinal) ? $"https://[{host}]:{port}" : $"https://{host}:{port}"),
            CertificateAuthorityPem = File.Exists(authority) ? File.ReadAllText(authority) : null,
            Credentials = new TokenFileCredential(token),
            Namespace = File.Exists(space) && File.ReadAllText(space).Trim() is { Length: > 0 } name ? name : "default",
        };
    }
}
