using System.Globalization;
using System.Management.Automation;

namespace MeshTools.Cmdlets;

/// <summary>
/// Lets a duration be given in seconds (<c>90</c>), with a unit (<c>90s</c>, <c>5m</c>, <c>1h</c>), or as a time span (<c>00:01:30</c>). PowerShell alone would read a
/// number as ten-millionths of a second.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DurationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            TimeSpan span => span,
            string text => Read(text) ?? value,
            IConvertible number => Seconds(Convert.ToDouble(number, CultureInfo.InvariantCulture)),
            _ => value,
        };
    }

    private static TimeSpan? Read(string text)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds))
            return Seconds(seconds);
        if (text.Length < 2 || !double.TryParse(text.AsSpan(..^1), NumberStyles.Float, CultureInfo.InvariantCulture, out var amount))
            return null;
        return text[^1] switch
        {
            's' => Seconds(amount),
            'm' => Seconds(amount * 60),
            'h' => Seconds(amount * 3600),
            _ => null,
        };
    }

    private static TimeSpan Seconds(double seconds) => double.IsFinite(seconds) && Math.Abs(seconds) < TimeSpan.MaxValue.TotalSeconds
        ? TimeSpan.FromSeconds(seconds)
        : throw new ArgumentTransformationMetadataException("A duration is a number of seconds, a number with s, m or h, or a time span such as 00:01:30.");
}
