namespace MeshTools.Clusters;

/// <summary>Names in the order that people expect of numbers in them: <c>lab-2</c> before <c>lab-10</c>.</summary>
internal static class NaturalOrder
{
    /// <summary>Compares so; names that differ only in leading zeros letter by letter.</summary>
    internal static IComparer<string> Comparer { get; } = Comparer<string>.Create(Compare);

    private static int Compare(string one, string other)
    {
        var (i, j) = (0, 0);
        while (i < one.Length && j < other.Length)
        {
            int difference;
            if (char.IsAsciiDigit(one[i]) && char.IsAsciiDigit(other[j]))
            {
                var a = Digits(one, ref i);
                var b = Digits(other, ref j);
                difference = a.Length != b.Length ? a.Length - b.Length : a.SequenceCompareTo(b);
            }
            else
            {
                difference = one[i++].CompareTo(other[j++]);
            }

            if (difference != 0)
                return difference;
        }

        var rest = (one.Length - i) - (other.Length - j);
        return rest != 0 ? rest : string.CompareOrdinal(one, other);
    }

    private static ReadOnlySpan<char> Digits(string text, ref int at)
    {
        var from = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
        return text.AsSpan(from, at - from).TrimStart('0');
    }
}
