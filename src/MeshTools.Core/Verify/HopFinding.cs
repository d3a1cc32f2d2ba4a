namespace MeshTools.Verify;

/// <summary>A place on the way that is not as it should be.</summary>
/// <param name="Hop">The place.</param>
/// <param name="Reason">What is wrong there.</param>
/// <param name="Fix">What to do, as a sentence or a command.</param>
internal sealed record HopFinding(ConnectivityHop Hop, string Reason, string? Fix);
