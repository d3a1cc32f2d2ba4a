namespace MeshTools.Lab;

/// <summary>A remote secret's kubeconfig that istiod does not accept; the message is what istiod logs.</summary>
internal sealed class RemoteKubeconfigException : Exception
{
    public RemoteKubeconfigException(string message)
        : base(message)
    {
    }

    public RemoteKubeconfigException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public RemoteKubeconfigException()
    {
    }
}
