using MeshTools.Errors;
using MeshTools.Lab;
using MeshTools.Operations;
using MeshTools.Packages;
using Xunit;

namespace MeshTools.Tests.Packages;

public sealed class DownloadTests : IAsyncLifetime
{
    private ReleaseLab _lab = null!;

    public async Task InitializeAsync() => _lab = await ReleaseLab.StartAsync();

    public Task DisposeAsync() => _lab.DisposeAsync().AsTask();

    [Fact]
    public async Task A_download_that_is_cut_off_goes_on_where_it_stopped()
    {
        _lab.Server.Faults.Add(ReleaseFault.CutOff, times: 2);

        var package = await _lab.SaveAsync();

        Assert.Equal(ChangeOutcome.Created, package!.Change);
        Assert.Equal(2, _lab.Ranges().Count);
        Assert.True(0 < _lab.Ranges()[0] && _lab.Ranges()[0] < _lab.Ranges()[1]);
    }

    [Fact]
    public async Task What_a_run_has_got_the_next_one_goes_on_with()
    {
        await BeginAsync();
        var begun = new FileInfo(_lab.Partial).Length;

        Assert.NotNull(await _lab.SaveAsync());

        Assert.Equal(begun, Assert.Single(_lab.Ranges()));
        Assert.DoesNotContain(_lab.Files(), file => file.Contains("partial", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_plan_says_how_much_is_there()
    {
        await BeginAsync();

        var plan = await PackagePlan.CreateAsync(_lab.Request(), _lab.Log, CancellationToken.None);

        Assert.Contains("of it are there", Assert.Single(plan.Steps).Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_parts_of_files_gives_all_of_it_again()
    {
        await BeginAsync();
        _lab.Server.Faults.Add(ReleaseFault.NoRanges);

        Assert.NotNull(await _lab.SaveAsync());
        Assert.Single(_lab.Ranges());
    }

    [Fact]
    public async Task Another_content_is_begun_anew()
    {
        await BeginAsync();
        _lab.Server.Faults.Add(ReleaseFault.Changing, times: 1);

        // The signature was asked for before the content changed, as it can befall anybody; the next run gets both of one.
        Assert.Equal("PackageNotVerified", (await _lab.FailAsync()).Id);
        Assert.Single(_lab.Ranges());
        Assert.NotNull(await _lab.SaveAsync());
    }

    [Fact]
    public async Task Pieces_that_do_not_fit_together_are_thrown_away_and_all_of_it_is_got_again()
    {
        await BeginAsync();
        await using (var part = File.OpenWrite(_lab.Partial))
            part.Write("something else"u8);

        Assert.NotNull(await _lab.SaveAsync());
        Assert.Equal(2, _lab.Server.Requests.Count(request => request.StartsWith($"GET /releases/{Path.GetFileName(_lab.Archive)}", StringComparison.Ordinal) && !request.Contains(".sig", StringComparison.Ordinal)) - 1);
    }

    [Fact]
    public async Task A_part_longer_than_the_file_is_thrown_away()
    {
        await BeginAsync();
        await using (var part = File.OpenWrite(_lab.Partial))
            part.SetLength(100_000_000);

        Assert.NotNull(await _lab.SaveAsync());
    }

    [Theory]
    [InlineData(ReleaseFault.ServerError)]
    [InlineData(ReleaseFault.Throttle)]
    public async Task A_server_that_cannot_now_is_asked_again(ReleaseFault fault)
    {
        _lab.Server.Faults.Add(fault, times: 1);

        Assert.NotNull(await _lab.SaveAsync());
        Assert.Contains(_lab.Log.VerboseLines, line => line.Contains("trying again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_never_can_is_an_error_that_says_what_it_answers()
    {
        _lab.Server.Faults.Add(ReleaseFault.ServerError);

        var error = await _lab.FailAsync();

        Assert.Equal("DownloadFailed", error.Id);
        Assert.Contains("503", error.Message, StringComparison.Ordinal);
        Assert.Empty(_lab.Files());
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_left_and_asked_for_the_rest()
    {
        _lab.Download = _lab.Download with { Silence = TimeSpan.FromSeconds(1) };
        _lab.Server.Faults.Add(ReleaseFault.Slow, times: 2, TimeSpan.FromHours(1));

        Assert.NotNull(await _lab.SaveAsync());
        Assert.Contains(_lab.Log.VerboseLines, line => line.Contains("silent", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_release_that_is_not_there_is_named_with_where_they_are_listed()
    {
        var error = await _lab.FailAsync(_lab.Request("1.28.5-asm.99"));

        Assert.Equal("ReleaseNotFound", error.Id);
        Assert.Contains("1.28.5-asm.99", error.Message, StringComparison.Ordinal);
        Assert.Contains("release-notes", error.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains("github.com/istio/istio/releases", (await _lab.FailAsync(_lab.Request("1.30.99"))).RecommendedAction, StringComparison.Ordinal);
        Assert.Empty(_lab.Files());
    }

    [Fact]
    public async Task Without_a_way_to_the_server_the_error_names_it_and_what_to_do()
    {
        var request = _lab.Request();
        await _lab.Server.DisposeAsync();

        var error = await _lab.FailAsync(request);

        Assert.Equal("PackageSourceUnreachable", error.Id);
        Assert.Contains("127.0.0.1", error.Message, StringComparison.Ordinal);
        Assert.Contains("-Offline", error.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains("-Source", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_does_not_verify_is_not_kept_and_what_was_good_stays()
    {
        _lab.Server.Faults.Add(ReleaseFault.WrongSignature);
        Assert.Equal("PackageNotVerified", (await _lab.FailAsync()).Id);
        Assert.Empty(_lab.Files());

        _lab.Server.Faults.Clear();
        await _lab.SaveAsync();
        var before = _lab.Files();
        _lab.Server.Faults.Add(ReleaseFault.WrongSignature);
        Assert.Equal("PackageNotVerified", (await _lab.FailAsync(_lab.Request(ReleaseLab.Mesh, new PackagePlatform("win")))).Id);

        Assert.Equal(before, _lab.Files());
        Assert.Equal(ChangeOutcome.Unchanged, (await _lab.SaveAsync())!.Change);
    }

    [Theory]
    [InlineData(ReleaseLab.Mesh, "signature")]
    [InlineData(ReleaseLab.Istio, "checksum")]
    public async Task What_nobody_vouches_for_is_refused(string release, string noun)
    {
        _lab.Server.Faults.Add(ReleaseFault.NoSignature);

        var error = await _lab.FailAsync(_lab.Request(release) with { Source = ReleaseSource.Choose(_lab.Server.Source, null, _ => null) });

        Assert.Equal("PackageNotVerified", error.Id);
        Assert.Contains($"without a {noun}", error.Message, StringComparison.Ordinal);
        Assert.Empty(_lab.Files());
    }

    [Fact]
    public async Task Googles_key_does_not_verify_what_a_mirror_signed_itself()
    {
        var error = await _lab.FailAsync(_lab.Request() with { Source = ReleaseSource.Choose(_lab.Server.Source, null, _ => null) });

        Assert.Equal("PackageNotVerified", error.Id);
        Assert.Contains("-PublicKey", error.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_save_that_is_stopped_leaves_a_part_and_a_rerun_completes_it()
    {
        using var stop = new CancellationTokenSource();
        _lab.Server.Faults.Add(ReleaseFault.Slow, times: 1, TimeSpan.FromHours(1));
        var saving = _lab.SaveAsync(cancellationToken: stop.Token);
        await BegunAsync();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => saving);

        Assert.DoesNotContain(Path.GetFileName(_lab.Archive), _lab.Files());
        Assert.NotNull(await _lab.SaveAsync());
        Assert.Single(_lab.Ranges());
    }

    [Fact]
    public async Task Two_that_save_the_same_do_not_mix()
    {
        using var stop = new CancellationTokenSource();
        _lab.Server.Faults.Add(ReleaseFault.Slow, times: 1, TimeSpan.FromHours(1));
        var first = _lab.SaveAsync(cancellationToken: stop.Token);
        await BegunAsync();

        Assert.Equal("PackageBusy", (await _lab.FailAsync()).Id);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
    }

    [SkippableFact]
    public async Task A_disk_without_room_for_the_download_is_said_before_it_begins()
    {
        using var disk = SmallDisk.Mount(300);
        _lab.Path = Path.Combine(disk.Path, "package");

        var error = await _lab.FailAsync();

        Assert.Equal("PackageDiskFull", error.Id);
        Assert.Matches(@"the download needs \d+\.\d KiB, and \d+\.\d KiB are free", error.Message);
        Assert.DoesNotContain(Path.GetFileName(_lab.Archive), _lab.Files());
    }

    [SkippableFact]
    public async Task A_disk_that_gets_full_meanwhile_leaves_a_part_and_a_rerun_completes_it()
    {
        using var disk = SmallDisk.Mount(4096);
        _lab.Path = Path.Combine(disk.Path, "package");
        var filler = Path.Combine(disk.Path, "filler");
        _lab.Server.Faults.Add(ReleaseFault.Slow, times: 1, TimeSpan.FromMilliseconds(300));
        var failing = _lab.FailAsync();
        await BegunAsync();
        SmallDisk.Fill(filler);

        var error = await failing;

        Assert.Equal("PackageDiskFull", error.Id);
        Assert.Matches(@"the rest of the download needs \d+\.\d KiB, and .* are free", error.Message);
        Assert.True(new FileInfo(_lab.Partial).Length > 0);
        Assert.DoesNotContain(Path.GetFileName(_lab.Archive), _lab.Files());
        File.Delete(filler);
        Assert.NotNull(await _lab.SaveAsync());
        Assert.Single(_lab.Ranges());
    }

    [SkippableFact]
    public async Task A_disk_without_room_to_unpack_keeps_the_archive_and_nothing_half_unpacked()
    {
        using var disk = SmallDisk.Mount(900);
        _lab.Path = Path.Combine(disk.Path, "package");

        var error = await _lab.FailAsync();

        Assert.Equal("PackageDiskFull", error.Id);
        Assert.Contains("the unpacked archive needs", error.Message, StringComparison.Ordinal);
        Assert.Equal([Path.GetFileName(_lab.Archive), Path.GetFileName(_lab.Archive) + ".1.sig"], _lab.Files());
        disk.Grow(4096);
        var asked = _lab.Server.Requests.Count;
        Assert.NotNull(await _lab.SaveAsync());
        Assert.Equal(asked, _lab.Server.Requests.Count);
    }

    // Half of the archive has come when the connection is cut, and the run is stopped then.
    private async Task BeginAsync()
    {
        _lab.Server.Faults.Add(ReleaseFault.CutOff, times: 1);
        using var stop = new CancellationTokenSource();
        var log = new StoppingLog(stop);
        var plan = await PackagePlan.CreateAsync(_lab.Request(), log, CancellationToken.None);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => plan.ExecuteAsync(_ => true, log, stop.Token));
    }

    private async Task BegunAsync()
    {
        while (!File.Exists(_lab.Partial) || new FileInfo(_lab.Partial).Length == 0)
            await Task.Delay(10);
    }

    /// <summary>Stops the run when it is about to try again.</summary>
    private sealed class StoppingLog(CancellationTokenSource stop) : IOperationLog
    {
        public void Verbose(string text)
        {
            if (text.Contains("trying again", StringComparison.Ordinal))
                stop.Cancel();
        }

        public void Warning(string text)
        {
        }

        public void Progress(OperationProgress progress)
        {
        }

        public void Failed(Exception error, object? target) => throw error;
    }
}
