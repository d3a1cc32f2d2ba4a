using MeshTools.Clusters;

namespace MeshTools.Reports;

/// <summary>
/// The clusters that results are about, each once: copies of one cluster carry what was known when they were made, and two contexts may lead to one cluster. What the later
/// copy knows counts.
/// </summary>
internal sealed class ReportClusters
{
    private readonly List<MeshCluster> _merged = [];
    private readonly Dictionary<(string Context, string? Path), int> _byEntry = [];
    private readonly Dictionary<string, int> _byUid = new(StringComparer.Ordinal);
    private readonly List<string> _strangers = [];
    private readonly Func<string?, string> _text;
    private readonly int[] _numbers;

    internal ReportClusters(IReadOnlyList<MeshCluster> copies, IEnumerable<string> strangers, Func<string?, string> text)
    {
        _text = text;
        // Those that were asked who they are first: an unprobed copy of the same entry then finds them.
        foreach (var copy in copies.Where(cluster => cluster.Uid is not null).Concat(copies.Where(cluster => cluster.Uid is null)))
            Find(copy);
        foreach (var copy in copies)
            Learn(copy);
        foreach (var id in strangers.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            if (_merged.TrueForAll(cluster => !string.Equals(cluster.ClusterId, id, StringComparison.Ordinal)))
                _strangers.Add(id);
        }

        // Results come in the order in which clusters answer; a report should not.
        var names = Names();
        int[] order = [.. Enumerable.Range(0, _merged.Count).OrderBy(i => names[i], NaturalOrder.Comparer)];
        _numbers = new int[_merged.Count];
        for (var number = 0; number < order.Length; number++)
            _numbers[order[number]] = number;
        All =
        [
            .. order.Select((i, number) => Describe(number, names[i], _merged[i])),
            .. _strangers.Select((id, i) => new ReportCluster(_merged.Count + i, _text(id)) { Known = false, ClusterId = _text(id), State = ReportState.Unknown }),
        ];
    }

    internal IReadOnlyList<ReportCluster> All { get; }

    internal int NumberOf(MeshCluster cluster) => _numbers[_byEntry[cluster.Entry()]];

    internal int NumberOf(string clusterId)
    {
        var known = _merged.FindIndex(cluster => string.Equals(cluster.ClusterId, clusterId, StringComparison.Ordinal));
        return known >= 0 ? _numbers[known] : _merged.Count + _strangers.IndexOf(clusterId);
    }

    private void Find(MeshCluster copy)
    {
        if (!_byEntry.TryGetValue(copy.Entry(), out var index) && (copy.Uid is null || !_byUid.TryGetValue(copy.Uid, out index)))
        {
            index = _merged.Count;
            _merged.Add(copy);
        }

        _byEntry[copy.Entry()] = index;
        if (copy.Uid is not null)
            _byUid[copy.Uid] = index;
    }

    private void Learn(MeshCluster copy)
    {
        var index = _byEntry[copy.Entry()];
        var known = _merged[index];
        _merged[index] = known with
        {
            KubernetesVersion = copy.KubernetesVersion ?? known.KubernetesVersion,
            Platform = copy.Platform == ClusterPlatform.Other ? known.Platform : copy.Platform,
            MeshId = copy.MeshId ?? known.MeshId,
            ClusterId = copy.ClusterId ?? known.ClusterId,
            Network = copy.Network ?? known.Network,
            TrustDomain = copy.TrustDomain ?? known.TrustDomain,
            Revision = copy.Revision ?? known.Revision,
            Revisions = copy.Revisions.Count > 0 ? copy.Revisions : known.Revisions,
        };
    }

    // Two files may use one name for two clusters.
    private string[] Names()
    {
        string[] names = [.. _merged.Select(cluster => _text(cluster.Name))];
        return
        [
            .. names.Select((name, i) => names.Count(other => string.Equals(other, name, StringComparison.Ordinal)) == 1
                ? name
                : $"{name} ({_text(_merged[i].KubeconfigPath is { } path ? Path.GetFileName(path) : _merged[i].Server?.Authority)})"),
        ];
    }

    private ReportCluster Describe(int number, string name, MeshCluster cluster) => new(number, name)
    {
        Network = _text(cluster.Network),
        Platform = cluster.Platform == ClusterPlatform.Other ? "" : cluster.Platform.ToString(),
        KubernetesVersion = _text(cluster.KubernetesVersion),
        Revision = _text(cluster.Revisions.Count > 0 ? string.Join(", ", cluster.Revisions) : cluster.Revision),
        ClusterId = _text(cluster.ClusterId),
        MeshId = _text(cluster.MeshId),
        TrustDomain = _text(cluster.TrustDomain),
        Server = _text(cluster.Server?.ToString()),
    };
}
