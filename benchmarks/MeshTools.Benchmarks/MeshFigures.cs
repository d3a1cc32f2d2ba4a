namespace MeshTools.Benchmarks;

/// <summary>One pass of the main job: from the kubeconfig to all links in sync.</summary>
/// <param name="ProbeMs">Reading the kubeconfig and probing every cluster.</param>
/// <param name="PlanMs">Reading what is there.</param>
/// <param name="ExecuteMs">Credentials, applies, and waiting for every istiod.</param>
/// <param name="ProbeRequests">The most that any cluster got while probing.</param>
/// <param name="PlanRequests">The most that any cluster got while planning.</param>
/// <param name="ExecuteRequests">The most that any cluster got while executing: what planning left, one apply for each link, and asking istiod.</param>
/// <param name="ProcessorMs">Processor time of the whole process in that pass; with the lab in it, the lab's as well.</param>
internal sealed record MeshPass(
    double ProbeMs, double PlanMs, double ExecuteMs, int ProbeRequests, int PlanRequests, int ExecuteRequests, double ProcessorMs)
{
    public double TotalMs => ProbeMs + PlanMs + ExecuteMs;
}

/// <summary>What one process measured.</summary>
/// <param name="First">The first pass, JIT compilation included.</param>
/// <param name="Second">The same again in the same process, from the kubeconfig on: new objects, new connections.</param>
/// <param name="PeakMiB">Peak resident memory of the process.</param>
internal sealed record MeshFigures(MeshPass First, MeshPass? Second, double PeakMiB);
