namespace MeshTools.Lab;

/// <summary><c>stop</c>: ends a running lab.</summary>
internal static class StopCommand
{
    public const string Help = """
        Ends a running lab.

        Usage: meshtools-lab stop [--lab FILE]

        Options:
          --lab FILE   the lab's state file (./lab.kubeconfig.state.json)

        """;

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, TextWriter output, CancellationToken cancellationToken)
    {
        var parsed = Arguments.Parse(arguments, ["--lab"], []);
        if (parsed.Positional.Count > 0)
        {
            throw new UsageException($"\"{parsed.Positional[0]}\" is not an option of stop.");
        }

        using var client = ControlClient.For(parsed);
        await output.WriteLineAsync(await client.StopAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        return 0;
    }
}
