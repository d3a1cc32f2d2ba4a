using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>Ages as people read them: two units at most, fewer as they grow (k8s.io/apimachinery/pkg/util/duration).</summary>
internal static class Durations
{
    internal static string Since(JsonNode? timestamp, DateTimeOffset now) =>
        DateTimeOffset.TryParse(JsonTree.Text(timestamp), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var then) ? Human(now - then) : "<unknown>";

    internal static string Human(TimeSpan span)
    {
        var seconds = (long)span.TotalSeconds;
        if (seconds < -1)
        {
            return "<invalid>";
        }

        if (seconds < 0)
        {
            return "0s";
        }

        if (seconds < 120)
        {
            return Text(seconds, "s");
        }

        var minutes = seconds / 60;
        if (minutes < 10)
        {
            return Two(minutes, "m", seconds % 60, "s");
        }

        if (minutes < 180)
        {
            return Text(minutes, "m");
        }

        var hours = minutes / 60;
        if (hours < 8)
        {
            return Two(hours, "h", minutes % 60, "m");
        }

        if (hours < 48)
        {
            return Text(hours, "h");
        }

        var days = hours / 24;
        if (hours < 192)
        {
            return Two(days, "d", hours % 24, "h");
        }

        if (hours < 24 * 365 * 2)
        {
            return Text(days, "d");
        }

        var years = days / 365;
        return hours < 24 * 365 * 8 ? Two(years, "y", days % 365, "d") : Text(years, "y");
    }

    private static string Text(long value, string unit) => value.ToString(CultureInfo.InvariantCulture) + unit;

    private static string Two(long value, string unit, long rest, string smaller) => rest == 0 ? Text(value, unit) : Text(value, unit) + Text(rest, smaller);
}
