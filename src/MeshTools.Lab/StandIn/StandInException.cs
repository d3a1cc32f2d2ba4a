namespace MeshTools.Lab;

/// <summary>What the stand-in for istioctl ends with.</summary>
internal sealed class StandInException(string message, Exception? inner = null) : Exception(message, inner);
