namespace MeshTools.Lab;

/// <summary>How far istiod is with a remote cluster (istio pkg/kube/multicluster/cluster.go).</summary>
internal enum SyncStatus
{
    /// <summary>Not everything was read yet.</summary>
    Syncing,

    /// <summary>Everything was read once; it stays so even when the cluster goes away later.</summary>
    Synced,

    /// <summary>Not everything was read in time. istiod goes on trying.</summary>
    Timeout,

    /// <summary>The connection was ended.</summary>
    Closed,
}
