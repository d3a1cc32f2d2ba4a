using MeshTools.Clusters;
using MeshTools.Operations;
using MeshTools.Trust;

namespace MeshTools.Install;

/// <summary>One revision of a service mesh as it is installed in one cluster.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Revision">The revision; <c>default</c> for an installation without one.</param>
public sealed record ServiceMeshInstallation(MeshCluster Cluster, string Revision)
{
    /// <summary>The version, as istiod's image names it; <see langword="null"/> when istiod runs elsewhere.</summary>
    public string? Version { get; init; }

    /// <summary>Who signs the certificates of workloads.</summary>
    public CertificateAuthorityKind CertificateAuthority { get; init; }

    /// <summary>Where an authority outside of the cluster is: an address, or the name of a CA pool.</summary>
    public string? CertificateAuthorityAddress { get; init; }

    /// <summary>The replicas of istiod that are wanted.</summary>
    public int Replicas { get; init; }

    /// <summary>The replicas of istiod that are ready.</summary>
    public int ReadyReplicas { get; init; }

    /// <summary>Whether istiod runs elsewhere, as a managed control plane does.</summary>
    public bool IsExternal { get; init; }

    /// <summary>Of a control plane that Google manages, the channel of its releases: <c>regular</c>, <c>rapid</c> or <c>stable</c>; else <see langword="null"/>.</summary>
    public string? Channel { get; init; }

    /// <summary>Of a control plane that Google manages, the state in the fleet's words: <c>ACTIVE</c>, <c>PROVISIONING</c>, <c>STALLED</c> and so on; else <see langword="null"/>.</summary>
    public string? State { get; init; }

    /// <summary>Of a control plane that Google manages, what runs it, where the fleet was asked: <c>ISTIOD</c> or <c>TRAFFIC_DIRECTOR</c>; else <see langword="null"/>.</summary>
    public string? Implementation { get; init; }

    /// <summary>Whether it can do its work.</summary>
    public bool Ready { get; init; }

    /// <summary>What keeps it from doing its work, or will; one sentence each.</summary>
    public IReadOnlyList<string> Conditions { get; init; } = [];

    /// <summary>The tags that lead to it.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Its webhooks: injectors and validators, those of its tags included.</summary>
    public IReadOnlyList<string> Webhooks { get; init; } = [];

    /// <summary>The namespaces whose new pods it injects, by their labels.</summary>
    public IReadOnlyList<string> InjectedNamespaces { get; init; } = [];

    /// <summary>The cluster ID.</summary>
    public string? ClusterId { get; init; }

    /// <summary>The mesh ID.</summary>
    public string? MeshId { get; init; }

    /// <summary>The network.</summary>
    public string? Network { get; init; }

    /// <summary>The trust domain.</summary>
    public string? TrustDomain { get; init; }

    /// <summary>What a command made of it; <see langword="null"/> from one that only reads.</summary>
    public ChangeOutcome? Change { get; init; }

    /// <summary>Revision and cluster.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Revision} in {Cluster}";
}
