using MeshTools.ControlPlane;

namespace MeshTools.Discovery;

/// <summary>Who reads whom.</summary>
public enum DiscoveryTopology
{
    /// <summary>Every cluster has a control plane, which reads all others.</summary>
    MultiPrimary,

    /// <summary>The control planes of the primaries read all other clusters; remotes read none.</summary>
    PrimaryRemote,
}

/// <summary>How to join clusters.</summary>
public sealed record EndpointDiscoveryOptions
{
    /// <summary>The control planes' namespace.</summary>
    public string Namespace { get; init; } = ControlPlaneRevision.DefaultNamespace;

    /// <summary>The reader service account.</summary>
    public string ServiceAccount { get; init; } = ReaderObjects.DefaultServiceAccount;

    /// <summary>Who reads whom.</summary>
    public DiscoveryTopology Topology { get; init; }

    /// <summary>The primaries of <see cref="DiscoveryTopology.PrimaryRemote"/>: names or cluster IDs.</summary>
    public IReadOnlyList<string> Primaries { get; init; } = [];

    /// <summary>
    /// Clusters that are looked at at once, and steps (making a credential, installing a remote secret, asking a control plane) that are under way at once over
    /// all clusters; at least 1. One cluster gets at most half of the steps.
    /// </summary>
    public int ThrottleLimit { get; init; } = 32;

    /// <summary>Wait until every istiod replica is in sync.</summary>
    public bool Wait { get; init; }

    /// <summary>How long to wait.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a cluster may take to fill a token Secret.</summary>
    public TimeSpan TokenTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Make the control plane's namespace where it is missing.</summary>
    public bool CreateNamespace { get; init; }

    /// <summary>Take over fields that other field managers own.</summary>
    public bool ForceConflicts { get; init; }

    /// <summary>Look at everything, even where its state can be told from other objects; for dry runs.</summary>
    public bool Thorough { get; init; }

    internal RemoteSecretOptions ForReader() => new()
    {
        Namespace = Namespace, ServiceAccount = ServiceAccount, CreateNamespace = CreateNamespace, TokenTimeout = TokenTimeout, ForceConflicts = ForceConflicts,
    };
}
