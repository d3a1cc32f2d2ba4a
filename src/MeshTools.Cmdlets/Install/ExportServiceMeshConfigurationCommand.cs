using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Fleet;
using MeshTools.Install;
using MeshTools.Operations;

namespace MeshTools.Cmdlets;

/// <summary>Writes what Install-ServiceMesh would use as files for a repository, or as text.</summary>
[Cmdlet(VerbsData.Export, "ServiceMeshConfiguration", SupportsShouldProcess = true, DefaultParameterSetName = ClusterSet)]
[OutputType(typeof(ServiceMeshConfiguration), typeof(string))]
public sealed class ExportServiceMeshConfigurationCommand : MeshConfigurationCmdlet
{
    /// <summary>Where the files are written.</summary>
    [Parameter(HelpMessage = "The folder; the files of each cluster are written into a folder of its name in it. Without it YAML is emitted as text.")]
    [ValidateNotNullOrEmpty]
    public string? OutDirectory { get; set; }

    /// <summary>Renders the objects.</summary>
    [Parameter(HelpMessage = "Has istioctl render the configuration, and exports the objects too.")]
    public SwitchParameter Expand { get; set; }

    /// <summary>Overwrites files.</summary>
    [Parameter(HelpMessage = "Overwrites files that say something else, removes those of objects that are no more, and asks nothing.")]
    public SwitchParameter Force { get; set; }

    private protected override bool AskNothing => Force;

    private protected override async Task RunAsync(IReadOnlyList<MeshCluster> clusters, PipelineSink sink, CancellationToken cancellationToken)
    {
        // Where the release is named and nothing is rendered, no istioctl is needed.
        if ((Expand || Release is null) && !await UsePackageAsync(sink, cancellationToken).ConfigureAwait(false))
            return;
        var options = Options(clusters);
        clusters = Told(clusters);
        using var google = CloudSession.Open(sink);
        var root = OutDirectory is { } folder ? PathOf(folder) : null;
        if (root is not null)
            ConfigurationFolder.RequireApart(clusters);
        var exports = await sink.EachAsync(
            clusters, ThrottleLimit, cluster => cluster, (cluster, stop) => ServiceMeshExport.CreateAsync(cluster, IstioctlFor(cluster), options, Expand, sink, stop, google), cancellationToken).ConfigureAwait(false);
        if (root is null)
        {
            foreach (var export in exports)
                sink.Output(export.ToYaml());
            return;
        }

        var folders = await sink.EachAsync(
            exports, ThrottleLimit, export => export.Cluster, (export, _) => Task.FromResult(ConfigurationFolder.Compare(export, root, Force)), cancellationToken).ConfigureAwait(false);
        var asked = folders.SelectMany(item => item.Files.Select(file => (Change: new Change(TextOf(file), file.Kind is not ChangeKind.Unchanged), File: file))).ToArray();
        var approved = (await sink.ApproveAsync([.. asked.Select(item => item.Change)], cancellationToken).ConfigureAwait(false)).ToHashSet<object>(ReferenceEqualityComparer.Instance);
        if (OnlyAsking)
            return;
        var files = asked.Where(item => approved.Contains(item.Change)).Select(item => item.File).ToHashSet<object>(ReferenceEqualityComparer.Instance);
        await sink.EachAsync(
            folders,
            ThrottleLimit,
            item => item.Cluster,
            async (item, stop) =>
            {
                var configuration = await item.ExecuteAsync(files.Contains, sink, stop).ConfigureAwait(false);
                sink.Output(configuration);
                return configuration;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static string TextOf(ConfigurationFile file) => $"{(file.Kind is ChangeKind.Unchanged ? "Leave as it is:" : file.Kind)} file {file.Path}";
}
