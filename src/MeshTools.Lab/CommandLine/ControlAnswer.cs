namespace MeshTools.Lab;

/// <summary>What the control server says to a command.</summary>
internal sealed record ControlAnswer(string Message);
