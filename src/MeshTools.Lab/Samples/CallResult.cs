namespace MeshTools.Lab;

/// <summary>How a call over HTTP ended, as its caller sees it.</summary>
internal enum CallEnd
{
    /// <summary>With an answer, be it one of a proxy.</summary>
    Answered,

    /// <summary>The name has no address.</summary>
    UnknownHost,

    /// <summary>Nothing listens.</summary>
    Refused,

    /// <summary>No connection came about.</summary>
    ConnectTimeout,

    /// <summary>The connection was closed before an answer.</summary>
    Empty,

    /// <summary>The connection was reset.</summary>
    Reset,

    /// <summary>The other side does not speak TLS.</summary>
    NoTls,
}

/// <summary>The end of a call.</summary>
internal sealed record CallResult(CallEnd End)
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; init; }

    /// <summary>The headers of the answer, in order.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>The body.</summary>
    public string Body { get; init; } = string.Empty;
}

/// <summary>A call over HTTP.</summary>
/// <param name="Method">GET, HEAD, ...</param>
/// <param name="Host">The name or address as it was given.</param>
/// <param name="Port">The port.</param>
/// <param name="Path">Path and query.</param>
/// <param name="Headers">What the caller sends besides.</param>
internal sealed record Call(string Method, string Host, int Port, string Path, IReadOnlyList<(string Name, string Value)> Headers)
{
    /// <summary>Host and port, as in the header Host.</summary>
    public string Authority => Port == 80 ? Host : FormattableString.Invariant($"{Host}:{Port}");
}
