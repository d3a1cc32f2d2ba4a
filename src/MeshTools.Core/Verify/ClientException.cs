namespace MeshTools.Verify;

/// <summary>The client cannot make calls.</summary>
internal sealed class ClientException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Whether that is because it has no curl.</summary>
    internal bool LacksCurl { get; init; }
}
