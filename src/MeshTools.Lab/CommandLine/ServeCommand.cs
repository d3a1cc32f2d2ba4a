using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeshTools.Lab;

/// <summary><c>serve</c>: starts a lab, says how to use it, and runs until it is told to stop.</summary>
internal static class ServeCommand
{
    public const string Help = """
        Starts clusters, writes a kubeconfig for them, and runs until Ctrl+C.

        Usage: meshtools-lab serve [options]

        Options:
          --clusters N              how many (3)
          --name-prefix TEXT        their names are TEXT-1, TEXT-2, ... (lab)
          --names A,B,...           their names, in place of --clusters and --name-prefix
          --kubeconfig FILE         the kubeconfig to write (./lab.kubeconfig)
          --force                   overwrite files that are not a lab's
          --no-control-plane        without istiod
          --gateway-api             with the definitions of the Kubernetes Gateway API
          --revision REV            revision of the control planes (none)
          --replicas N              replicas of istiod (1)
          --mesh-id ID              mesh ID of all (lab-mesh)
          --networks HOW            shared (one for all) or separate (shared)
          --trust HOW               shared (one root for all) or separate (shared)
          --platform NAME           whose clusters they look like: none, gke, eks, aks, or one for each: gke,none (none)
          --google-cloud STATE      with an endpoint that answers like the APIs of Google Cloud: empty, or prepared for a mesh
                                    (APIs are enabled; clusters of platform gke have Workload Identity, logs and metrics)
          --server-version VERSION  what /version answers, for instance v1.33.5-gke.1080000 (v1.36.2)
          --tokens WHEN             when token Secrets are filled: immediate, never, or after a duration (immediate)
          --load-balancers HOW      addresses of load balancers: immediate, never, failing (events say why),
                                    hostname, or after a duration (immediate)
          --remote-timeout DURATION when istiod gives a remote cluster the status "timeout" (30s)
          --parent-pid PID          end with this process
          --background              Ctrl+C and the end of the terminal do not end it; "stop", a signal or the end of PID does
          --ready-file FILE         written when all is ready: process, clusters, control address (KUBECONFIG.state.json)

        """;

    // Ctrl+C must end the program within a second, whatever a connection still waits for.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(700);

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, TextWriter output, CancellationToken cancellationToken)
    {
        var options = ServeOptions.Parse(arguments);
        if (!options.Force && File.Exists(options.Kubeconfig) && !AdminKubeconfig.IsLabs(await ReadAsync(options.Kubeconfig, cancellationToken).ConfigureAwait(false)))
        {
            throw new UsageException($"{options.Kubeconfig} is there already and is not a lab's kubeconfig. Name another with --kubeconfig, or say --force.");
        }

        if (!options.Force && File.Exists(options.ReadyFile) && !LabState.IsState(options.ReadyFile))
        {
            throw new UsageException($"{options.ReadyFile} is there already and is not a lab's state file. Name another with --ready-file, or say --force.");
        }

        using var parent = options.ParentProcess is { } id ? ParentProcess.Open(id) : null;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, End);

        var watch = Stopwatch.StartNew();
        LabHost lab;
        try
        {
            lab = await LabHost.StartAsync(options.Lab, NullLogger.Instance, ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            return 0;
        }

        var control = await ControlServer.StartAsync(lab, () => _ = ending.CancelAsync(), ending.Token).ConfigureAwait(false);
        lab.WriteKubeconfig(options.Kubeconfig);
        if (lab.GoogleCloud is { } google)
        {
            PrivateFile.Write(TokenFile(options), google.Token);
        }

        await File.WriteAllTextAsync(KeyFile(options), lab.Releases.PublicKeyPem, CancellationToken.None).ConfigureAwait(false);
        State(lab, control, options).Write(options.ReadyFile);
        await output.WriteAsync(Welcome(lab, options, watch.Elapsed)).ConfigureAwait(false);
        await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);

        await UntilEndAsync(parent, ending.Token).ConfigureAwait(false);
        File.Delete(options.ReadyFile);
        File.Delete(TokenFile(options));
        File.Delete(KeyFile(options));
        await Task.WhenAny(CloseAsync(control, lab), Task.Delay(Patience, CancellationToken.None)).ConfigureAwait(false);
        return 0;

        void End(PosixSignalContext signal)
        {
            signal.Cancel = true;
            // A terminal sends its signals to all programs in it; one in the background is not meant.
            if (!options.Background || signal.Signal is PosixSignal.SIGTERM)
                ending.Cancel();
        }
    }

    private static Task<string> ReadAsync(string path, CancellationToken cancellationToken) => File.ReadAllTextAsync(path, cancellationToken);

    private static async Task UntilEndAsync(Process? parent, CancellationToken cancellationToken)
    {
        var end = parent is null ? Task.Delay(Timeout.Infinite, cancellationToken) : parent.WaitForExitAsync(cancellationToken);
        await end.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task CloseAsync(ControlServer control, LabHost lab)
    {
        await control.DisposeAsync().ConfigureAwait(false);
        await lab.DisposeAsync().ConfigureAwait(false);
    }

    private static LabState State(LabHost lab, ControlServer control, ServeOptions options) => new(
        Environment.ProcessId,
        options.Kubeconfig,
        [
            .. lab.Clusters.Select(cluster => new LabState.Cluster(
                cluster.Name, cluster.ContextName, cluster.Server, cluster.Uid, cluster.ClusterId, cluster.Options.Network)),
        ],
        control.Address,
        control.Token)
    {
        Releases = new LabState.ReleaseSource(lab.Releases.Source, KeyFile(options), lab.Releases.Versions),
        GoogleCloud = lab.GoogleCloud is { } google
            ? new LabState.Google(google.Address, google.Project, google.FleetProject, google.Account, TokenFile(options), google.Environment)
            : null,
    };

    private static string TokenFile(ServeOptions options) => options.ReadyFile + ".google-token";

    private static string KeyFile(ServeOptions options) => options.ReadyFile + ".release-key.pem";

    private static string Welcome(LabHost lab, ServeOptions options, TimeSpan took)
    {
        var text = new System.Text.StringBuilder();
        var count = lab.Clusters.Count;
        text.AppendLine(string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "cluster is" : "clusters are")} up after {took.TotalSeconds:0.0} s."));
        text.AppendLine();
        var width = lab.Clusters.Max(cluster => cluster.ContextName.Length);
        foreach (var cluster in lab.Clusters)
        {
            var mesh = cluster.Options.ControlPlane ? $"cluster ID {cluster.ClusterId}, network {cluster.Options.Network}" : "no control plane";
            text.AppendLine($"  {cluster.ContextName.PadRight(width)}  {cluster.Server.ToString().TrimEnd('/')}  {mesh}");
        }

        var state = string.Equals(options.ReadyFile, Path.GetFullPath(ServeOptions.StateFileFor(ServeOptions.DefaultKubeconfig)), StringComparison.Ordinal)
            ? string.Empty
            : $" --lab \"{options.ReadyFile}\"";
        var first = lab.Clusters[0];
        text.AppendLine();
        text.AppendLine($"Kubeconfig: {options.Kubeconfig}");
        text.AppendLine();
        text.AppendLine("Use them:");
        text.AppendLine($"  kubectl --kubeconfig \"{options.Kubeconfig}\" --context {first.ContextName} get pods -A");
        text.AppendLine($"  pwsh -c 'Get-MeshCluster -Kubeconfig \"{options.Kubeconfig}\" | Enable-EndpointDiscovery -Wait'");
        text.AppendLine();
        if (lab.GoogleCloud is { } google)
        {
            text.AppendLine("Google Cloud is rehearsed too, in a shell with these variables:");
            foreach (var (name, value) in google.Environment.Append(KeyValuePair.Create("CLOUDSDK_AUTH_ACCESS_TOKEN_FILE", TokenFile(options))))
            {
                text.AppendLine($"  $env:{name} = '{value}'");
            }

            text.AppendLine();
        }

        text.AppendLine($"Releases to download: {string.Join(", ", lab.Releases.Versions)}");
        text.AppendLine($"  pwsh -c 'Save-ServiceMeshPackage {lab.Releases.Versions[0]} -Source {lab.Releases.Source} -PublicKey \"{KeyFile(options)}\"'");
        text.AppendLine();
        text.AppendLine("Make one misbehave, from another terminal, and see how they are:");
        text.AppendLine($"  dotnet run --project src/MeshTools.Lab -- fault {first.Name} throttle --verb patch --times 3{state}");
        text.AppendLine($"  dotnet run --project src/MeshTools.Lab -- status{state}");
        text.AppendLine();
        text.AppendLine("Ctrl+C ends the lab.");
        return text.ToString();
    }
}
