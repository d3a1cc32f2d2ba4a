using System.Globalization;

namespace MeshTools.Requirements;

/// <summary>How many vCPUs a machine type of Compute Engine has, by its name.</summary>
internal static class MachineSize
{
    /// <summary>The count; null for a name that does not tell it.</summary>
    /// <param name="machineType"><c>e2-standard-4</c>, <c>c3-standard-8-lssd</c>, <c>e2-custom-4-8192</c>, <c>custom-4-8192</c>, <c>e2-medium</c>.</param>
    internal static int? Cpus(string machineType)
    {
        var parts = machineType.Split('-');
        if (Array.IndexOf(parts, "custom") is >= 0 and var custom && custom + 1 < parts.Length)
            return Number(parts[custom + 1]);
        return parts switch
        {
            [_, "micro" or "small" or "medium"] => 1,
            [_, _, var count, ..] => Number(count) ?? Number(count.TrimEnd('g')),
            _ => null,
        };
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
