using MeshTools.Clusters;

namespace MeshTools.Verify;

/// <summary>A place on the way of a call between two clusters, in the order in which a call depends on them.</summary>
public enum ConnectivityHop
{
    /// <summary>Nothing fails.</summary>
    None,

    /// <summary>The client: its pod, its proxy, its container.</summary>
    Client,

    /// <summary>The link: the source's istiod reads the target cluster.</summary>
    Link,

    /// <summary>The service is there on both sides, and the target has ready endpoints that the source's istiod knows.</summary>
    Endpoints,

    /// <summary>Both ends say the right network.</summary>
    Network,

    /// <summary>The target's gateway has an address.</summary>
    GatewayAddress,

    /// <summary>Port 15443 of that address takes connections from the source.</summary>
    GatewayPort,

    /// <summary>The target exposes its services on the gateway.</summary>
    Exposure,

    /// <summary>Both ends trust one root and speak mutual TLS.</summary>
    Trust,

    /// <summary>All of these are right; the application itself answers wrongly.</summary>
    Application,
}

/// <summary>What calls of one cluster to another came to.</summary>
/// <param name="Source">The cluster that calls.</param>
/// <param name="Target">The cluster that should answer.</param>
public sealed record ConnectivityResult(MeshCluster Source, MeshCluster Target)
{
    /// <summary>Calls that the source made; all targets share them, as the mesh spreads them.</summary>
    public int Calls { get; init; }

    /// <summary>Calls that this target answered.</summary>
    public int Succeeded { get; init; }

    /// <summary>Answers of this target by version of the workload.</summary>
    public IReadOnlyDictionary<string, int> Versions { get; init; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>Failed calls of the source by what they ended with: an HTTP status with Envoy's response flags, or the client's own error.</summary>
    public IReadOnlyDictionary<string, int> Failures { get; init; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>Half of this target's answers took no longer; <see langword="null"/> without an answer.</summary>
    public TimeSpan? P50 { get; init; }

    /// <summary>95 of 100 of this target's answers took no longer; <see langword="null"/> without an answer.</summary>
    public TimeSpan? P95 { get; init; }

    /// <summary>By what this target's answers were told from those of others.</summary>
    public AnswerEvidence ToldBy { get; init; }

    /// <summary>
    /// Whether the target answered and no call failed at it; or, where answers cannot be told apart or rules keep calls in the source cluster, whether every place on the
    /// way is as it should be. <see cref="Note"/> then says so.
    /// </summary>
    public bool Passed { get; init; }

    /// <summary>What to know about a result that is no failure: that no call crossed and why, or that answers could not be told apart.</summary>
    public string? Note { get; init; }

    /// <summary>The first place on the way that is not as it should be.</summary>
    public ConnectivityHop FailingHop { get; init; }

    /// <summary>What is wrong there; <see langword="null"/> when nothing is.</summary>
    public string? Reason { get; init; }

    /// <summary>What to do, as a sentence or a command; <see langword="null"/> when nothing is to be done.</summary>
    public string? Fix { get; init; }

    /// <summary>Source and target.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Source.Name} -> {Target.Name}";
}
