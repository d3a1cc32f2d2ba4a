namespace MeshTools.Lab;

/// <summary>How Google's side gets on with managed control planes.</summary>
/// <param name="Delay">How long it takes to provide one.</param>
/// <param name="State">The state in which it is stuck, for example <c>FAILED_PRECONDITION</c>; null when all is well.</param>
/// <param name="Code">The condition that says why.</param>
/// <param name="Details">The text of that.</param>
internal sealed record ManagedTrouble(TimeSpan Delay, string? State = null, string? Code = null, string? Details = null);
