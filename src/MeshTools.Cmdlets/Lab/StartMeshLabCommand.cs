using System.Globalization;
using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Operations;

namespace MeshTools.Cmdlets;

/// <summary>Starts a lab and gets its clusters.</summary>
[Cmdlet(VerbsLifecycle.Start, "MeshLab", SupportsShouldProcess = true)]
[OutputType(typeof(MeshCluster))]
public sealed class StartMeshLabCommand : MeshCmdlet
{
    /// <summary>How many clusters.</summary>
    [Parameter(Position = 0, HelpMessage = "How many clusters.")]
    [ValidateRange(1, 200)]
    public int ClusterCount { get; set; } = 3;

    /// <summary>Their names begin so.</summary>
    [Parameter(HelpMessage = "Clusters are named PREFIX-1, PREFIX-2 and so on.")]
    [ValidateNotNullOrEmpty]
    public string NamePrefix { get; set; } = "lab";

    /// <summary>Their names, in place of numbered ones.</summary>
    [Parameter(HelpMessage = "The clusters' names, in place of -ClusterCount and -NamePrefix.")]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Where to write the kubeconfig.</summary>
    [Parameter(HelpMessage = "Where to write the kubeconfig; without it, into the lab's own folder.")]
    [ValidateNotNullOrEmpty]
    public string? OutKubeconfig { get; set; }

    /// <summary>No istiod.</summary>
    [Parameter(HelpMessage = "Clusters without a control plane.")]
    public SwitchParameter NoControlPlane { get; set; }

    /// <summary>The Gateway API.</summary>
    [Parameter(HelpMessage = "The clusters serve the Kubernetes Gateway API, and istiod looks after its Gateways.")]
    public SwitchParameter GatewayApi { get; set; }

    /// <summary>The control planes' revision.</summary>
    [Parameter(HelpMessage = "The control planes' revision.")]
    [ValidateNotNullOrEmpty]
    public string? Revision { get; set; }

    /// <summary>Replicas of istiod.</summary>
    [Parameter(HelpMessage = "Replicas of istiod in each cluster.")]
    [ValidateRange(0, 10)]
    public int ReplicaCount { get; set; } = 1;

    /// <summary>The mesh ID.</summary>
    [Parameter(HelpMessage = "The mesh ID of all clusters.")]
    [ValidateNotNullOrEmpty]
    public string MeshId { get; set; } = "lab-mesh";

    /// <summary>A network for each cluster.</summary>
    [Parameter(HelpMessage = "Each cluster has a network of its own; without it all share one.")]
    public SwitchParameter SeparateNetwork { get; set; }

    /// <summary>A root of trust for each cluster.</summary>
    [Parameter(HelpMessage = "Each cluster has a root of trust of its own; without it all share one.")]
    public SwitchParameter SeparateTrust { get; set; }

    /// <summary>Whose clusters they look like.</summary>
    [Parameter(HelpMessage = "Whose clusters they look like: one for all, or one for each of -Name.")]
    [ValidateSet("None", "Gke", "Eks", "Aks")]
    public string[] Platform { get; set; } = ["None"];

    /// <summary>How load balancers get addresses.</summary>
    [Parameter(HelpMessage = "How Services of type LoadBalancer get addresses: Immediate, Hostname (as on AWS), Never, Failing (events say why), or after a duration such as 5s.")]
    [ValidatePattern("^(Immediate|Hostname|Never|Failing|[0-9.]+(ms|s|m|h))$")]
    [ArgumentCompleter(typeof(LoadBalancerCompleter))]
    public string LoadBalancer { get; set; } = "Immediate";

    /// <summary>With a Google Cloud to rehearse on.</summary>
    [Parameter(HelpMessage = "With an endpoint that answers like the APIs of Google Cloud: Empty, where nothing is prepared for a mesh, or Prepared, where APIs are enabled and clusters have Workload Identity. Clusters look like GKE's unless -Platform says otherwise. (Get-MeshLab).GoogleCloud.Enter() leads this shell there.")]
    [ValidateSet("Empty", "Prepared")]
    public string? GoogleCloud { get; set; }

    /// <summary>Outlives the shell.</summary>
    [Parameter(HelpMessage = "The lab goes on when this shell ends.")]
    public SwitchParameter Detached { get; set; }

    /// <summary>Overwrites a kubeconfig that is not a lab's.</summary>
    [Parameter(HelpMessage = "Overwrites -OutKubeconfig also when the file there is not a lab's.")]
    public SwitchParameter Force { get; set; }

    private int Count => Name?.Length ?? ClusterCount;

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var kubeconfig = OutKubeconfig is null ? null : PathOf(OutKubeconfig);
        Run((sink, stop) => StartAsync(kubeconfig, sink, stop));
    }

    private async Task StartAsync(string? kubeconfig, PipelineSink sink, CancellationToken cancellationToken)
    {
        var what = string.Create(CultureInfo.InvariantCulture, $"Start a lab with {Count} cluster{(Count == 1 ? "" : "s")}");
        if ((await sink.ApproveAsync([new Change(what, Writes: true)], cancellationToken).ConfigureAwait(false)).Count == 0)
            return;
        sink.Progress(new OperationProgress("Starting a lab", $"{Count} clusters", 0, 2));
        var folder = LabFolder.Create(Detached);
        try
        {
            var state = await LabProcess.StartAsync(folder, Arguments(kubeconfig ?? folder.Kubeconfig), cancellationToken).ConfigureAwait(false);
            sink.Verbose($"Lab {folder.Id} runs as process {state.Pid}; its kubeconfig is {state.Kubeconfig}.");
            sink.Progress(new OperationProgress("Starting a lab", "asking its clusters who they are", 1, 2));
            var clusters = ClusterCatalog.Load([state.Kubeconfig]);
            foreach (var cluster in await Task.WhenAll(clusters.Select(c => ClusterProbe.ProbeAsync(c, null, sink, cancellationToken))).ConfigureAwait(false))
                sink.Output(cluster);
        }
        catch
        {
            if (await LabState.ReadAsync(folder.StateFile, CancellationToken.None).ConfigureAwait(false) is { } state)
                await LabControl.StopAsync(new MeshLab(folder, state, []), CancellationToken.None).ConfigureAwait(false);
            folder.Delete();
            throw;
        }
    }

    private IEnumerable<string> Arguments(string kubeconfig)
    {
        string[] arguments =
        [
            "--kubeconfig", kubeconfig,
            "--mesh-id", MeshId,
            "--replicas", ReplicaCount.ToString(CultureInfo.InvariantCulture),
            "--networks", SeparateNetwork ? "separate" : "shared",
            "--trust", SeparateTrust ? "separate" : "shared",
            "--platform", string.Join(',', GoogleCloud is not null && !MyInvocation.BoundParameters.ContainsKey(nameof(Platform)) ? ["Gke"] : Platform).ToLowerInvariant(),
            "--load-balancers", LoadBalancer.ToLowerInvariant(),
        ];
        return arguments
            .Concat(Name is null ? ["--clusters", ClusterCount.ToString(CultureInfo.InvariantCulture), "--name-prefix", NamePrefix] : ["--names", string.Join(',', Name)])
            .Concat(GatewayApi ? ["--gateway-api"] : [])
            .Concat(GoogleCloud is null ? [] : ["--google-cloud", GoogleCloud.ToLowerInvariant()])
            .Concat(NoControlPlane ? ["--no-control-plane"] : [])
            .Concat(Force ? ["--force"] : [])
            .Concat(Revision is null ? [] : ["--revision", Revision]);
    }
}
