using System.Globalization;
using System.Text;

namespace MeshTools.Verify;

/// <summary>Reads what <c>curl -i -w</c> prints: headers, body, and then one line that begins with the mark.</summary>
/// <param name="mark">What the line after every call begins with; nothing that a body may hold.</param>
internal sealed class CallReader(string mark)
{
    private const int LongestBody = 4096;

    private readonly List<string> _lines = [];

    /// <summary>curl's <c>-w</c> for the line after a call. Variables that an older curl does not know stand for nothing.</summary>
    internal string WriteOut => $"\\n{mark} %{{http_code}} %{{time_total}} %{{exitcode}} %{{errormsg}}\\n";

    /// <summary>Takes one line of output.</summary>
    /// <returns>The call that it ends; <see langword="null"/> when it ends none.</returns>
    internal CallOutcome? Take(string line)
    {
        if (!line.StartsWith(mark, StringComparison.Ordinal))
        {
            // Bodies can be endless; what is needed of one stands at its beginning.
            if (_lines.Count < 500)
                _lines.Add(line.Length > LongestBody ? line[..LongestBody] : line);
            return null;
        }

        var words = line[mark.Length..].TrimStart().Split(' ', 4);
        var status = Number(words, 0);
        var (headers, body) = Split();
        _lines.Clear();
        return new CallOutcome(status, TimeSpan.FromSeconds(words.Length > 1 && double.TryParse(words[1].Replace(',', '.'), CultureInfo.InvariantCulture, out var seconds) ? seconds : 0))
        {
            ExitCode = Number(words, 2),
            Error = words.Length > 3 ? words[3].Trim() : "",
            Headers = headers,
            Body = body,
        };
    }

    private static int Number(string[] words, int index) => words.Length > index && int.TryParse(words[index], CultureInfo.InvariantCulture, out var number) ? number : 0;

    private (Dictionary<string, string> Headers, string Body) Split()
    {
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        var i = 0;
        // More than one head comes when there is an interim answer before the final one.
        while (i < _lines.Count && _lines[i].StartsWith("HTTP/", StringComparison.Ordinal))
        {
            headers.Clear();
            for (i++; i < _lines.Count && _lines[i].Length > 0; i++)
            {
                var colon = _lines[i].IndexOf(':', StringComparison.Ordinal);
                if (colon > 0)
                    headers[_lines[i][..colon].ToLowerInvariant()] = _lines[i][(colon + 1)..].Trim();
            }

            i++;
        }

        var body = new StringBuilder();
        for (; i < _lines.Count && body.Length < LongestBody; i++)
            body.Append(_lines[i]).Append('\n');
        return (headers, body.ToString().TrimEnd('\n'));
    }
}
