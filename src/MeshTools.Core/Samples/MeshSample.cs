using MeshTools.Clusters;
using MeshTools.Operations;

namespace MeshTools.Samples;

/// <summary>The program that calls.</summary>
public enum SampleClient
{
    /// <summary>Istio's sample <c>curl</c>: Deployment and container <c>curl</c>.</summary>
    Curl,

    /// <summary>The same under its older name <c>sleep</c>, as older guides have it.</summary>
    Sleep,
}

/// <summary>The sample workloads of one cluster: HelloWorld, and a client that calls it. Immutable. Its properties are named as the parameters of what tests connectivity.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Namespace">Their namespace.</param>
public sealed record MeshSample(MeshCluster Cluster, string Namespace)
{
    /// <summary>The Service that the clients call; it is in every cluster.</summary>
    public string Service { get; init; } = SampleManifest.HelloWorld;

    /// <summary>Its port.</summary>
    public int Port { get; init; } = SampleManifest.Port;

    /// <summary>The path that answers with the version.</summary>
    public string Path { get; init; } = "/hello";

    /// <summary>The versions that answer from this cluster.</summary>
    public IReadOnlyList<string> Version { get; init; } = [];

    /// <summary>Selects the client's pods.</summary>
    public string ClientSelector { get; init; } = "";

    /// <summary>The container in them that has curl.</summary>
    public string ClientContainer { get; init; } = "";

    /// <summary>The revision of the pods' proxies.</summary>
    public string? Revision { get; init; }

    /// <summary>Whether every pod runs with its proxy.</summary>
    public bool Ready { get; init; }

    /// <summary>The pods with how many of their containers are ready, as <c>NAME 2/2</c>.</summary>
    public IReadOnlyList<string> Pods { get; init; } = [];

    /// <summary>What happened to the sample as a whole.</summary>
    public ChangeOutcome Change { get; init; }

    /// <summary>Cluster and namespace.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Cluster.Name}: {Namespace}";
}
