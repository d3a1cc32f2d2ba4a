using MeshTools.Clusters;

namespace MeshTools.Tests.Discovery;

/// <summary>Clusters that exist in a kubeconfig alone.</summary>
internal static class KubeconfigClusters
{
    public static MeshCluster One(string context, string server, bool lab = false) => Several(lab, (context, server))[0];

    public static IReadOnlyList<MeshCluster> Several(bool lab, params (string Context, string Server)[] entries)
    {
        var folder = Directory.CreateTempSubdirectory("meshtools-kubeconfig-");
        try
        {
            var path = Path.Combine(folder.FullName, "config");
            var mark = lab ? ", \"extensions\": [{\"name\": \"meshtools.lab\", \"extension\": {}}]" : "";
            var clusters = entries.Select(entry => $$$"""{"name": "{{{entry.Context}}}", "cluster": {"server": "{{{entry.Server}}}"{{{mark}}} }}""");
            var contexts = entries.Select(entry => $$$"""{"name": "{{{entry.Context}}}", "context": {"cluster": "{{{entry.Context}}}", "user": "u"}}""");
            File.WriteAllText(path, $"""
                apiVersion: v1
                kind: Config
                clusters: [{string.Join(", ", clusters)}]
                users: []
                contexts: [{string.Join(", ", contexts)}]
                """);
            return ClusterCatalog.Load([path]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
