namespace MeshTools.Lab;

/// <summary>The program's entry: chooses the command and turns failures into exit codes (0 fine, 1 failed, 2 wrong arguments).</summary>
internal static class LabProgram
{
    private const string Help = """
        Embedded Kubernetes clusters with a simulated Istio control plane, on loopback, for rehearsal and tests.

        Usage:
          meshtools-lab serve [options]                    start clusters and write a kubeconfig; runs until Ctrl+C
          meshtools-lab fault CLUSTER KIND [options]       make a cluster of a running lab misbehave
          meshtools-lab fault CLUSTER clear                make it well again
          meshtools-lab status [--lab FILE] [--json]       what a running lab is doing
          meshtools-lab stop [--lab FILE]                  end a running lab
          meshtools-lab istioctl ...                       a stand-in for istioctl, for lab clusters
          meshtools-lab COMMAND --help                     the options of a command

        """;

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        try
        {
            if (arguments.Count == 0)
            {
                throw new UsageException("A command is needed: serve, fault, status or stop.");
            }

            IReadOnlyList<string> rest = [.. arguments.Skip(1)];
            if (rest.Any(argument => argument is "--help" or "-h"))
            {
                await output.WriteAsync(HelpFor(arguments[0])).ConfigureAwait(false);
                return 0;
            }

            switch (arguments[0])
            {
                case "--help" or "-h" or "help":
                    await output.WriteAsync(Help).ConfigureAwait(false);
                    return 0;
                case "serve":
                    return await ServeCommand.RunAsync(rest, output, cancellationToken).ConfigureAwait(false);
                case "fault":
                    return await FaultCommand.RunAsync(rest, output, cancellationToken).ConfigureAwait(false);
                case "status":
                    return await StatusCommand.RunAsync(rest, output, cancellationToken).ConfigureAwait(false);
                case "istioctl":
                    return await IstioctlCommand.RunAsync(rest, Console.In, output, error, cancellationToken).ConfigureAwait(false);
                case "stop":
                    return await StopCommand.RunAsync(rest, output, cancellationToken).ConfigureAwait(false);
                default:
                    throw new UsageException($"Unknown command \"{arguments[0]}\": the commands are serve, fault, status, stop and istioctl.");
            }
        }
        catch (UsageException exception)
        {
            await error.WriteLineAsync(exception.Message).ConfigureAwait(false);
            await error.WriteLineAsync("Try --help.").ConfigureAwait(false);
            return 2;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or HttpRequestException)
        {
            await error.WriteLineAsync(exception.Message).ConfigureAwait(false);
            return 1;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return 0;
        }
    }

    private static string HelpFor(string command) => command switch
    {
        "serve" => ServeCommand.Help,
        "fault" => FaultCommand.Help,
        "status" => StatusCommand.Help,
        "stop" => StopCommand.Help,
        "istioctl" => IstioctlCommand.Help,
        _ => Help,
    };
}
