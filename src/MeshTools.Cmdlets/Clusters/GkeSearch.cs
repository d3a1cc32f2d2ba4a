using System.Management.Automation;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Fleet;
using MeshTools.GoogleCloud;

namespace MeshTools.Cmdlets;

/// <summary>Clusters of GKE by name, without a kubeconfig.</summary>
internal static class GkeSearch
{
    internal static async Task<IReadOnlyList<MeshCluster>> FindAsync(
        string? projectId, string? location, IReadOnlyList<string> names, string endpoint, PipelineSink sink, CancellationToken cancellationToken)
    {
        // Not disposed: the clusters get their tokens from it as long as they are used.
        var client = CloudSession.Open(sink);
        var project = projectId ?? client.Environment.Project
            ?? throw new MeshException(ErrorCatalog.FleetProjectUnknown, "no project is named, here or in the environment", recommendedAction: "Name the cluster's project with -ProjectId, or set CLOUDSDK_CORE_PROJECT.");
        var all = await GkeConnection.ListAsync(client, project, location, cancellationToken).ConfigureAwait(false);
        foreach (var name in names.Where(name => !WildcardPattern.ContainsWildcardCharacters(name) && !all.Any(Matches(name))))
        {
            var there = all.Count == 0 ? "there are none" : "there are: " + string.Join(", ", all.Select(gke => gke.Name));
            sink.Failed(new MeshException(ErrorCatalog.GoogleNotFound, $"project {project} has no cluster {name}{(location is null ? "" : " in " + location)}; {there}", name), name);
        }

        var clusters = new List<MeshCluster>();
        foreach (var gke in all.Where(gke => names.Any(name => Matches(name)(gke))))
        {
            try
            {
                clusters.Add(GkeConnection.Connect(gke, client, Enum.Parse<GkeEndpoint>(endpoint)));
            }
            catch (MeshException e)
            {
                sink.Failed(e, gke.Path);
            }
        }

        return clusters;
    }

    private static Func<GkeCluster, bool> Matches(string pattern)
    {
        var wildcard = new WildcardPattern(pattern, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
        return gke => wildcard.IsMatch(gke.Name);
    }
}
