using System.Diagnostics;
using System.Text.Json.Nodes;
using MeshTools.Lab;
using Xunit;

namespace MeshTools.Tests.Lab.CommandLine;

public sealed class LabProgramTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Kubeconfig => folder.File("lab.kubeconfig");

    private string State => folder.File("lab.state");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("", "A command is needed")]
    [InlineData("dance", "Unknown command \"dance\"")]
    [InlineData("serve --clusters none", "--clusters")]
    [InlineData("fault lab-1", "a cluster and a kind")]
    [InlineData("status everything", "\"everything\" is not an option of status")]
    [InlineData("status --lab /nonexistent/state", "there is no /nonexistent/state")]
    [InlineData("serve --parent-pid 2147483646", "There is no process 2147483646")]
    public async Task A_wrong_command_line_is_exit_code_2(string line, string message)
    {
        var (code, output, error) = await RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal((2, string.Empty), (code, output));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help", "meshtools-lab serve")]
    [InlineData("serve --help", "--clusters N")]
    [InlineData("fault -h", "certificate-wrong-name")]
    [InlineData("status --help", "--json")]
    [InlineData("stop --help", "--lab FILE")]
    public async Task Help_is_there_for_each_command(string line, string text)
    {
        var (code, output, _) = await RunAsync(line.Split(' '));

        Assert.Equal(0, code);
        Assert.Contains(text, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_kubeconfig_is_not_overwritten()
    {
        await File.WriteAllTextAsync(Kubeconfig, "apiVersion: v1\nkind: Config\n");

        var (code, _, error) = await RunAsync("serve", "--clusters", "1", "--kubeconfig", Kubeconfig);

        Assert.Equal(2, code);
        Assert.Contains("--force", error, StringComparison.Ordinal);
        Assert.Equal("apiVersion: v1\nkind: Config\n", await File.ReadAllTextAsync(Kubeconfig));
    }

    [Theory]
    [InlineData("notes")]
    [InlineData("{\"a\":1}")]
    public async Task Another_file_is_not_overwritten_by_the_state(string content)
    {
        await File.WriteAllTextAsync(State, content);

        var (code, _, error) = await RunAsync("serve", "--clusters", "1", "--kubeconfig", Kubeconfig, "--ready-file", State);

        Assert.Equal(2, code);
        Assert.Contains("not a lab's state file", error, StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllTextAsync(State));
    }

    [Fact]
    public async Task A_labs_kubeconfig_is_overwritten_by_the_next_lab()
    {
        for (var i = 0; i < 2; i++)
        {
            await using var lab = await ServeAsync();
            Assert.Equal(0, await lab.StopAsync());
        }

        Assert.True(File.Exists(Kubeconfig));
        Assert.False(File.Exists(State));
    }

    [Fact]
    public async Task The_ready_file_tells_programs_all_they_need()
    {
        await using var lab = await ServeAsync();

        var state = JsonNode.Parse(await File.ReadAllTextAsync(State))!;

        Assert.Equal(Environment.ProcessId, state["pid"]!.GetValue<int>());
        Assert.Equal(Kubeconfig, state["kubeconfig"]!.GetValue<string>());
        Assert.Equal(["lab-1", "lab-2"], state["clusters"]!.AsArray().Select(cluster => cluster!["name"]!.GetValue<string>()));
        Assert.StartsWith("http://127.0.0.1:", state["controlUrl"]!.GetValue<string>(), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(State));
        }
    }

    [Fact]
    public async Task Serve_says_what_runs_and_how_to_use_it()
    {
        await using var lab = await ServeAsync();

        Assert.Contains("2 clusters are up", lab.Output, StringComparison.Ordinal);
        Assert.Contains($"kubectl --kubeconfig \"{Kubeconfig}\" --context lab-1", lab.Output, StringComparison.Ordinal);
        Assert.Contains("Enable-EndpointDiscovery", lab.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Faults_are_set_seen_and_cleared_from_another_process()
    {
        await using var lab = await ServeAsync();

        var set = await RunAsync("fault", "lab-2", "throttle", "--verb", "list", "--times", "3", "--lab", State);
        var status = await RunAsync("status", "--lab", State);
        var json = await RunAsync("status", "--json", "--lab", State);
        var cleared = await RunAsync("fault", "all", "clear", "--lab", State);
        var after = await RunAsync("status", "--lab", State);

        Assert.Equal((0, "lab-2: throttle list 3 times"), (set.Code, set.Output.Trim()));
        Assert.Contains("fault: throttle list 3 times", status.Output, StringComparison.Ordinal);
        Assert.Equal(2, JsonNode.Parse(json.Output)!["clusters"]!.AsArray().Count);
        Assert.Equal((0, "lab-1, lab-2: well again"), (cleared.Code, cleared.Output.Trim()));
        Assert.DoesNotContain("fault:", after.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_can_be_stopped_and_started_from_another_process()
    {
        await using var lab = await ServeAsync();

        Assert.Equal(0, (await RunAsync("fault", "lab-1", "stop", "--lab", State)).Code);
        Assert.Contains("stopped", (await RunAsync("status", "--lab", State)).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("fault", "lab-1", "start", "--lab", State)).Code);
        Assert.DoesNotContain("stopped", (await RunAsync("status", "--lab", State)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_cluster_is_named_with_those_there_are()
    {
        await using var lab = await ServeAsync();

        var (code, _, error) = await RunAsync("fault", "lab-7", "down", "--lab", State);

        Assert.Equal(2, code);
        Assert.Contains("lab-1, lab-2", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_token_nothing_is_taken()
    {
        await using var lab = await ServeAsync();
        var state = JsonNode.Parse(await File.ReadAllTextAsync(State))!;
        using var client = new HttpClient { BaseAddress = new Uri(state["controlUrl"]!.GetValue<string>()) };

        using var response = await client.PostAsync("stop", null);

        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(0, (await RunAsync("status", "--lab", State)).Code);
    }

    [Fact]
    public async Task Stop_ends_the_lab()
    {
        await using var lab = await ServeAsync();

        Assert.Equal(0, (await RunAsync("stop", "--lab", State)).Code);

        Assert.Equal(0, await lab.Ended);
    }

    [SkippableFact]
    public async Task A_lab_ends_with_its_parent()
    {
        Skip.If(OperatingSystem.IsWindows(), "There is no sleep to be a parent.");
        using var parent = Process.Start("sleep", "600");
        try
        {
            await using var lab = await ServeAsync("--parent-pid", parent.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));

            parent.Kill();

            Assert.Equal(0, await lab.Ended.WaitAsync(TimeSpan.FromSeconds(20)));
        }
        finally
        {
            if (!parent.HasExited)
            {
                parent.Kill();
            }
        }
    }

    [SkippableTheory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task The_program_ends_well_on_a_signal(string signal)
    {
        Skip.If(OperatingSystem.IsWindows(), "There are no signals to send.");

        // A process that a shell started in the background ignores SIGINT, and so do its children unless they are told otherwise.
        string[] program = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT", "dotnet"] : ["dotnet"];
        var start = new ProcessStartInfo(program[0]) { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in (string[])[.. program[1..], typeof(LabHost).Assembly.Location, "serve", "--clusters", "2", "--kubeconfig", Kubeconfig, "--ready-file", State])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        try
        {
            await Eventually.TrueAsync(() => File.Exists(State));
            using (var kill = Process.Start("kill", ["-" + signal, process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            {
                await kill.WaitForExitAsync();
            }

            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            await process.WaitForExitAsync(limit.Token);

            Assert.Equal(0, process.ExitCode);
            Assert.False(File.Exists(State));
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await LabProgram.RunAsync(arguments, output, error, CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }

    private async Task<Serving> ServeAsync(params string[] more)
    {
        var serving = new Serving([
            "serve", "--clusters", "2", "--no-control-plane", "--kubeconfig", Kubeconfig, "--ready-file", State, .. more]);
        await Eventually.TrueAsync(() => serving.Output.Contains("Ctrl+C", StringComparison.Ordinal) || serving.Ended.IsCompleted);
        Assert.False(serving.Ended.IsCompleted, serving.Output);
        return serving;
    }

    private sealed class Serving : IAsyncDisposable
    {
        private readonly CancellationTokenSource ending = new();
        private readonly StringWriter output = new();
        private readonly TextWriter writer;

        public Serving(string[] arguments)
        {
            writer = TextWriter.Synchronized(output);
            Ended = Task.Run(() => LabProgram.RunAsync(arguments, writer, TextWriter.Null, ending.Token));
        }

        public Task<int> Ended { get; }

        public string Output
        {
            get
            {
                // The synchronized writer locks itself around each write.
                lock (writer)
                {
                    return output.ToString();
                }
            }
        }

        public async Task<int> StopAsync()
        {
            await ending.CancelAsync();
            return await Ended;
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            ending.Dispose();
        }
    }
}
