using System.Globalization;
using MeshTools.Discovery;

namespace MeshTools.Demo;

/// <summary>Who reads whom, as the control planes say. Marks in place of words where there are many clusters.</summary>
internal static class LinkMatrix
{
    private const int WidestWithWords = 8;

    internal static Table Of(IReadOnlyList<string> clusters, IReadOnlyList<EndpointDiscoveryLink> links)
    {
        var words = clusters.Count <= WidestWithWords;
        var table = new Table(
        [
            words ? "READER" : "READER (+ synced, ! not)",
            .. clusters.Select((name, index) => words ? "of " + name : (index + 1).ToString(CultureInfo.InvariantCulture)),
        ]);
        var found = links.Where(link => link.Target is not null).ToDictionary(link => (link.Reader.Name, link.Target!.Name));
        foreach (var reader in clusters)
            table.Add([reader, .. clusters.Select(target => Cell(found.GetValueOrDefault((reader, target)), reader == target, words))]);
        return table;
    }

    private static string Cell(EndpointDiscoveryLink? link, bool self, bool words) => (self, words) switch
    {
        (true, _) => "-",
        (_, true) => link?.SyncStatus ?? "none",
        _ => link?.SyncStatus is EndpointDiscoveryLink.Synced ? "+" : "!",
    };
}
