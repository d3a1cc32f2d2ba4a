using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeshTools.Lab;

/// <summary>A running lab: any number of clusters in this process.</summary>
public sealed class LabHost : IAsyncDisposable
{
    private readonly CertificateAuthority? meshRoot;

    private LabHost(IReadOnlyList<LabCluster> clusters, ReleaseServer releases, CertificateAuthority? meshRoot)
    {
        Clusters = clusters;
        Releases = releases;
        this.meshRoot = meshRoot;
    }

    /// <summary>The clusters, in order.</summary>
    public IReadOnlyList<LabCluster> Clusters { get; }

    /// <summary>The lab's Google Cloud; null when it has none.</summary>
    public GoogleCloudEndpoint? GoogleCloud { get; private init; }

    /// <summary>The lab's server of release archives.</summary>
    public ReleaseServer Releases { get; }

    /// <summary>A kubeconfig with a context for each cluster, for their administrators; the first is current.</summary>
    public string KubeconfigYaml => AdminKubeconfig.Write([.. Clusters.Select(cluster => cluster.AdminEntry)]);

    /// <summary>The cluster of a name or context.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message lists those there are.</exception>
    public LabCluster this[string name] =>
        Clusters.FirstOrDefault(cluster => string.Equals(cluster.Name, name, StringComparison.Ordinal) || string.Equals(cluster.ContextName, name, StringComparison.Ordinal))
        ?? throw new KeyNotFoundException($"There is no cluster \"{name}\"; the lab has {string.Join(", ", Clusters.Select(cluster => cluster.Name))}.");

    /// <summary>Starts a lab. Every cluster is ready to use when it returns, its control plane included.</summary>
    /// <param name="options">What it is made of.</param>
    /// <param name="ct">Gives up starting.</param>
    /// <exception cref="ArgumentException">Options that cannot be.</exception>
    public static Task<LabHost> StartAsync(LabOptions options, CancellationToken ct = default) => StartAsync(options, NullLogger.Instance, ct);

    /// <summary>Starts a lab that tells a log what goes wrong inside.</summary>
    public static async Task<LabHost> StartAsync(LabOptions options, ILogger logger, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var plans = LabOptions.Resolve(options);
        var root = options.SharedTrust ? CertificateAuthority.Create("Root CA", "Istio") : null;
        var fabric = new LabFabric();
        var starting = plans.Select((plan, index) => Task.Run(() => LabCluster.StartAsync(plan, index, root, fabric, logger, ct), ct)).ToArray();
        try
        {
            var clusters = await Task.WhenAll(starting).ConfigureAwait(false);
            return new LabHost(clusters, await ReleaseServer.StartAsync(options.Releases, ct).ConfigureAwait(false), root)
            {
                GoogleCloud = options.GoogleCloud is { } google ? await GoogleCloudEndpoint.StartAsync(google, clusters, ct).ConfigureAwait(false) : null,
            };
        }
        catch
        {
            foreach (var started in starting.Where(task => task.IsCompletedSuccessfully))
            {
                await (await started.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            }

            root?.Dispose();
            throw;
        }
    }

    /// <summary>Writes the kubeconfig, readable by its owner alone and never seen half written.</summary>
    public void WriteKubeconfig(string path) => PrivateFile.Write(path, KubeconfigYaml);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (GoogleCloud is not null)
        {
            await GoogleCloud.DisposeAsync().ConfigureAwait(false);
        }

        await Releases.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAll(Clusters.Select(cluster => cluster.DisposeAsync().AsTask())).ConfigureAwait(false);
        meshRoot?.Dispose();
    }
}
