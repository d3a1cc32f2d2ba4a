namespace MeshTools.GoogleCloud;

/// <summary>An operation of Google Cloud still runs after the time that it was given. It goes on; only the wait is over.</summary>
public sealed class GoogleOperationTimeoutException : Exception
{
    internal GoogleOperationTimeoutException(string activity, string operation, TimeSpan limit)
        : base($"{activity}: operation {operation} still runs after {limit:g}") => Operation = operation;

    /// <summary>The operation's name.</summary>
    public string Operation { get; }
}
