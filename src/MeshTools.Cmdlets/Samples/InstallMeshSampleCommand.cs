using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Samples;

namespace MeshTools.Cmdlets;

/// <summary>Installs HelloWorld and a client for it in clusters, versions spread over them.</summary>
[Cmdlet(VerbsLifecycle.Install, "MeshSample", SupportsShouldProcess = true, DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(MeshSample))]
public sealed class InstallMeshSampleCommand : ClusterCmdlet
{
    // Boxed: a field of another assembly's value type would have that assembly loaded at import.
    private object _client = 0;

    /// <summary>The namespace.</summary>
    [Parameter(HelpMessage = "The namespace of the sample workloads; it is made where it is missing.")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "sample";

    /// <summary>The revision or tag.</summary>
    [Parameter(HelpMessage = "The revision or tag that injects the sample's pods. Without it, the default or the only one.")]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Revision { get; set; }

    /// <summary>The versions.</summary>
    [Parameter(HelpMessage = "The versions of HelloWorld to spread over the clusters. Without it, v1, v2 and so on, one for each cluster in the order of their names; what a cluster has already stays.")]
    [ValidatePattern("^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$")]
    [ValidateNotNullOrEmpty]
    public string[] Version { get; set; } = [];

    /// <summary>The client.</summary>
    [Parameter(HelpMessage = "The client that calls: curl, or sleep, as older guides name it.")]
    public SampleClient Client
    {
        get => (SampleClient)_client;
        set => _client = value;
    }

    /// <summary>The image that answers.</summary>
    [Parameter(HelpMessage = "The image of HelloWorld, for every version; it says the version of its environment variable SERVICE_VERSION.")]
    [ValidateNotNullOrEmpty]
    public string? HelloWorldImage { get; set; }

    /// <summary>The image that calls.</summary>
    [Parameter(HelpMessage = "The image of the client; it needs curl and /bin/sleep.")]
    [ValidateNotNullOrEmpty]
    public string? ClientImage { get; set; }

    /// <summary>The credential for the registry.</summary>
    [Parameter(HelpMessage = "A Secret for the registry: NAME in the sample's namespace, or NAMESPACE/NAME to copy it from there.")]
    [ValidatePattern("^([a-z0-9][-a-z0-9]*/)?[a-z0-9][-a-z0-9.]*$")]
    public string? ImagePullSecret { get; set; }

    /// <summary>How long to wait.</summary>
    [Parameter(HelpMessage = "How long the pods of a cluster may take to be ready: seconds, or a duration such as 90s or 5m.")]
    [Duration]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Uses a namespace of others.</summary>
    [Parameter(HelpMessage = "Uses the namespace also when it is there and the sample did not make it.")]
    public SwitchParameter Force { get; set; }

    /// <summary>Takes fields over.</summary>
    [Parameter(HelpMessage = "Takes over fields that other field managers own.")]
    public SwitchParameter ForceConflicts { get; set; }

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        var options = new SampleOptions
        {
            Namespace = Namespace,
            Revision = Revision,
            Versions = Version,
            Client = Client,
            HelloWorldImage = HelloWorldImage,
            ClientImage = ClientImage,
            ImagePullSecret = ImagePullSecret,
            Timeout = Timeout,
            Force = Force,
            ForceConflicts = ForceConflicts,
            ThrottleLimit = ThrottleLimit,
        };
        var plan = await SampleInstallation.CreateAsync(clusters, options, sink, cancellationToken).ConfigureAwait(false);
        var approved = await sink.ApproveAsync(plan.Changes, cancellationToken).ConfigureAwait(false);
        if (OnlyAsking)
            return;
        await foreach (var sample in plan.ExecuteAsync(approved.Contains, sink, cancellationToken).ConfigureAwait(false))
            sink.Output(sample);
    }
}
