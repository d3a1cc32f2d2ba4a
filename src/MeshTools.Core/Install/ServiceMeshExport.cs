using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.GoogleCloud;
using MeshTools.Istioctl;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Install;

/// <summary>What an installation of one cluster would be given, and what it would make, as text. Making it only reads.</summary>
public sealed class ServiceMeshExport
{
    private const string NetworkLabel = "topology.istio.io/network";

    private ServiceMeshExport(MeshCluster cluster, OperatorConfiguration configuration, IReadOnlyList<KubernetesObject>? objects)
    {
        Cluster = cluster;
        Configuration = configuration;
        Objects = objects;
    }

    /// <summary>The cluster, probed.</summary>
    public MeshCluster Cluster { get; }

    /// <summary>What istioctl is given.</summary>
    public OperatorConfiguration Configuration { get; }

    /// <summary>The rendered objects in the order of their installation, without any Secret; <see langword="null"/> where they were not asked for.</summary>
    public IReadOnlyList<KubernetesObject>? Objects { get; }

    /// <summary>Reads the cluster, builds its configuration as an installation does, and has it rendered where that is wanted. Nothing is written.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="istioctlPath">istioctl, or a folder that holds it; <see langword="null"/> for the one on the PATH. Not needed where the release is given and nothing is rendered.</param>
    /// <param name="options">What would be installed.</param>
    /// <param name="expand">Whether the objects are rendered.</param>
    /// <param name="log">Takes warnings.</param>
    /// <param name="cancellationToken">Cancels the requests, and ends istioctl.</param>
    /// <param name="google">Google Cloud; it is asked only where it is part of the installation.</param>
    /// <returns>The export.</returns>
    /// <exception cref="MeshException">Something of the configuration cannot be used, or istioctl is needed and is not there, of another release, or refuses.</exception>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    public static async Task<ServiceMeshExport> CreateAsync(
        MeshCluster cluster, string? istioctlPath, InstallOptions options, bool expand, IOperationLog log, CancellationToken cancellationToken, GoogleCloudClient? google = null)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        var program = expand || options.Release is null ? await FindAsync(istioctlPath, options.Release, expand, cancellationToken).ConfigureAwait(false) : null;
        var configured = await ConfiguredCluster.ReadAsync(cluster, options, options.Release ?? program!.Version, google, log, cancellationToken).ConfigureAwait(false);
        var objects = expand ? await RenderAsync(program!.Program, configured, options.Namespace, log, cancellationToken).ConfigureAwait(false) : null;
        return new ServiceMeshExport(configured.Cluster, configured.Configuration, objects);
    }

    /// <summary>One text: the IstioOperator, or where objects were rendered these alone, since no API server takes an IstioOperator.</summary>
    /// <returns>YAML, each document after a line <c>---</c>, so that texts of several clusters make one.</returns>
    public string ToYaml() => Objects is null
        ? $"---\n{OperatorText}"
        : $"---\n{Header}{string.Join("---\n", Objects.Select(obj => KubernetesYaml.Write(obj.Json)))}";

    /// <summary>The IstioOperator with what it is said in front of it.</summary>
    internal string OperatorText => $"{Header}# Layers: {string.Join(", ", Configuration.Layers.Select(LayerName))}\n{Configuration.ToYaml()}";

    /// <summary>In front of each object in a file of its own: nothing that changes from one export to the next, or every upgrade would change every file.</summary>
    internal string ObjectHeader => $"{ConfigurationFolder.Marker}: {Cluster.Name}\n";

    // The cluster is named and no time: the same export gives the same text.
    private string Header => $"{ConfigurationFolder.Marker}: {Cluster.Name}, release {Configuration.Settings.Release}, revision {Configuration.Settings.Revision}\n";

    // Where an overlay lies on this machine is nobody else's business.
    private static string LayerName(string layer) => layer.StartsWith("overlay ", StringComparison.Ordinal) ? $"overlay {Path.GetFileName(layer)}" : layer;

    private static async Task<ReleaseProgram> FindAsync(string? path, IstioRelease? release, bool expand, CancellationToken cancellationToken)
    {
        try
        {
            return await ReleaseProgram.FindAsync(path, release, cancellationToken).ConfigureAwait(false);
        }
        catch (MeshException e) when (e.Definition == ErrorCatalog.IstioctlNotFound && !expand && path is null)
        {
            throw new MeshException(e.Definition, $"{e.Message}, and no release is named", null, "Name the release with -Release, or an istioctl of it with -IstioctlPath.", e);
        }
    }

    private static async Task<IReadOnlyList<KubernetesObject>> RenderAsync(
        IstioctlProgram program, ConfiguredCluster configured, string ns, IOperationLog log, CancellationToken cancellationToken)
    {
        var (cluster, configuration) = (configured.Cluster, configured.Configuration);
        var rendered = await ManifestRendering.RenderAsync(program, configuration, cluster, log, cancellationToken).ConfigureAwait(false);
        foreach (var secret in rendered.Where(obj => obj.Kind is "Secret"))
            log.Warning($"{cluster.Name}: {secret.Reference} is left out, since no secret is written to files; bring it to the cluster in another way.");
        var served = await Task.WhenAll(rendered.Where(obj => obj.Kind is not "Secret").Select(obj => CompleteAsync(cluster.Connect(), obj, ns, cancellationToken))).ConfigureAwait(false);
        // istioctl makes the namespace when it installs, and does not render it.
        return served.Any(obj => obj.Kind is "Namespace" && string.Equals(obj.Name, ns, StringComparison.Ordinal)) ? served : [NamespaceOf(ns, configuration.Settings.Network), .. served];
    }

    private static KubernetesObject NamespaceOf(string ns, string? network)
    {
        var result = KubernetesObject.Create("v1", "Namespace", ns);
        if (network is not null)
            result.Json["metadata"]!["labels"] = new JsonObject { [NetworkLabel] = network };
        return result;
    }

    // Where a chart leaves the namespace out, istioctl applies to the control plane's; who applies a file would use the current one.
    private static async Task<KubernetesObject> CompleteAsync(KubernetesClient client, KubernetesObject obj, string ns, CancellationToken cancellationToken)
    {
        var result = obj.Clone();
        result.Json.Remove("status");
        if (result.Namespace is null && await IsNamespacedAsync(client, obj, cancellationToken).ConfigureAwait(false))
            result.Json["metadata"]!["namespace"] = ns;
        return result;
    }

    private static async Task<bool> IsNamespacedAsync(KubernetesClient client, KubernetesObject obj, CancellationToken cancellationToken)
    {
        try
        {
            return (await client.TypeOfAsync(obj, cancellationToken).ConfigureAwait(false)).Namespaced;
        }
        catch (KindNotServedException)
        {
            // A kind that the manifest itself brings; all of Istio's are namespaced.
            return true;
        }
    }
}
