using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Istioctl;
using MeshTools.Tests.Scenarios;
using Xunit;

namespace MeshTools.Tests.Istioctl;

/// <summary>A program in the place of istioctl: found, fed, read, ended.</summary>
public sealed class IstioctlRunTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshtools-istioctl-");
    private readonly RecordedLog _log = new();

    public void Dispose() => _folder.Delete(recursive: true);

    [SkippableFact]
    public void A_folder_of_a_release_or_a_file_names_it()
    {
        Skip.If(OperatingSystem.IsWindows(), "the stand-in is a shell script");
        var program = Script("exit 0", "bin/istioctl");

        Assert.Equal(program.Path, IstioctlProgram.Find(_folder.FullName).Path);
        Assert.Equal(program.Path, IstioctlProgram.Find(Path.Combine(_folder.FullName, "bin")).Path);
        Assert.Equal(program.Path, IstioctlProgram.Find(program.Path).Path);
        var missing = Assert.Throws<MeshException>(() => IstioctlProgram.Find(Path.Combine(_folder.FullName, "nothing")));
        Assert.Equal(ErrorCatalog.IstioctlNotFound, missing.Definition);
    }

    [SkippableFact]
    public async Task It_reads_its_input_and_its_lines_are_told()
    {
        Skip.If(OperatingSystem.IsWindows(), "the stand-in is a shell script");
        var run = new IstioctlRun(Script("read line; echo \"got $line\"; printf '%s\\r' 'still at it' 'still at it' done >&2"), ["install"]) { Input = "a document\n", Log = _log };

        Assert.Equal("got a document\n", await run.ExecuteAsync(CancellationToken.None));
        Assert.Equal(["istioctl: still at it", "istioctl: done"], _log.VerboseLines);
    }

    [SkippableFact]
    public async Task It_gets_the_clusters_kubeconfig_and_context()
    {
        Skip.If(OperatingSystem.IsWindows(), "the stand-in is a shell script");
        var path = Path.Combine(_folder.FullName, "config.yaml");
        await File.WriteAllTextAsync(path, """
            apiVersion: v1
            kind: Config
            clusters: [{ name: c, cluster: { server: 'https://192.0.2.1' } }]
            users: [{ name: u, user: {} }]
            contexts: [{ name: west, context: { cluster: c, user: u } }]
            """);
        var cluster = ClusterCatalog.Load([path])[0];

        var said = await new IstioctlRun(Script("echo \"$KUBECONFIG $*\""), ["install", "-y"]) { Cluster = cluster }.ExecuteAsync(CancellationToken.None);

        Assert.Equal($"{path} install -y --context west\n", said);
    }

    [SkippableFact]
    public async Task Its_own_words_are_the_message_when_it_fails()
    {
        Skip.If(OperatingSystem.IsWindows(), "the stand-in is a shell script");
        var run = new IstioctlRun(Script("echo working; echo 'Error: no such thing' >&2; echo 'as that' >&2; exit 3"), ["install"]);

        var error = await Assert.ThrowsAsync<MeshException>(() => run.ExecuteAsync(CancellationToken.None));

        Assert.Equal(ErrorCatalog.IstioctlFailed, error.Definition);
        Assert.Equal("istioctl install failed: no such thing as that", error.Message);
    }

    [SkippableFact]
    public async Task One_that_does_not_read_its_input_still_says_why_it_failed()
    {
        Skip.If(OperatingSystem.IsWindows(), "the stand-in is a shell script");
        var run = new IstioctlRun(Script("exec 0<&-; echo 'Error: bad flag' >&2; exit 1"), ["install"]) { Input = new string('x', 1 << 20) };

        var error = await Assert.ThrowsAsync<MeshException>(() => run.ExecuteAsync(CancellationToken.None));

        Assert.Contains("bad flag", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Cancelling_ends_it_and_what_it_started()
    {
        Skip.If(OperatingSystem.IsWindows(), "the stand-in is a shell script");
        var marker = Path.Combine(_folder.FullName, "pid");
        using var stop = new CancellationTokenSource();
        var running = new IstioctlRun(Script($"sleep 600 & echo $! > {marker}.new; mv {marker}.new {marker}; wait"), ["install"]).ExecuteAsync(stop.Token);
        await Lab.Eventually.TrueAsync(() => File.Exists(marker));

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        var child = (await File.ReadAllTextAsync(marker)).Trim();
        await Lab.Eventually.TrueAsync(() => !File.Exists($"/proc/{child}/stat") || File.ReadAllText($"/proc/{child}/stat").Split(')')[^1].TrimStart().StartsWith('Z'));
    }

    [SkippableFact]
    public async Task One_that_does_not_end_is_ended_after_its_time()
    {
        Skip.If(OperatingSystem.IsWindows(), "the stand-in is a shell script");
        var run = new IstioctlRun(Script("sleep 600"), ["install"]) { Limit = TimeSpan.FromMilliseconds(200) };

        var error = await Assert.ThrowsAsync<MeshException>(() => run.ExecuteAsync(CancellationToken.None));

        Assert.Equal(ErrorCatalog.IstioctlFailed, error.Definition);
        Assert.Equal("istioctl install did not end within 0.2 s, and was ended", error.Message);
    }

    [SkippableFact]
    public async Task The_version_is_read_without_a_cluster()
    {
        var program = IstioctlProgram.TryFind(Environment.GetEnvironmentVariable("MESHTOOLS_TEST_ISTIOCTL"));
        Skip.If(program is null, "no istioctl on the PATH or in MESHTOOLS_TEST_ISTIOCTL");

        Assert.Matches(@"^\d+\.\d+", await program.GetVersionAsync(CancellationToken.None));
    }

    private IstioctlProgram Script(string body, string name = "istioctl")
    {
        var path = Path.Combine(_folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new IstioctlProgram(path);
    }
}
