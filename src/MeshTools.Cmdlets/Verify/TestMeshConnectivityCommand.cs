using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Samples;
using MeshTools.Verify;

namespace MeshTools.Cmdlets;

/// <summary>Proves that clusters reach each other's workloads, and finds the place where they do not.</summary>
[Cmdlet(VerbsDiagnostic.Test, "MeshConnectivity", DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(MeshConnectivity), typeof(ConnectivityResult), typeof(bool))]
public sealed class TestMeshConnectivityCommand : ClusterCmdlet
{
    // As an object: a field of the type would have its assembly loaded at import.
    private object? _test;

    private MeshSample? _sample;

    /// <summary>What Install-MeshSample installed.</summary>
    [Parameter(ValueFromPipeline = true, HelpMessage = "What Install-MeshSample emitted: the Service, its namespace and the client are those of the sample, unless they are given.")]
    [ValidateNotNull]
    public MeshSample? Sample { get; set; }

    /// <summary>The Service.</summary>
    [Parameter(HelpMessage = "The Service that is called.")]
    [ValidateNotNullOrEmpty]
    public string Service { get; set; } = "helloworld";

    /// <summary>Its namespace.</summary>
    [Parameter(HelpMessage = "The namespace of the Service.")]
    [ValidateNotNullOrEmpty]
    public string Namespace { get; set; } = "sample";

    /// <summary>Its port.</summary>
    [Parameter(HelpMessage = "The port of the Service.")]
    [ValidateRange(1, 65535)]
    public int Port { get; set; } = 5000;

    /// <summary>The path.</summary>
    [Parameter(HelpMessage = "The path that is called, with a query if need be.")]
    [ValidatePattern("^/")]
    public string Path { get; set; } = "/hello";

    /// <summary>The client's namespace.</summary>
    [Parameter(HelpMessage = "The namespace of the client; without it that of the Service.")]
    [ValidateNotNullOrEmpty]
    public string? ClientNamespace { get; set; }

    /// <summary>Selects the client.</summary>
    [Parameter(HelpMessage = "Selects the client's pods by labels.")]
    [ValidateNotNullOrEmpty]
    public string ClientSelector { get; set; } = "app in (curl,sleep)";

    /// <summary>The client's container.</summary>
    [Parameter(HelpMessage = "The container of the client that has curl; without it the pod's default container.")]
    [ValidateNotNullOrEmpty]
    public string? ClientContainer { get; set; }

    /// <summary>How many calls.</summary>
    [Parameter(HelpMessage = "Calls from every cluster.")]
    [ValidateRange(1, 10000)]
    public int Count { get; set; } = 20;

    /// <summary>How long one call may take.</summary>
    [Parameter(HelpMessage = "How long one call may take: seconds, or a duration such as 10s or 1m.")]
    [Duration]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Repeats.</summary>
    [Parameter(HelpMessage = "Success: repeats the test until every pair passes, or -Timeout is over.")]
    [ValidateSet("Success")]
    public string? Until { get; set; }

    /// <summary>How long to repeat.</summary>
    [Parameter(HelpMessage = "How long -Until repeats: seconds, or a duration such as 90s or 5m.")]
    [Duration]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>The control planes' namespace.</summary>
    [Parameter(HelpMessage = "The control planes' namespace.")]
    [ValidateNotNullOrEmpty]
    public string ControlPlaneNamespace { get; set; } = "istio-system";

    /// <summary>The pairs in place of the summary.</summary>
    [Parameter(HelpMessage = "Emits every pair of clusters in place of the one summary.")]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Only a yes or a no.</summary>
    [Parameter(HelpMessage = "Emits only whether every pair passed; pairs that did not are no errors then.")]
    public SwitchParameter Quiet { get; set; }

    // One install makes the same in every cluster.
    private protected override void Take() => _sample ??= Sample;

    private protected override string? LastWords() => (_test as ConnectivityTest)?.SoFar is { } known ? known.ToPartial() : null;

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        var options = new ConnectivityOptions
        {
            Service = Given(nameof(Service), Service, _sample?.Service),
            Namespace = Given(nameof(Namespace), Namespace, _sample?.Namespace),
            Port = Given(nameof(Port), Port, _sample?.Port ?? Port),
            Path = Given(nameof(Path), Path, _sample?.Path),
            ClientNamespace = ClientNamespace,
            ClientSelector = Given(nameof(ClientSelector), ClientSelector, _sample?.ClientSelector),
            ClientContainer = ClientContainer ?? Given<string?>(nameof(ClientSelector), null, _sample?.ClientContainer),
            Count = Count,
            CallTimeout = CallTimeout,
            Patience = Until is null ? TimeSpan.Zero : Timeout,
            ControlPlaneNamespace = ControlPlaneNamespace,
            ThrottleLimit = ThrottleLimit,
            ReportPairs = !Quiet,
        };
        var test = new ConnectivityTest(clusters, options, sink);
        _test = test;
        var outcome = await test.RunAsync(cancellationToken).ConfigureAwait(false);
        if (Quiet)
        {
            sink.Output(outcome.Passed);
        }
        else if (PassThru)
        {
            foreach (var result in outcome.Results)
                sink.Output(result);
        }
        else
        {
            sink.Output(outcome);
        }
    }

    private T Given<T>(string parameter, T value, T? ofSample) => ofSample is null || MyInvocation.BoundParameters.ContainsKey(parameter) ? value : ofSample;
}
