using MeshTools.Clusters;
using MeshTools.Operations;

namespace MeshTools.Fleet;

/// <summary>What a change belongs to that prepares an installation; a user allows each by itself (asmcli's <c>--enable_*</c>). <see cref="ClusterRole"/> and <see cref="Namespace"/> are in the cluster, the others on Google's side.</summary>
public enum CloudChangeArea
{
    /// <summary>An API is enabled in a project (<c>--enable_gcp_apis</c>).</summary>
    Api,

    /// <summary>Somebody gets a role (<c>--enable_gcp_iam_roles</c>).</summary>
    IamBinding,

    /// <summary>A cluster or membership gets a label (<c>--enable_cluster_labels</c>).</summary>
    ClusterLabel,

    /// <summary>A cluster becomes a member of a fleet (<c>--enable_registration</c>).</summary>
    Registration,

    /// <summary>Workload Identity, logging and monitoring, the fleet's mesh feature, Mesh Config (<c>--enable_gcp_components</c>).</summary>
    GoogleComponent,

    /// <summary>The user becomes an administrator of the cluster (<c>--enable_cluster_roles</c>).</summary>
    ClusterRole,

    /// <summary>The control plane's namespace is made (<c>--enable_namespace_creation</c>).</summary>
    Namespace,

    /// <summary>Google is told to run a control plane, or not to (<c>--managed --use_fleet_api</c>); that is the installation itself, and needs no leave of its own.</summary>
    ManagedControlPlane,
}

/// <summary>One change on Google's side, compared with what is there, before anything is written.</summary>
/// <param name="Cluster">The cluster that it is for.</param>
/// <param name="Area">What it belongs to.</param>
/// <param name="Resource">What is changed, as a person names it: <c>project my-fleet</c>.</param>
/// <param name="Kind">What would happen to it.</param>
/// <param name="Description">What would be done; one phrase without secrets.</param>
public sealed record CloudChange(MeshCluster Cluster, CloudChangeArea Area, string Resource, ChangeKind Kind, string Description)
{
    /// <summary>Whether carrying this out writes.</summary>
    public bool Writes => Kind != ChangeKind.Unchanged;

    /// <summary>The line that <c>-WhatIf</c> and <c>-Confirm</c> show.</summary>
    /// <returns>One line.</returns>
    public override string ToString() => $"{(Writes ? "" : "Leave as it is: ")}{Resource}: {Description} (for {Cluster.Name})";
}

/// <summary>A change and how it is made. Making it again does nothing.</summary>
/// <param name="Change">The change.</param>
/// <param name="ExecuteAsync">Makes it.</param>
internal sealed record CloudStep(CloudChange Change, Func<CancellationToken, Task> ExecuteAsync)
{
    /// <summary>The roles without which it cannot be made, each with the project on which it is needed.</summary>
    internal IReadOnlyList<(string Role, string Project)> Roles { get; init; } = [];

    /// <summary>Whether it is for its cluster alone, whatever another one's is called; else what several clusters need is made once.</summary>
    internal bool IsOfCluster { get; init; }
}
