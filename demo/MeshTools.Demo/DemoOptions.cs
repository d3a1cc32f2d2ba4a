using System.Globalization;

namespace MeshTools.Demo;

/// <summary>What the demo was asked for.</summary>
/// <param name="Clusters">How many clusters to join.</param>
/// <param name="Help">Only say how to use it.</param>
internal sealed record DemoOptions(int Clusters, bool Help)
{
    internal const string Usage = "Usage: dotnet run --project demo/MeshTools.Demo [-- --clusters N]    N from 2 to 20; 3 unless told otherwise";

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="FormatException">They make no sense.</exception>
    internal static DemoOptions Parse(IReadOnlyList<string> arguments) => arguments switch
    {
        [] => new DemoOptions(3, Help: false),
        ["--help" or "-h"] => new DemoOptions(3, Help: true),
        ["--clusters", var number] when int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 2 and <= 20 =>
            new DemoOptions(count, Help: false),
        ["--clusters", ..] => throw new FormatException("Option --clusters takes a number from 2 to 20."),
        _ => throw new FormatException($"\"{arguments[0]}\" is not an option."),
    };
}
