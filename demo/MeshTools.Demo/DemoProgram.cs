using MeshTools.Errors;
using MeshTools.Lab;

namespace MeshTools.Demo;

/// <summary>The program's entry: reads the arguments and turns what happens into an exit code: 0 all is as it should be, 1 something is not, 2 wrong arguments, 130 Ctrl+C.</summary>
internal static class DemoProgram
{
    internal static async Task<int> RunAsync(
        IReadOnlyList<string> arguments, Report report, TextWriter error, Action<LabHost>? started, CancellationToken cancellationToken)
    {
        try
        {
            var options = DemoOptions.Parse(arguments);
            if (options.Help)
            {
                report.Line(DemoOptions.Usage);
                return 0;
            }

            return await new MeshDemo(options.Clusters, report, started).RunAsync(cancellationToken) ? 0 : 1;
        }
        catch (FormatException e)
        {
            await error.WriteLineAsync(e.Message);
            await error.WriteLineAsync(DemoOptions.Usage);
            return 2;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await error.WriteLineAsync("Interrupted; the lab is gone and nothing is left behind.");
            return 130;
        }
        catch (Exception e)
        {
            var described = ErrorCatalog.Describe(e, target: null);
            await error.WriteLineAsync($"{described.Id}: {described.Message}");
            await error.WriteLineAsync(described.RecommendedAction);
            return 1;
        }
    }
}
