using System.Text;

namespace MeshTools.Lab;

/// <summary>
/// The one loop that the lab's pods know besides single commands: <c>sh -c 'while read -r N &amp;&amp; [ "$N" ]; do "$@"; done' NAME COMMAND...</c>, which runs a command once for
/// each line of standard input, up to an empty one or its end.
/// </summary>
internal static class ShellLoop
{
    private static readonly string[] Scripts =
    [
        "while read -r n && [ \"$n\" ]; do \"$@\" </dev/null; done",
        "command -v \"$1\" >/dev/null || exit 127; while read -r n && [ \"$n\" ]; do \"$@\" </dev/null; done",
    ];

    /// <summary>The command of the loop; null for anything else.</summary>
    public static IReadOnlyList<string>? Read(IReadOnlyList<string> command) =>
        command is ["sh" or "/bin/sh", "-c", var script, _, _, ..] && Scripts.Contains(script, StringComparer.Ordinal) ? [.. command.Skip(4)] : null;

    /// <summary>Runs it; gives the exit code of the last command.</summary>
    public static async Task<int> RunAsync(ExecSession session, Func<Task<int>> run, CancellationToken cancellationToken)
    {
        using var lines = new StreamReader(session.Input, Encoding.UTF8, false, 1024, leaveOpen: true);
        while (await lines.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { Length: > 0 })
        {
            await run().ConfigureAwait(false);
        }

        // The loop ends with the test that fails, not with what a command came to.
        return 0;
    }
}
