using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Gateways;

/// <summary>What to let in from other networks, and how.</summary>
public sealed record ServiceExposureOptions
{
    /// <summary>The namespace of the Gateways: the control plane's, so that they are in nobody's way.</summary>
    public string Namespace { get; init; } = ControlPlaneRevision.DefaultNamespace;

    /// <summary>The hosts: whole names, or with a star for the first labels. Every service of the mesh unless said otherwise.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [HostPattern.EveryService];

    /// <summary>The labels of the gateway's pods.</summary>
    public IReadOnlyDictionary<string, string> Selector { get; init; } =
        new Dictionary<string, string>(StringComparer.Ordinal) { [EastWestGateways.SelectorKey] = EastWestGateways.SelectorValue };

    /// <summary>Whether the control plane is exposed as well, for clusters without one of their own.</summary>
    public bool ControlPlane { get; init; }

    /// <summary>The revision of that control plane; <see langword="null"/> for the only one there is. When something is removed: for all.</summary>
    public string? Revision { get; init; }

    /// <summary>Whether fields that other managers own are taken over.</summary>
    public bool ForceConflicts { get; init; }
}

/// <summary>What a cluster lets in from other networks after a command. Immutable.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Name">The Gateway.</param>
/// <param name="Namespace">Its namespace.</param>
public sealed record ServiceExposure(MeshCluster Cluster, string Name, string Namespace)
{
    /// <summary>The hosts that are let in; none after a removal.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>The port, 1 to 65535.</summary>
    public int Port { get; init; } = ExposedServer.CrossNetworkPort;

    /// <summary>The labels of the pods that do it.</summary>
    public IReadOnlyDictionary<string, string> Selector { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The revision of the control plane that is let in as well; <see langword="null"/> when none was asked for.</summary>
    public string? ControlPlane { get; init; }

    /// <summary>The objects behind it.</summary>
    public IReadOnlyList<ObjectReference> Objects { get; init; } = [];

    /// <summary>What happened to them.</summary>
    public ChangeOutcome Change { get; init; }

    /// <summary>Cluster, namespace and name.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Cluster.Name}: {Namespace}/{Name}";

    internal static ChangeOutcome Summary(IReadOnlyCollection<PlannedChange> changes)
    {
        var kinds = changes.Select(change => change.Kind).Distinct().ToArray();
        return kinds switch
        {
            [] => ChangeOutcome.Unchanged,
            [var only] => only.Outcome(),
            _ => ChangeOutcome.Updated,
        };
    }
}
