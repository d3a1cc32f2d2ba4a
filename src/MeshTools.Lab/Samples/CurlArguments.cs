using System.Globalization;

namespace MeshTools.Lab;

/// <summary>The part of curl's command line that people use against a mesh.</summary>
internal sealed record CurlArguments
{
    // Flags without a value that change nothing here.
    private static readonly string[] Ignored =
    [
        "-k", "--insecure", "-L", "--location", "-4", "--ipv4", "-v", "--verbose", "-N", "--no-buffer", "-g", "--globoff", "-q", "--disable", "--http1.1",
        "--no-progress-meter",
    ];

    /// <summary>What to fetch.</summary>
    public string? Url { get; private init; }

    /// <summary>-s: neither meter nor errors.</summary>
    public bool Silent { get; private init; }

    /// <summary>-S: errors in spite of -s.</summary>
    public bool ShowError { get; private init; }

    /// <summary>-f: an HTTP error is an error.</summary>
    public bool Fail { get; private init; }

    /// <summary>-I.</summary>
    public bool HeadOnly { get; private init; }

    /// <summary>-i.</summary>
    public bool Include { get; private init; }

    /// <summary>-X.</summary>
    public string? Method { get; private init; }

    /// <summary>-o.</summary>
    public string? Output { get; private init; }

    /// <summary>-w.</summary>
    public string? WriteOut { get; private init; }

    /// <summary>-m.</summary>
    public TimeSpan? MaxTime { get; private init; }

    /// <summary>-H.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; private init; } = [];

    /// <summary>What is wrong with the command line.</summary>
    public string? Problem { get; private init; }

    public static CurlArguments Parse(IReadOnlyList<string> words)
    {
        var arguments = new CurlArguments();
        var queue = new LinkedList<string>(words);
        while (queue.First is { } next && arguments.Problem is null)
        {
            queue.RemoveFirst();
            var word = next.Value;
            if (word.Length < 2 || word[0] != '-')
            {
                arguments = arguments with { Url = word };
            }
            else if (word[1] == '-')
            {
                arguments = arguments.With(word, word, queue);
            }
            else
            {
                arguments = arguments.WithLetters(word, queue);
            }
        }

        return arguments is { Problem: null, Url: null } ? arguments with { Problem = "(2) no URL specified" } : arguments;
    }

    /// <summary>Letters in one word: the first that takes a value takes the rest of the word, or the next one.</summary>
    private CurlArguments WithLetters(string word, LinkedList<string> queue)
    {
        var arguments = this;
        for (var i = 1; i < word.Length && arguments.Problem is null; i++)
        {
            var takesValue = word[i] is 'o' or 'w' or 'm' or 'H' or 'X' or 'A';
            if (takesValue && i + 1 < word.Length)
            {
                queue.AddFirst(word[(i + 1)..]);
            }

            arguments = arguments.With("-" + word[i], word, queue);
            if (takesValue)
            {
                break;
            }
        }

        return arguments;
    }

    private CurlArguments With(string option, string word, LinkedList<string> queue)
    {
        switch (option)
        {
            case "-s" or "--silent":
                return this with { Silent = true };
            case "-S" or "--show-error":
                return this with { ShowError = true };
            case "-f" or "--fail":
                return this with { Fail = true };
            case "-I" or "--head":
                return this with { HeadOnly = true };
            case "-i" or "--include" or "--show-headers":
                return this with { Include = true };
        }

        if (Ignored.Contains(option, StringComparer.Ordinal))
        {
            return this;
        }

        if (option is not ("-o" or "--output" or "-w" or "--write-out" or "-m" or "--max-time" or "--connect-timeout" or "-H" or "--header" or "-X" or "--request" or
            "-A" or "--user-agent" or "--url" or "--noproxy"))
        {
            return this with { Problem = $"option {word}: is unknown" };
        }

        if (queue.First is not { } first)
        {
            return this with { Problem = $"option {word}: requires parameter" };
        }

        queue.RemoveFirst();
        var value = first.Value;
        switch (option)
        {
            case "-o" or "--output":
                return this with { Output = value };
            case "-w" or "--write-out":
                return this with { WriteOut = value };
            case "-X" or "--request":
                return this with { Method = value };
            case "--url":
                return this with { Url = value };
            case "-H" or "--header":
                var colon = value.IndexOf(':', StringComparison.Ordinal);
                return colon <= 0 ? this : this with { Headers = [.. Headers, (value[..colon], value[(colon + 1)..].Trim())] };
            case "-m" or "--max-time":
                return double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
                    ? this with { MaxTime = seconds > 0 ? TimeSpan.FromSeconds(seconds) : null }
                    : this with { Problem = $"option {word}: expected a proper numerical parameter" };
            default:
                return this;
        }
    }
}
