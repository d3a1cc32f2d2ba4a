using System.Diagnostics;
using MeshTools.Verify;
using Xunit;

namespace MeshTools.Tests.Connectivity;

/// <summary>The loop that calls from a client's container, in a real shell.</summary>
public sealed class ShellLoopTests
{
    public static TheoryData<string> Shells => new("sh", "dash", "bash", "busybox");

    [SkippableTheory]
    [MemberData(nameof(Shells))]
    public async Task A_command_runs_once_for_each_line_and_ends_with_an_empty_one(string shell)
    {
        using var process = Start(shell, CallSession.Loop, "echo", "called");
        await process.StandardInput.WriteAsync("1\n");
        await process.StandardInput.FlushAsync();
        Assert.Equal("called", await process.StandardOutput.ReadLineAsync());
        await process.StandardInput.WriteAsync("2\n3\n\n4\n");
        await process.StandardInput.FlushAsync();
        Assert.Equal("called\ncalled\n", await process.StandardOutput.ReadToEndAsync());
        await process.WaitForExitAsync();
    }

    [SkippableTheory]
    [MemberData(nameof(Shells))]
    public async Task It_ends_with_its_input_and_lets_no_command_read_it(string shell)
    {
        using var process = Start(shell, CallSession.Loop, "cat");
        await process.StandardInput.WriteAsync("1\n2\n");
        process.StandardInput.Close();
        Assert.Equal("", await process.StandardOutput.ReadToEndAsync());
        await process.WaitForExitAsync();
    }

    [SkippableTheory]
    [MemberData(nameof(Shells))]
    public async Task A_program_that_is_not_there_is_127(string shell)
    {
        using var process = Start(shell, CallSession.Loop, "no-such-program");
        await process.WaitForExitAsync();
        Assert.Equal(127, process.ExitCode);
    }

    private static Process Start(string shell, string script, params string[] command)
    {
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, shell)).FirstOrDefault(File.Exists);
        Skip.If(found is null, $"{shell} is not installed");
        string[] arguments = [.. shell is "busybox" ? ["sh"] : Array.Empty<string>(), "-c", script, "meshtools", .. command];
        return Process.Start(new ProcessStartInfo(found!, arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
    }
}
