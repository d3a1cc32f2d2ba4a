using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace MeshTools.Benchmarks;

/// <summary>A full mesh of lab clusters, each measurement in a fresh process.</summary>
internal static class MeshBenchmark
{
    internal static async Task RunAsync(Options options)
    {
        var runs = options.Number("--runs", 5);
        Console.WriteLine($"Machine: {Machine.Describe()}");
        Console.WriteLine($"Each figure is the median of {runs} fresh processes (the least in brackets), in milliseconds.");
        foreach (var ownProcess in new[] { true, false })
        {
            Console.WriteLine();
            Console.WriteLine(ownProcess ? "### The lab in its own process" : "### Lab and client in one process");
            Console.WriteLine();
            Console.WriteLine(
                "| clusters | links | probe | plan | join and wait | first run | second run | second run, new process | processor time, first / second | requests: probe / plan / join | applies | MiB |");
            Console.WriteLine("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
            foreach (var clusters in options.Numbers("--clusters", [2, 5, 10, 20]))
                await RowAsync(clusters, runs, ownProcess);
        }
    }

    private static async Task RowAsync(int clusters, int runs, bool ownProcess)
    {
        var first = new List<MeshFigures>();
        var again = new List<MeshFigures>();
        for (var run = 0; run < runs; run++)
        {
            if (!ownProcess)
            {
                first.Add(await MeasureAsync("--in-process", Text(clusters)));
                continue;
            }

            await using var lab = await LabProcess.StartAsync(clusters);
            first.Add(await MeasureAsync("--kubeconfig", lab.Kubeconfig));
            again.Add(await MeasureAsync("--kubeconfig", lab.Kubeconfig, "--expect", "unchanged"));
        }

        // Everything that planning reads counts; of what is executed, one apply is the link's.
        var sample = first[0].First;
        string[] cells =
        [
            Text(clusters), Text(clusters * (clusters - 1)), Times(first, f => f.First.ProbeMs), Times(first, f => f.First.PlanMs), Times(first, f => f.First.ExecuteMs),
            Times(first, f => f.First.TotalMs), Times(first, f => f.Second!.TotalMs), again.Count > 0 ? Times(again, f => f.First.TotalMs) : "-",
            string.Create(CultureInfo.InvariantCulture, $"{Samples.Median(first.Select(f => f.First.ProcessorMs)):0} / {Samples.Median(first.Select(f => f.Second!.ProcessorMs)):0}"),
            $"{Text(sample.ProbeRequests)} / {Text(sample.PlanRequests)} / {Range(first, f => f.First.ExecuteRequests - (clusters - 1))}", Text(clusters - 1),
            Text((int)Samples.Median(first.Select(f => f.PeakMiB))),
        ];
        Console.WriteLine($"| {string.Join(" | ", cells)} |");
    }

    private static async Task<MeshFigures> MeasureAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [typeof(MeshBenchmark).Assembly.Location, MeshRun.Command, .. arguments])
        {
            UseShellExecute = false, RedirectStandardOutput = true,
        })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<MeshFigures>(output)!
            : throw new InvalidOperationException($"The measured process ended with {process.ExitCode}.");
    }

    private static string Times(List<MeshFigures> figures, Func<MeshFigures, double> value) =>
        string.Create(CultureInfo.InvariantCulture, $"{Samples.Median(figures.Select(value)):0} ({figures.Min(value):0})");

    private static string Range(List<MeshFigures> figures, Func<MeshFigures, int> value) =>
        figures.Min(value) == figures.Max(value) ? Text(figures.Min(value)) : $"{Text(figures.Min(value))} to {Text(figures.Max(value))}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
