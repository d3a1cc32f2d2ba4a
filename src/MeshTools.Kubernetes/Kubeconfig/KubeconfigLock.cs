namespace MeshTools.Kubernetes;

/// <summary>The lock that kubectl and client-go take while they write a kubeconfig: an empty file beside it, made if absent (clientcmd/config.go, lockFile).</summary>
internal sealed class KubeconfigLock : IDisposable
{
    private readonly string _path;

    private KubeconfigLock(string path) => _path = path;

    internal static KubeconfigLock Take(string kubeconfig)
    {
        var path = kubeconfig + ".lock";
        try
        {
            using var created = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new KubeconfigException(
                KubeconfigProblem.Locked, $"another program is writing {kubeconfig}; if none is, delete {path}", e) { Path = kubeconfig };
        }

        return new KubeconfigLock(path);
    }

    public void Dispose() => File.Delete(_path);
}
