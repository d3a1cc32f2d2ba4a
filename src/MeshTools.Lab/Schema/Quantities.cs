using System.Globalization;
using System.Numerics;

namespace MeshTools.Lab;

/// <summary>
/// Resource quantities in their canonical form (k8s.io/apimachinery/pkg/api/resource/quantity.go): the largest suffix of the same sort that needs no
/// fraction: <c>1000m</c> is <c>1</c>, <c>0.5</c> is <c>500m</c>, <c>1024Mi</c> is <c>1Gi</c>.
/// </summary>
internal static class Quantities
{
    private static readonly string[] DecimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    private static readonly string[] BinarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

    internal static bool TryCanonicalise(string text, out string canonical)
    {
        canonical = "";
        var end = 0;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] is '.' or '+' or '-'))
        {
            end++;
        }

        var suffix = text[end..];
        if (end == 0 || !decimal.TryParse(text.AsSpan(0, end), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        var binary = Array.IndexOf(BinarySuffixes, suffix);
        if (binary > 0)
        {
            var scaled = number * (decimal)BigInteger.Pow(1024, binary);
            if (scaled != decimal.Truncate(scaled))
            {
                scaled = decimal.Ceiling(scaled);
            }

            canonical = Binary(new BigInteger(scaled));
            return true;
        }

        var exponent = Array.IndexOf(DecimalSuffixes, suffix) * 3 - 9;
        if (exponent < -9)
        {
            if (suffix.Length < 2 || suffix[0] is not ('e' or 'E') || !int.TryParse(suffix.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent) || Math.Abs(exponent) > 18)
            {
                return false;
            }

            canonical = text;
            return true;
        }

        // In billionths, rounded up: nothing smaller exists.
        var nano = number;
        for (var e = exponent; e > -9; e -= 3)
        {
            if (Math.Abs(nano) > decimal.MaxValue / 1001)
            {
                canonical = text;
                return true;
            }

            nano *= 1000;
        }

        var value = new BigInteger(decimal.Ceiling(nano));
        var step = 0;
        while (!value.IsZero && step < DecimalSuffixes.Length - 1 && value % 1000 == 0)
        {
            value /= 1000;
            step++;
        }

        canonical = value.IsZero ? "0" : value.ToString(CultureInfo.InvariantCulture) + DecimalSuffixes[step];
        return true;
    }

    private static string Binary(BigInteger value)
    {
        var step = 0;
        while (!value.IsZero && step < BinarySuffixes.Length - 1 && value % 1024 == 0)
        {
            value /= 1024;
            step++;
        }

        return value.ToString(CultureInfo.InvariantCulture) + BinarySuffixes[step];
    }
}
