namespace MeshTools.Workloads;

/// <summary>How long a rollout may take, and what it must come to.</summary>
public sealed record RolloutOptions
{
    /// <summary>How long the rollout may take. Five minutes unless said otherwise.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a problem that does not go away by itself as a rule (an image that cannot be pulled, a quota, a webhook that refuses) may last before the wait ends, without
    /// sitting out the rest of <see cref="Timeout"/>. Thirty seconds unless said otherwise; the kubelet tries twice or three times in it.
    /// </summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the new pods must have a proxy.</summary>
    public bool Injected { get; init; }
}
