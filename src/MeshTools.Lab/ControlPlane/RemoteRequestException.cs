namespace MeshTools.Lab;

/// <summary>A remote API server could not be reached or did not answer as hoped; istiod tries again.</summary>
internal sealed class RemoteRequestException : Exception
{
    public RemoteRequestException(string message)
        : base(message)
    {
    }

    public RemoteRequestException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public RemoteRequestException()
    {
    }
}
