namespace MeshTools.Lab;

/// <summary>A command line that cannot be: what is wrong with it, for the one who typed it. The exit code is 2.</summary>
internal sealed class UsageException : Exception
{
    public UsageException(string message)
        : base(message)
    {
    }

    public UsageException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public UsageException()
    {
    }
}
