namespace MeshTools.Samples;

/// <summary>What the sample is made of.</summary>
public sealed record SampleOptions
{
    /// <summary>The namespace of the sample workloads.</summary>
    public string Namespace { get; init; } = "sample";

    /// <summary>The revision or tag that injects; <see langword="null"/> for the default, or the only one.</summary>
    public string? Revision { get; init; }

    /// <summary>
    /// The versions to spread over the clusters, in turn, until every version and every cluster has had its turn. Empty: what a cluster has already stays, and the others get
    /// <c>v1</c>, <c>v2</c> and so on, one each.
    /// </summary>
    public IReadOnlyList<string> Versions { get; init; } = [];

    /// <summary>The program that calls.</summary>
    public SampleClient Client { get; init; }

    /// <summary>The image of HelloWorld for every version; <see langword="null"/> for Istio's own.</summary>
    public string? HelloWorldImage { get; init; }

    /// <summary>The image of the client; <see langword="null"/> for curl's own. It needs curl and sleep.</summary>
    public string? ClientImage { get; init; }

    /// <summary>A Secret for the registry: <c>NAME</c> when it is in the sample's namespace, <c>NAMESPACE/NAME</c> when it is to be copied from there; <see langword="null"/> for none.</summary>
    public string? ImagePullSecret { get; init; }

    /// <summary>How long the pods of a cluster may take to be ready.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a problem that does not go away by itself may last before the wait ends.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether a namespace that is there, and is not the sample's, is used all the same.</summary>
    public bool Force { get; init; }

    /// <summary>Whether fields that other field managers own are taken over.</summary>
    public bool ForceConflicts { get; init; }

    /// <summary>How many clusters are worked on at a time; at least 1.</summary>
    public int ThrottleLimit { get; init; } = 32;
}
