namespace MeshTools.Lab;

/// <summary>What a simulated process in a container gets: its command line and its three streams.</summary>
/// <param name="Container">The container's name.</param>
/// <param name="Command">The program and its arguments; never empty.</param>
/// <param name="Input">Standard input; empty when the caller attached none.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error; the same as <paramref name="Output"/> with a terminal.</param>
public sealed record ExecSession(string Container, IReadOnlyList<string> Command, Stream Input, Stream Output, Stream Error);
