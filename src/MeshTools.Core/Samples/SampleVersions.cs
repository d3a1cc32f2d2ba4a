using System.Globalization;

namespace MeshTools.Samples;

/// <summary>Which versions answer from which cluster.</summary>
internal static class SampleVersions
{
    /// <param name="present">What each cluster has already.</param>
    /// <param name="wanted">What is to be spread; empty for one version each, the present ones kept.</param>
    internal static IReadOnlyList<IReadOnlyList<string>> Deal(IReadOnlyList<IReadOnlyList<string>> present, IReadOnlyList<string> wanted)
    {
        if (wanted.Count > 0)
        {
            var dealt = present.Select(_ => new List<string>()).ToArray();
            for (var i = 0; i < Math.Max(wanted.Count, dealt.Length) && dealt.Length > 0; i++)
                dealt[i % dealt.Length].Add(wanted[i % wanted.Count]);
            return [.. dealt.Select(versions => versions.Distinct(StringComparer.Ordinal).ToArray())];
        }

        var taken = present.SelectMany(versions => versions).ToHashSet(StringComparer.Ordinal);
        return [.. present.Select(versions => versions.Count > 0 ? versions : [Next(taken)])];
    }

    private static string Next(HashSet<string> taken) =>
        Enumerable.Range(1, taken.Count + 1).Select(number => "v" + number.ToString(CultureInfo.InvariantCulture)).First(taken.Add);
}
