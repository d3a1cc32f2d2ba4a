using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.GoogleCloud;
using MeshTools.Install;
using MeshTools.Istioctl;
using MeshTools.Operations;
using MeshTools.Packages;
using MeshTools.Verify;
using Ids = MeshTools.Requirements.RequirementIds;

namespace MeshTools.Requirements;

/// <summary>Whether clusters, and the Google Cloud around them, have what an installation needs. Everything is checked in one run, and nothing is changed.</summary>
public static class RequirementCheck
{
    /// <summary>Checks clusters, in parallel; each cluster's findings come when it is done.</summary>
    /// <param name="clusters">The clusters.</param>
    /// <param name="options">What is to be installed.</param>
    /// <param name="client">Google Cloud; <see langword="null"/> when no cluster needs it.</param>
    /// <param name="log">Takes warnings and progress.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The findings, passed checks among them, ordered within a cluster by id.</returns>
    public static async IAsyncEnumerable<CheckResult> RunAsync(
        IReadOnlyList<MeshCluster> clusters, RequirementOptions options, GoogleCloudClient? client, IOperationLog log,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(clusters);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        var istioctl = options.Managed ? new IstioctlFinding(true, "A managed control plane needs no istioctl", Fix: null) : await IstioctlAsync(options, cancellationToken).ConfigureAwait(false);
        // Whoever brings a package is about to install its release.
        options = options with { Version = options.Version ?? istioctl.Release };
        var done = 0;
        await foreach (var report in FanOut.RunAsync(clusters, options.ThrottleLimit, (cluster, stop) => CheckAsync(cluster, options, istioctl, client, log, stop), cancellationToken).ConfigureAwait(false))
        {
            log.Progress(new OperationProgress("Checking requirements", report.Cluster.Name, ++done, clusters.Count, report.Cluster.Name));
            foreach (var result in report.Results)
                yield return result;
        }
    }

    private static async Task<RequirementReport> CheckAsync(
        MeshCluster cluster, RequirementOptions options, IstioctlFinding istioctl, GoogleCloudClient? client, IOperationLog log, CancellationToken cancellationToken)
    {
        var report = new RequirementReport(cluster);
        if (istioctl.Found)
            report.Pass(Ids.Tools, istioctl.Text);
        else if (options.Offline)
            report.Fail(Ids.Tools, istioctl.Text, istioctl.Fix);
        else
            report.Warn(Ids.Tools, istioctl.Text, istioctl.Fix);
        await ClusterRequirements.CheckAsync(report, options, log, cancellationToken).ConfigureAwait(false);
        if (client is not null && options.Cloud(cluster) is { } wish)
            await CloudRequirements.CheckAsync(report, wish, client, cancellationToken).ConfigureAwait(false);
        return report;
    }

    // Everything else that asmcli starts, this module does itself.
    private static async Task<IstioctlFinding> IstioctlAsync(RequirementOptions options, CancellationToken cancellationToken)
    {
        try
        {
            var package = options is { IstioctlPath: null, PackagePath: { } folder } ? await ServiceMeshPackage.OpenAsync(folder, Wanted(options), cancellationToken).ConfigureAwait(false) : null;
            var program = IstioctlProgram.Find(package?.Istioctl ?? options.IstioctlPath);
            var version = await program.GetVersionAsync(cancellationToken).ConfigureAwait(false);
            return options.Version is { } release && !string.Equals(release, version, StringComparison.Ordinal)
                ? new(false, $"istioctl {version} ({program.Path}) is not of release {release}, which it has to be to install it", $"Save-ServiceMeshPackage {release} gets one of that release: give its folder with -PackagePath; or name one with -IstioctlPath.")
                : new(true, $"istioctl {version} is at {program.Path}{(package is null ? "" : $", in the package that was verified by {package.VerifiedBy}")}", null, package?.Release);
        }
        catch (MeshException e)
        {
            return new(false, e.Message, e.RecommendedAction);
        }
    }

    private static IstioRelease? Wanted(RequirementOptions options) => IstioRelease.TryParse(options.Version);

    private sealed record IstioctlFinding(bool Found, string Text, string? Fix, string? Release = null);
}
