namespace MeshTools.Lab;

/// <summary>A signing bundle that istiod cannot start with, or does not change to; the message is istiod's.</summary>
internal sealed class CaBundleException : Exception
{
    public CaBundleException(string message)
        : base(message)
    {
    }

    public CaBundleException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public CaBundleException()
    {
    }
}
