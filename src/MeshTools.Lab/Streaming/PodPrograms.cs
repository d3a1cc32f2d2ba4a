using System.Collections.Concurrent;

namespace MeshTools.Lab;

/// <summary>
/// What runs in the pods of one cluster, by pod UID: a pod that is deleted and made again under the same name is another pod.
/// </summary>
public sealed class PodPrograms
{
    private readonly ConcurrentDictionary<string, PodProgram> programs = new(StringComparer.Ordinal);

    /// <summary>Commands that run in the cluster's pods at this moment.</summary>
    internal int Running;

    /// <summary>Runs a program in a pod, in place of any that ran there.</summary>
    public void Start(string podUid, PodProgram program)
    {
        ArgumentException.ThrowIfNullOrEmpty(podUid);
        ArgumentNullException.ThrowIfNull(program);
        programs[podUid] = program;
    }

    /// <summary>Ends what ran in a pod.</summary>
    public void Stop(string podUid) => programs.TryRemove(podUid, out _);

    /// <summary>What runs in a pod; null for nothing.</summary>
    public PodProgram? Find(string? podUid) => podUid is not null && programs.TryGetValue(podUid, out var program) ? program : null;
}
