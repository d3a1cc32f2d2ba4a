using MeshTools.Install;
using MeshTools.Operations;
using MeshTools.Packages;

namespace MeshTools.Cmdlets;

/// <summary>Saves packages with leave: as a command of its own, or as the first step of one that needs one.</summary>
internal static class PackageSaving
{
    /// <summary>Plans, asks, saves.</summary>
    /// <returns>The package; <see langword="null"/> when it was not saved, which is said where it is an error.</returns>
    internal static async Task<ServiceMeshPackage?> SaveAsync(PackageRequest request, bool onlyAsking, PipelineSink sink, CancellationToken cancellationToken)
    {
        var plan = await PackagePlan.CreateAsync(request, sink, cancellationToken).ConfigureAwait(false);
        var asked = plan.Steps.Select(step => (Change: new Change(step.Description, step.Kind is not ChangeKind.Unchanged), Step: step)).ToArray();
        var approved = (await sink.ApproveAsync([.. asked.Select(item => item.Change)], cancellationToken).ConfigureAwait(false)).ToHashSet<object>(ReferenceEqualityComparer.Instance);
        if (onlyAsking || approved.Count == 0)
            return null;
        var steps = asked.Where(item => approved.Contains(item.Change)).Select(item => item.Step).ToHashSet();
        return await plan.ExecuteAsync(steps.Contains, sink, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Saves a release for this machine, for a command that goes on with it.</summary>
    /// <returns>Whether it is there.</returns>
    internal static async Task<bool> SaveAsync(IstioRelease release, string path, bool onlyAsking, PipelineSink sink, CancellationToken cancellationToken)
    {
        var request = new PackageRequest(release, path, PackagePlatform.Of(release, [], []), ReleaseSource.Choose(null, null, Environment.GetEnvironmentVariable));
        if (await SaveAsync(request, onlyAsking, sink, cancellationToken).ConfigureAwait(false) is not null)
            return true;
        if (onlyAsking)
            sink.Warning($"Without the package nothing can be rendered or compared, so no more can be said. Save-ServiceMeshPackage {release} -PackagePath {path} saves it and changes no cluster.");
        return false;
    }
}
