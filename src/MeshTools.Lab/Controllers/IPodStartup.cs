namespace MeshTools.Lab;

/// <summary>How far a container has come.</summary>
internal enum ContainerStage
{
    /// <summary>Runs and is ready.</summary>
    Ready,

    /// <summary>Runs and is not ready yet.</summary>
    Starting,

    /// <summary>Ended with an error and will be started again.</summary>
    Crashed,
}

/// <summary>What the programs in containers do when a kubelet starts them.</summary>
internal interface IPodStartup
{
    /// <summary>
    /// Starts what runs in a container unless it runs already, and says how far it is. Asked again, for the same pod, until all its containers
    /// are ready.
    /// </summary>
    ContainerStage Start(StoredObject pod, string container);

    /// <summary>A pod is gone.</summary>
    void Stop(string podUid);
}
