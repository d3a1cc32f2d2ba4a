using System.Text;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Trust;

namespace MeshTools.Install;

/// <summary>
/// The folder of one cluster in a repository of configurations: <c>istio-operator.yaml</c>, and in <c>manifests</c> one file for each rendered object, with names that sort in the
/// order of installation. An IstioOperator lies apart since no API server takes one. Comparing only reads.
/// </summary>
public sealed class ConfigurationFolder
{
    /// <summary>How the first line of every file begins.</summary>
    internal const string Marker = "# Export-ServiceMeshConfiguration";

    private const string Manifests = "manifests";
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly ServiceMeshExport _export;
    private readonly string _path;

    private ConfigurationFolder(ServiceMeshExport export, string path, IReadOnlyList<ConfigurationFile> files)
    {
        _export = export;
        _path = path;
        Files = files;
    }

    /// <summary>The cluster.</summary>
    public MeshCluster Cluster => _export.Cluster;

    /// <summary>Every file with what would become of it, those that would go last.</summary>
    public IReadOnlyList<ConfigurationFile> Files { get; }

    /// <summary>Refuses clusters that would share a folder.</summary>
    /// <param name="clusters">The clusters.</param>
    /// <exception cref="MeshException">Two have the same folder (<c>ConfigurationFolderShared</c>).</exception>
    public static void RequireApart(IEnumerable<MeshCluster> clusters)
    {
        // Not by case: on some systems that makes no difference.
        foreach (var same in clusters.GroupBy(cluster => CertificateFiles.FolderFor("", cluster.Name), StringComparer.OrdinalIgnoreCase).Where(group => group.Skip(1).Any()))
            throw new MeshException(ErrorCatalog.ConfigurationFolderShared, $"{string.Join(" and ", same.Select(cluster => $"{cluster.Name} ({cluster.Server})"))} would share the folder {same.Key}", same.First());
    }

    /// <summary>Compares an export with what is on disk. Nothing is written.</summary>
    /// <param name="export">The export.</param>
    /// <param name="root">The full path of the folder that holds the clusters' folders.</param>
    /// <param name="force">Whether files may be overwritten, and those of objects that are no more removed.</param>
    /// <returns>The folder.</returns>
    /// <exception cref="MeshException">Files would be lost (<c>ConfigurationFileExists</c>), or cannot be read (<c>ConfigurationFileFailed</c>).</exception>
    public static ConfigurationFolder Compare(ServiceMeshExport export, string root, bool force)
    {
        ArgumentNullException.ThrowIfNull(export);
        ArgumentException.ThrowIfNullOrEmpty(root);
        var path = CertificateFiles.FolderFor(root, export.Cluster.Name);
        var files = new List<ConfigurationFile> { Compared(Path.Combine(path, "istio-operator.yaml"), export.OperatorText) };
        if (export.Objects is { } objects)
        {
            var manifests = Path.Combine(path, Manifests);
            files.AddRange(Texts(objects, export.ObjectHeader).Select(file => Compared(Path.Combine(manifests, file.Name), file.Text)));
            var kept = files.Select(file => file.Path).ToHashSet(StringComparer.OrdinalIgnoreCase);
            files.AddRange(Written(manifests).Where(file => !kept.Contains(file)).Select(file => new ConfigurationFile(file, ChangeKind.Delete)));
        }

        string[] lost = [.. files.Where(file => file.Kind is ChangeKind.Update or ChangeKind.Delete).Select(file => Path.GetRelativePath(path, file.Path))];
        return force || lost.Length == 0
            ? new ConfigurationFolder(export, path, files)
            : throw new MeshException(
                ErrorCatalog.ConfigurationFileExists,
                $"{export.Cluster.Name}: {path} holds {lost.Length} file{(lost.Length == 1 ? "" : "s")} that would be changed or removed: {string.Join(", ", lost.Take(3))}{(lost.Length > 3 ? ", ..." : "")}",
                export.Cluster);
    }

    /// <summary>Writes what was approved: each file whole or not at all. What is as it should be is not touched.</summary>
    /// <param name="approved">Whether a file's change was approved.</param>
    /// <param name="log">Takes milestones.</param>
    /// <param name="cancellationToken">Ends the writing between two files.</param>
    /// <returns>The files.</returns>
    /// <exception cref="MeshException">A file cannot be written (<c>ConfigurationFileFailed</c>); a rerun writes what is missing.</exception>
    public async Task<ServiceMeshConfiguration> ExecuteAsync(Func<ConfigurationFile, bool> approved, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(approved);
        ArgumentNullException.ThrowIfNull(log);
        ConfigurationFile[] files = [.. Files.Where(file => file.Kind is ChangeKind.Unchanged || approved(file))];
        foreach (var file in files.Where(file => file.Kind is not ChangeKind.Unchanged))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if (file.Kind is ChangeKind.Delete)
                    File.Delete(file.Path);
                else
                    await ReplaceAsync(file, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Failed(file.Path, "written", e);
            }

            log.Verbose($"{Cluster.Name}: {file.Path}: {file.Change}");
        }

        var settings = _export.Configuration.Settings;
        return new ServiceMeshConfiguration(Cluster, settings.Revision, settings.Release.Text, _path) { Files = files };
    }

    private static (string Name, string Text)[] Texts(IEnumerable<KubernetesObject> objects, string header)
    {
        var names = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        return [.. objects.Select(obj =>
        {
            var stem = $"{ManifestRendering.Rank(obj.Kind)}-{Plain(obj.Kind.ToLowerInvariant())}-{(obj.Namespace is { } ns ? Plain(ns) + "." : "")}{Plain(obj.Name)}";
            // The same kind of two API groups.
            var number = names[stem] = names.GetValueOrDefault(stem) + 1;
            return (Name: number == 1 ? $"{stem}.yaml" : FormattableString.Invariant($"{stem}.{number}.yaml"), Text: header + KubernetesYaml.Write(obj.Json));
        }).OrderBy(file => file.Name, StringComparer.Ordinal)];
    }

    // Names of roles may hold colons, which some file systems do not take.
    private static string Plain(string name) => new([.. name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '_')]);

    private static ConfigurationFile Compared(string path, string text)
    {
        try
        {
            if (Directory.Exists(path))
                throw new IOException("it is a folder");
            if (!File.Exists(path))
                return new ConfigurationFile(path, ChangeKind.Create) { Text = text };
            // Git may have given the file the line ends of this system.
            var live = File.ReadAllText(path, s_utf8).ReplaceLineEndings("\n");
            return new ConfigurationFile(path, string.Equals(live, text, StringComparison.Ordinal) ? ChangeKind.Unchanged : ChangeKind.Update) { Text = text };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(path, "read", e);
        }
    }

    // Only what an export wrote can be what an export no longer has.
    private static IReadOnlyList<string> Written(string folder)
    {
        if (!Directory.Exists(folder))
            return [];
        try
        {
            return [.. Directory.EnumerateFiles(folder, "*.yaml").Where(file => File.ReadLines(file).FirstOrDefault() is { } first && first.StartsWith(Marker, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(folder, "read", e);
        }
    }

    // Beside it first: who reads the file meanwhile, or after a crash, finds the old one or the new one.
    private static async Task ReplaceAsync(ConfigurationFile file, CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(file.Path)!;
        Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, $".{Path.GetRandomFileName()}");
        try
        {
            await File.WriteAllTextAsync(temporary, file.Text, s_utf8, cancellationToken).ConfigureAwait(false);
            File.Move(temporary, file.Path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static MeshException Failed(string path, string what, Exception reason) =>
        new(ErrorCatalog.ConfigurationFileFailed, $"{path} cannot be {what}: {reason.Message}", path, innerException: reason);
}
