using System.Globalization;

namespace MeshTools.Lab;

/// <summary>A command's arguments, taken apart: <c>--name value</c>, <c>--name=value</c>, <c>--switch</c>, and the rest in order.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string?> options = new(StringComparer.Ordinal);

    private Arguments(IReadOnlyList<string> positional) => Positional = positional;

    public IReadOnlyList<string> Positional { get; }

    /// <summary>Reads arguments.</summary>
    /// <param name="arguments">What was typed after the command.</param>
    /// <param name="valued">Options that take a value.</param>
    /// <param name="switches">Options that take none.</param>
    /// <exception cref="UsageException">An option that is unknown, given twice, without its value or with one it does not take.</exception>
    public static Arguments Parse(IReadOnlyList<string> arguments, IReadOnlyCollection<string> valued, IReadOnlyCollection<string> switches)
    {
        var positional = new List<string>();
        var parsed = new Arguments(positional);
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (!argument.StartsWith('-') || argument.Length == 1)
            {
                positional.Add(argument);
                continue;
            }

            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? argument : argument[..equals];
            string? value = equals < 0 ? null : argument[(equals + 1)..];
            if (valued.Contains(name, StringComparer.Ordinal))
            {
                if (value is null && ++i == arguments.Count)
                {
                    throw new UsageException($"Option {name} needs a value.");
                }

                value ??= arguments[i];
                if (value.Length == 0)
                {
                    throw new UsageException($"Option {name} needs a value.");
                }
            }
            else if (!switches.Contains(name, StringComparer.Ordinal))
            {
                throw new UsageException($"Unknown option {name}.");
            }
            else if (value is not null)
            {
                throw new UsageException($"Option {name} takes no value.");
            }

            if (!parsed.options.TryAdd(name, value))
            {
                throw new UsageException($"Option {name} is given twice.");
            }
        }

        return parsed;
    }

    public bool Has(string name) => options.ContainsKey(name);

    public string? Text(string name) => options.GetValueOrDefault(name);

    public int? Number(string name, int least, int most)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"Option {name} takes a whole number from {least} to {most}, not \"{text}\"."));
    }

    public TimeSpan? Duration(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        return GoDuration.TryParse(text, out var duration)
            ? duration
            : throw new UsageException($"Option {name} takes a duration such as 500ms, 2s or 1m, not \"{text}\".");
    }

    public string? Choice(string name, params string[] choices)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        return choices.Contains(text, StringComparer.Ordinal)
            ? text
            : throw new UsageException($"Option {name} takes one of {string.Join(", ", choices)}, not \"{text}\".");
    }
}
