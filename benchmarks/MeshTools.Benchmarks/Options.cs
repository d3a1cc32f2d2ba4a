using System.Globalization;

namespace MeshTools.Benchmarks;

/// <summary>Options of the form <c>--name value</c>.</summary>
internal sealed class Options
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <exception cref="FormatException">An option has no value.</exception>
    internal Options(IReadOnlyList<string> arguments)
    {
        if (arguments.Count % 2 != 0)
            throw new FormatException($"\"{arguments[^1]}\" has no value.");
        for (var i = 0; i < arguments.Count; i += 2)
            _values[arguments[i]] = arguments[i + 1];
    }

    internal string? Text(string name) => _values.GetValueOrDefault(name);

    internal int Number(string name, int otherwise) => Text(name) is { } text ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : otherwise;

    internal int[] Numbers(string name, int[] otherwise) =>
        Text(name) is { } text ? [.. text.Split(',').Select(part => int.Parse(part, NumberStyles.None, CultureInfo.InvariantCulture))] : otherwise;
}
