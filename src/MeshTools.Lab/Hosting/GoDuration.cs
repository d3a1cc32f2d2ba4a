using System.Globalization;

namespace MeshTools.Lab;

/// <summary>Durations as Go and its tools write them, of one unit: <c>500ms</c>, <c>2s</c>, <c>1.5m</c>, <c>1h</c>, <c>0</c>.</summary>
internal static class GoDuration
{
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (text is "0")
        {
            return true;
        }

        foreach (var (unit, seconds) in (ReadOnlySpan<(string, double)>)[("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)])
        {
            if (text?.EndsWith(unit, StringComparison.Ordinal) == true &&
                double.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) &&
                number * seconds < TimeSpan.FromDays(365).TotalSeconds)
            {
                duration = TimeSpan.FromSeconds(number * seconds);
                return true;
            }
        }

        return false;
    }
}
