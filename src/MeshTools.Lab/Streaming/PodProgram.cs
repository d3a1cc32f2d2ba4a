namespace MeshTools.Lab;

/// <summary>A simulated process: runs until it ends and gives its exit code.</summary>
public delegate Task<int> ExecHandler(ExecSession session, CancellationToken cancellationToken);

/// <summary>A simulated listener: serves one TCP connection until either side closes it.</summary>
public delegate Task PortHandler(Stream connection, CancellationToken cancellationToken);

/// <summary>What runs in one pod.</summary>
public sealed record PodProgram
{
    /// <summary>Answers commands; null means that no container has any program in its <c>$PATH</c>.</summary>
    public ExecHandler? Exec { get; init; }

    /// <summary>Ports of the pod that are listened on.</summary>
    public IReadOnlyDictionary<int, PortHandler> Ports { get; init; } = new Dictionary<int, PortHandler>();

    /// <summary>Log lines per container, read when asked for; null for a pod that never wrote one.</summary>
    public Func<string, IReadOnlyList<string>>? Logs { get; init; }
}
