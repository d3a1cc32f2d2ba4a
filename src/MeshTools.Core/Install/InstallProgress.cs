using MeshTools.Clusters;
using MeshTools.Operations;

namespace MeshTools.Install;

/// <summary>Turns what istioctl says while it installs into progress: it names each part when it begins and when it is done.</summary>
internal sealed class InstallProgress(MeshCluster cluster, IOperationLog log) : IOperationLog
{
    // Core, istiod and the pruning; gateways and the CNI plugin come on top.
    private const int UsualSteps = 3;
    private int _done;

    public void Verbose(string text)
    {
        var line = text[(text.IndexOf("istioctl: ", StringComparison.Ordinal) is var at and >= 0 ? at + "istioctl: ".Length : 0)..];
        // It begins with a picture of a sail.
        if (!line.Any(char.IsLetter))
            return;
        log.Verbose(text);
        var said = line.TrimStart('-', '✔', ' ');
        if (line.StartsWith('✔'))
            Interlocked.Increment(ref _done);
        if (line.StartsWith('✔') || line.StartsWith('-'))
            log.Progress(new OperationProgress("Installing the service mesh", said, Math.Min(_done, UsualSteps), UsualSteps, cluster.Name));
    }

    public void Warning(string text) => log.Warning(text);

    public void Progress(OperationProgress progress) => log.Progress(progress);

    public void Failed(Exception error, object? target) => log.Failed(error, target);
}
