using System.Globalization;
using System.Text;

namespace MeshTools.Reports;

/// <summary>
/// Texts of clusters are input of strangers. What XML 1.0 cannot hold (section 2.2), and what turns the direction of writing or is not seen, is written as a code point that
/// everybody can read; line ends become spaces.
/// </summary>
internal static class ReportText
{
    internal static string Clean(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        var clean = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                var point = char.ConvertToUtf32(c, text[++i]);
                // Tags and the non-characters at the end of each plane.
                if (point is >= 0xE0000 and <= 0xE0FFF || (point & 0xFFFE) == 0xFFFE)
                    clean.Append(CultureInfo.InvariantCulture, $"\\u{{{point:X}}}");
                else
                    clean.Append(c).Append(text[i]);
            }
            else if (c is '\r' or '\n' or '\t' or '\u2028' or '\u2029')
            {
                if (clean.Length > 0 && clean[^1] != ' ')
                    clean.Append(' ');
            }
            else if (IsUnfit(c))
            {
                clean.Append(CultureInfo.InvariantCulture, $"\\u{{{(int)c:X}}}");
            }
            else
            {
                clean.Append(c);
            }
        }

        return clean.ToString().TrimEnd();
    }

    /// <summary>At most so many characters, the last an ellipsis when some are left out.</summary>
    internal static string Shorten(string text, int length)
    {
        var info = new StringInfo(text);
        return info.LengthInTextElements <= length ? text : info.SubstringByTextElements(0, Math.Max(1, length - 1)) + "…";
    }

    internal static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    internal static string Milliseconds(TimeSpan? time) => time is { } t ? t.TotalMilliseconds.ToString(t.TotalMilliseconds < 10 ? "0.0" : "0", CultureInfo.InvariantCulture) + " ms" : "";

    /// <summary>"1 link", "2 links".</summary>
    internal static string Count(int count, string one) => count.ToString(CultureInfo.InvariantCulture) + " " + (count == 1 ? one : one + "s");

    private static bool IsUnfit(char c) =>
        char.IsSurrogate(c) || char.IsControl(c) || c >= '\uFFF0' || c is '\u061C' or '\uFEFF' or (>= '\u200B' and <= '\u200F') or (>= '\u202A' and <= '\u202E') or (>= '\u2060' and <= '\u206F');
}
