using System.Text.RegularExpressions;
using MeshTools.Clusters;

namespace MeshTools.Verify;

/// <summary>By what an answer was told to be of one cluster and not of another.</summary>
public enum AnswerEvidence
{
    /// <summary>It could not be told.</summary>
    None,

    /// <summary>The answer, its body or a header, names the pod.</summary>
    Instance,

    /// <summary>The answer names a version that only one cluster runs.</summary>
    Version,

    /// <summary>The client's proxy counts its calls by endpoint.</summary>
    Proxy,
}

/// <summary>Tells which cluster an answer came from: by a pod's name, else by a version that only one cluster has.</summary>
internal sealed partial class AnswerSource
{
    private readonly Dictionary<string, (MeshCluster Cluster, string? Version)?> _pods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MeshCluster?> _versions = new(StringComparer.Ordinal);

    internal AnswerSource(IEnumerable<ServiceView> views)
    {
        foreach (var view in views)
        {
            foreach (var pod in view.Pods)
            {
                var version = pod.Labels.GetValueOrDefault("version") ?? pod.Labels.GetValueOrDefault("app.kubernetes.io/version");
                // A name that two clusters have (a stateful set's) tells nothing.
                _pods[pod.Name] = _pods.ContainsKey(pod.Name) ? null : (view.Cluster, version);
                if (version is not null)
                    _versions[version] = !_versions.TryGetValue(version, out var other) || other?.Entry() == view.Cluster.Entry() ? view.Cluster : null;
            }
        }
    }

    /// <summary>Where an answer came from.</summary>
    /// <returns>The cluster, <see langword="null"/> when it cannot be told; the version that answered; and by what.</returns>
    internal (MeshCluster? Cluster, string? Version, AnswerEvidence By) Of(CallOutcome answer)
    {
        foreach (var text in answer.Headers.Values.Prepend(answer.Body))
        {
            foreach (Match word in PodName().Matches(text))
            {
                if (_pods.TryGetValue(word.Value, out var known) && known is { } pod)
                    return (pod.Cluster, pod.Version ?? Stated(answer), AnswerEvidence.Instance);
            }
        }

        var version = Stated(answer);
        return version is not null && _versions.GetValueOrDefault(version) is { } cluster
            ? (cluster, version, AnswerEvidence.Version)
            : (null, version, AnswerEvidence.None);
    }

    private static string? Stated(CallOutcome answer) => Version().Match(answer.Body) is { Success: true } match ? match.Groups["version"].Value : null;

    [GeneratedRegex("[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex PodName();

    [GeneratedRegex("\\bversion\"?\\s*[:=]\\s*\"?(?<version>[A-Za-z0-9][-A-Za-z0-9_.]*)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Version();
}
