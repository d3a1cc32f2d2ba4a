namespace MeshTools.Benchmarks;

/// <summary>The program's entry: which benchmark, with which options.</summary>
internal static class BenchmarkProgram
{
    private const string Usage = """
        Usage: dotnet run -c Release --project benchmarks/MeshTools.Benchmarks -- COMMAND [options]

          all                                          mesh and import
          mesh [--clusters 2,5,10,20] [--runs 5]       a full mesh: time, requests, memory; first and second run
          import [--runs 20] [--module PATH]           what the module adds to the start of pwsh (out/MeshTools)
          micro [BenchmarkDotNet options]              YAML, kubeconfig and token, with BenchmarkDotNet

        """;

    internal static async Task<int> RunAsync(string[] arguments)
    {
        try
        {
            switch (arguments)
            {
                case ["all"]:
                    await MeshBenchmark.RunAsync(new Options([]));
                    await ImportBenchmark.RunAsync(new Options([]));
                    return 0;
                case ["mesh", .. var rest]:
                    await MeshBenchmark.RunAsync(new Options(rest));
                    return 0;
                case ["import", .. var rest]:
                    await ImportBenchmark.RunAsync(new Options(rest));
                    return 0;
                case ["micro", .. var rest]:
                    MicroBenchmarks.Run(rest);
                    return 0;
                case [MeshRun.Command, .. var rest]:
                    return await MeshRun.RunAsync(new Options(rest));
                default:
                    await Console.Error.WriteAsync(Usage);
                    return 2;
            }
        }
        catch (FormatException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            await Console.Error.WriteAsync(Usage);
            return 2;
        }
    }
}
