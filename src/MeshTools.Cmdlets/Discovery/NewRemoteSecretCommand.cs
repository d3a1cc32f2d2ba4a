using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Discovery;
using MeshTools.Errors;
using MeshTools.Operations;

namespace MeshTools.Cmdlets;

/// <summary>Makes the credential by which other clusters read a cluster, as <c>istioctl create-remote-secret</c> does.</summary>
[Cmdlet(VerbsCommon.New, "RemoteSecret", SupportsShouldProcess = true, DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(RemoteSecret), typeof(string))]
public sealed class NewRemoteSecretCommand : ClusterCmdlet
{
    private const string Activity = "Making remote secrets";

    /// <summary>The cluster ID.</summary>
    [Parameter(HelpMessage = "The ID under which others will know the cluster; without it, the one its control plane uses.")]
    [ValidateNotNullOrEmpty]
    public string? ClusterId { get; set; }

    /// <summary>The namespace.</summary>
    [Parameter(HelpMessage = "The namespace of the service account and of the Secret.")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "istio-system";

    /// <summary>The service account.</summary>
    [Parameter(HelpMessage = "The service account whose token other clusters use.")]
    [ValidateNotNullOrEmpty]
    public string ServiceAccount { get; set; } = "istio-reader-service-account";

    /// <summary>The token Secret.</summary>
    [Parameter(HelpMessage = "The token Secret to use; without it, one that is there, else a new one.")]
    [ValidateNotNullOrEmpty]
    public string? SecretName { get; set; }

    /// <summary>The API server.</summary>
    [Parameter(HelpMessage = "The API server as the other clusters' pods reach it; without it, the kubeconfig's.")]
    [ValidateNotNullOrEmpty]
    public string? Server { get; set; }

    /// <summary>The certificate's name.</summary>
    [Parameter(HelpMessage = "The name to check the server's certificate against.")]
    [ValidateNotNullOrEmpty]
    public string? TlsServerName { get; set; }

    /// <summary>Makes the namespace.</summary>
    [Parameter(HelpMessage = "Makes the namespace where it is missing.")]
    public SwitchParameter CreateNamespace { get; set; }

    /// <summary>How long the token may take.</summary>
    [Parameter(HelpMessage = "How long the cluster may take to issue the token: seconds, or a duration such as 30s or 2m.")]
    [Duration]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Takes fields over.</summary>
    [Parameter(HelpMessage = "Takes over fields that other field managers own.")]
    public SwitchParameter ForceConflicts { get; set; }

    /// <summary>YAML in place of objects.</summary>
    [Parameter(HelpMessage = "Emits the manifest as YAML, with the token redacted unless -AsPlainText is given.")]
    public SwitchParameter AsYaml { get; set; }

    /// <summary>YAML with the token.</summary>
    [Parameter(HelpMessage = "Emits the manifest as YAML with the token in it. Whoever reads it can read the cluster.")]
    public SwitchParameter AsPlainText { get; set; }

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        RefuseShared(clusters);
        var options = new RemoteSecretOptions
        {
            ClusterId = ClusterId,
            Namespace = Namespace,
            ServiceAccount = ServiceAccount,
            SecretName = SecretName,
            Server = Server is null ? null : new Uri(Server, UriKind.RelativeOrAbsolute),
            TlsServerName = TlsServerName,
            CreateNamespace = CreateNamespace,
            TokenTimeout = Timeout,
            ForceConflicts = ForceConflicts,
        };
        var plans = await sink.EachAsync(
            clusters,
            ThrottleLimit,
            cluster => cluster,
            async (cluster, stop) =>
            {
                var probed = await ClusterProbe.EnsureAsync(cluster, Namespace, sink, stop).ConfigureAwait(false);
                return await RemoteSecretPlan.CreateAsync(probed, options, sink, OnlyAsking, stop).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        var approved = await sink.ApproveAsync(plans.SelectMany(plan => plan.Changes), cancellationToken).ConfigureAwait(false);
        if (OnlyAsking)
            return;

        RemoteSecretPlan[] going = [.. plans.Where(plan => plan.Changes.All(approved.Contains))];
        var done = 0;
        await sink.EachAsync(
            going,
            ThrottleLimit,
            plan => plan.Cluster,
            async (plan, stop) =>
            {
                var secret = await plan.ExecuteAsync(sink, stop).ConfigureAwait(false);
                sink.Progress(new OperationProgress(Activity, plan.Cluster.Name, Interlocked.Increment(ref done), going.Length, plan.Cluster.Name));
                sink.Output(AsYaml || AsPlainText ? secret.ToYaml(includeCredential: AsPlainText) : secret);
                return secret;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private void RefuseShared(IReadOnlyList<MeshCluster> clusters)
    {
        if (clusters.Count > 1 && (ClusterId ?? Server ?? TlsServerName ?? SecretName) is { } value)
        {
            var name = ClusterId is not null ? nameof(ClusterId) : Server is not null ? nameof(Server) : TlsServerName is not null ? nameof(TlsServerName) : nameof(SecretName);
            throw new MeshException(
                ErrorCatalog.ValueNotShareable, $"-{name} {value} belongs to one cluster, but there are {clusters.Count}: {string.Join(", ", clusters)}", value);
        }
    }
}
