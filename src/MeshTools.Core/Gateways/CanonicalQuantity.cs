using System.Globalization;

namespace MeshTools.Gateways;

/// <summary>
/// A quantity as the API server stores it: <c>2000m</c> as <c>2</c>, <c>1024Mi</c> as <c>1Gi</c> (k8s.io/apimachinery/pkg/api/resource/quantity.go). Applied in another
/// spelling, it would differ from what is stored, and be a conflict with whoever else applied the same.
/// </summary>
internal static class CanonicalQuantity
{
    private static readonly string[] s_decimal = ["m", "", "k", "M", "G", "T", "P", "E"];

    private static readonly string[] s_binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

    /// <summary>The canonical spelling; a text that is no quantity of the usual kinds as it is, for the server to judge.</summary>
    internal static string Of(string text)
    {
        var end = text.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
        var suffix = text[end..];
        if (!decimal.TryParse(text.AsSpan(0, end), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number == 0 || number > 1_000_000_000_000)
            return text;
        var (suffixes, step) = Array.IndexOf(s_binary, suffix) >= 0 ? (s_binary, 1024) : (s_decimal, 1000);
        var place = Array.IndexOf(suffixes, suffix);
        if (place < 0)
            return text;
        // Down until nothing is behind the point, then up as far as it stays whole.
        for (; number != decimal.Truncate(number) && place > 0; place--)
            number *= step;
        for (; number % step == 0 && place < suffixes.Length - 1; place++)
            number /= step;
        return number == decimal.Truncate(number) ? decimal.Truncate(number).ToString(CultureInfo.InvariantCulture) + suffixes[place] : text;
    }
}
