using System.Globalization;

namespace MeshTools.Requirements;

/// <summary>Which versions of Kubernetes a minor release of Istio supports (istio.io/latest/docs/releases/supported-releases).</summary>
internal static class KubernetesSupport
{
    // Istio 1.x, Kubernetes 1.LEAST to 1.MOST.
    private static readonly Dictionary<int, (int Least, int Most)> s_supported = new()
    {
        [22] = (27, 30), [23] = (27, 30), [24] = (28, 31), [25] = (29, 32), [26] = (29, 33), [27] = (29, 33), [28] = (30, 34), [29] = (30, 35),
    };

    /// <summary>Istio also tries this many older ones, without support; before that nobody has looked.</summary>
    internal const int Tried = 5;

    internal static (int Least, int Most)? For(string? istioVersion) => MinorOf(istioVersion) is { } minor && s_supported.TryGetValue(minor, out var range) ? range : null;

    /// <summary>The minor of <c>v1.33.5-gke.1</c>, <c>1.28.5-asm.12</c> and the like; null for anything else.</summary>
    internal static int? MinorOf(string? version) =>
        version?.TrimStart('v').Split('.', '-') is ["1", var text, ..] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var minor) ? minor : null;
}
