namespace MeshTools.Tests.Kubernetes;

/// <summary>Kubeconfigs for tests.</summary>
internal static class KubeconfigTestData
{
    internal static string One(string cluster = "server: https://127.0.0.1:1", string user = "token: t", string context = "cluster: c, user: u") => $$$"""
        apiVersion: v1
        kind: Config
        clusters: [{name: c, cluster: { {{{cluster}}} }}]
        users: [{name: u, user: { {{{user}}} }}]
        contexts: [{name: x, context: { {{{context}}} }}]
        current-context: x
        """;
}
