using System.Globalization;
using System.Management.Automation;

namespace MeshTools.Cmdlets;

/// <summary>Lets a validity be given in days (<c>3650</c>, <c>3650d</c>), years (<c>10y</c>), hours (<c>12h</c>), or as a time span (<c>90.00:00:00</c>).</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DaysAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            TimeSpan span => span,
            string text => Read(text) ?? value,
            // PowerShell reads an unquoted 10y as a signed byte, and an unquoted 90d as a decimal, before anybody can see the letter.
            sbyte years => Days(years * 365.0),
            IConvertible number => Days(Convert.ToDouble(number, CultureInfo.InvariantCulture)),
            _ => value,
        };
    }

    private static TimeSpan? Read(string text)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var days))
            return Days(days);
        if (text.Length < 2 || !double.TryParse(text.AsSpan(..^1), NumberStyles.Float, CultureInfo.InvariantCulture, out var amount))
            return null;
        return text[^1] switch
        {
            'h' => Days(amount / 24),
            'd' => Days(amount),
            'y' => Days(amount * 365),
            _ => null,
        };
    }

    private static TimeSpan Days(double days) => double.IsFinite(days) && Math.Abs(days) < TimeSpan.MaxValue.TotalDays
        ? TimeSpan.FromDays(days)
        : throw new ArgumentTransformationMetadataException("A validity is a number of days, a number with h, d or y, or a time span such as 90.00:00:00.");
}
