namespace MeshTools.Operations;

/// <summary>What became of what a command was asked to make, change or remove: the column <c>Change</c> of every result. What would happen is <see cref="ChangeKind"/>.</summary>
public enum ChangeOutcome
{
    /// <summary>It was not there, and was made.</summary>
    Created,

    /// <summary>It was there, and was changed.</summary>
    Updated,

    /// <summary>It was as it should be; nothing was written.</summary>
    Unchanged,

    /// <summary>It was there, and was removed.</summary>
    Removed,

    /// <summary>It could not be made or removed; the result says why.</summary>
    Failed,
}

/// <summary>From what was planned to what became of it.</summary>
internal static class ChangeOutcomes
{
    /// <summary>What a change is once it is carried out.</summary>
    /// <param name="kind">What was planned.</param>
    /// <returns>What became of it.</returns>
    internal static ChangeOutcome Outcome(this ChangeKind kind) => kind switch
    {
        ChangeKind.Create => ChangeOutcome.Created,
        ChangeKind.Update => ChangeOutcome.Updated,
        ChangeKind.Delete => ChangeOutcome.Removed,
        _ => ChangeOutcome.Unchanged,
    };
}
