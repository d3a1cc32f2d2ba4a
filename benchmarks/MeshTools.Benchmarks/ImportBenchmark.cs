using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace MeshTools.Benchmarks;

/// <summary>What importing the module adds to a bare <c>pwsh</c>: both in fresh processes, in turn, so that the machine's mood hits both.</summary>
internal static class ImportBenchmark
{
    internal static async Task RunAsync(Options options)
    {
        var runs = options.Number("--runs", 20);
        var module = Path.GetFullPath(options.Text("--module") ?? Path.Combine(Root(), "out", "MeshTools"));
        Console.WriteLine();
        Console.WriteLine($"### Import, {runs} fresh processes each");
        Console.WriteLine();
        if (!File.Exists(Path.Combine(module, "MeshTools.psd1")))
        {
            Console.WriteLine($"Skipped: there is no module in {module}; build first.");
            return;
        }

        var import = $"Import-Module -Name '{module.Replace("'", "''", StringComparison.Ordinal)}' -ErrorAction Stop";
        try
        {
            // The first start reads everything from disk.
            await StartAsync(import);
        }
        catch (Win32Exception)
        {
            Console.WriteLine("Skipped: there is no pwsh here.");
            return;
        }

        var bare = new List<double>();
        var imported = new List<double>();
        for (var run = 0; run < runs; run++)
        {
            bare.Add(await StartAsync("$null"));
            imported.Add(await StartAsync(import));
        }

        Console.WriteLine("| | median ms | least ms |");
        Console.WriteLine("|---|--:|--:|");
        Row("bare `pwsh -NoProfile`", Samples.Median(bare), bare.Min());
        Row("with the module imported", Samples.Median(imported), imported.Min());
        Row("difference", Samples.Median(imported) - Samples.Median(bare), imported.Min() - bare.Min());
    }

    private static void Row(string what, double median, double least) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {median:0} | {least:0} |"));

    private static async Task<double> StartAsync(string command)
    {
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(new ProcessStartInfo("pwsh", ["-NoProfile", "-NonInteractive", "-NoLogo", "-Command", command]))!;
        await process.WaitForExitAsync();
        var took = watch.Elapsed.TotalMilliseconds;
        return process.ExitCode == 0 ? took : throw new InvalidOperationException($"pwsh ended with {process.ExitCode}: {command}");
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "MeshTools.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? Environment.CurrentDirectory;
    }
}
