using System.Text;

namespace MeshTools.Lab;

/// <summary>
/// <c>sh -c LINE</c> where the line is one command and nothing else: no variables, pipes, lists or loops. There is no shell in the lab's pods,
/// and a line that would need one is as if there were no <c>sh</c>.
/// </summary>
internal static class ShellLine
{
    private const string Special = ";|&<>$`()*\n\\";

    /// <summary>The command that a command line comes down to.</summary>
    public static IReadOnlyList<string> Unwrap(IReadOnlyList<string> command) =>
        command is ["sh" or "/bin/sh", "-c", var line] && Split(line) is { Count: > 0 } words ? words : command;

    /// <summary>The words of a line; null for a line that needs a shell.</summary>
    private static List<string>? Split(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var inWord = false;
        var quote = '\0';
        foreach (var character in line)
        {
            if (quote != '\0')
            {
                if (character == quote)
                {
                    quote = '\0';
                }
                else if (quote == '"' && character is '$' or '`' or '\\')
                {
                    return null;
                }
                else
                {
                    word.Append(character);
                }
            }
            else if (character is '\'' or '"')
            {
                quote = character;
                inWord = true;
            }
            else if (character is ' ' or '\t')
            {
                Flush();
            }
            else if (Special.Contains(character, StringComparison.Ordinal))
            {
                return null;
            }
            else
            {
                word.Append(character);
                inWord = true;
            }
        }

        if (quote != '\0')
        {
            return null;
        }

        Flush();
        return words;

        void Flush()
        {
            if (inWord)
            {
                words.Add(word.ToString());
                word.Clear();
                inWord = false;
            }
        }
    }
}
