using System.Diagnostics;
using System.Globalization;

namespace MeshTools.Demo;

/// <summary>Writes what happens, at most 100 columns wide. Colours only where a person looks: on a terminal, and not when NO_COLOR is set.</summary>
internal sealed class Report(TextWriter output, bool colours)
{
    private const string Indent = "    ";
    private int _steps;

    /// <summary>Everything that is not as it should be.</summary>
    internal List<string> Problems { get; } = [];

    internal static Report ToConsole() =>
        new(Console.Out, !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));

    internal static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.00} s");

    internal void Title(string text) => Write(text + Environment.NewLine, ConsoleColor.White);

    internal void Line(string text) => Write(text + Environment.NewLine, colour: null);

    internal void Detail(string text, ConsoleColor? colour = null) => Write(Indent + text + Environment.NewLine, colour);

    internal void Table(Table table)
    {
        var lines = table.Lines;
        Detail(lines[0], ConsoleColor.DarkGray);
        foreach (var line in lines.Skip(1))
            Detail(line);
    }

    /// <summary>Says that something is not as it should be; the exit code will tell, too.</summary>
    internal void Problem(string text)
    {
        Problems.Add(text);
        Detail("PROBLEM: " + text, ConsoleColor.Red);
    }

    /// <summary>Compares what came out with what had to come out.</summary>
    internal void Check(bool good, string otherwise)
    {
        if (!good)
            Problem(otherwise);
    }

    /// <summary>Runs one step; what it returns is its result in a few words.</summary>
    internal async Task StepAsync(string title, Func<Task<string>> step)
    {
        Line("");
        Write(string.Create(CultureInfo.InvariantCulture, $"{++_steps}.  {title}{Environment.NewLine}"), ConsoleColor.Cyan);
        var before = Problems.Count;
        var watch = Stopwatch.StartNew();
        var result = await step();
        Detail($"{result}  ({Seconds(watch.Elapsed)})", Problems.Count == before ? ConsoleColor.Green : ConsoleColor.Red);
    }

    private void Write(string text, ConsoleColor? colour)
    {
        if (!colours || colour is null)
        {
            output.Write(text);
            return;
        }

        Console.ForegroundColor = colour.Value;
        output.Write(text);
        Console.ResetColor();
    }
}
