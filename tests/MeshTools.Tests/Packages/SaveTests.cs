using MeshTools.Errors;
using MeshTools.Install;
using MeshTools.Istioctl;
using MeshTools.Lab;
using MeshTools.Operations;
using MeshTools.Packages;
using Xunit;

namespace MeshTools.Tests.Packages;

public sealed class SaveTests : IAsyncLifetime
{
    private ReleaseLab _lab = null!;

    public async Task InitializeAsync() => _lab = await ReleaseLab.StartAsync();

    public Task DisposeAsync() => _lab.DisposeAsync().AsTask();

    [SkippableFact]
    public async Task What_is_saved_is_verified_and_can_be_run()
    {
        Skip.If(OperatingSystem.IsWindows() || OperatingSystem.IsMacOS(), "The archive that is saved is Linux's.");
        var package = await _lab.SaveAsync();

        Assert.Equal((ReleaseLab.Mesh, _lab.Path, ChangeOutcome.Created), (package!.Release, package.PackagePath, package.Change));
        Assert.StartsWith("key ", package.VerifiedBy, StringComparison.Ordinal);
        Assert.Equal(new FileInfo(_lab.Archive).Length, package.Size);
        Assert.Equal([$"istio-{ReleaseLab.Mesh}-linux-amd64", $"istio-{ReleaseLab.Mesh}-linux-amd64.tar.gz", $"istio-{ReleaseLab.Mesh}-linux-amd64.tar.gz.1.sig", "service-mesh-package.json"], _lab.Files());
        var opened = await ServiceMeshPackage.OpenAsync(_lab.Path, IstioRelease.Parse(ReleaseLab.Mesh), CancellationToken.None);
        Assert.Equal(ReleaseLab.Mesh, await IstioctlProgram.Find(opened.Istioctl).GetVersionAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_second_run_verifies_what_is_there_and_asks_nobody()
    {
        await _lab.SaveAsync();
        var asked = _lab.Server.Requests.Count;
        var written = new FileInfo(Path.Combine(_lab.Path, "service-mesh-package.json")).LastWriteTimeUtc;

        var second = await _lab.SaveAsync();

        Assert.Equal(ChangeOutcome.Unchanged, second!.Change);
        Assert.Equal(asked, _lab.Server.Requests.Count);
        Assert.Equal(written, new FileInfo(Path.Combine(_lab.Path, "service-mesh-package.json")).LastWriteTimeUtc);
    }

    [Theory]
    [InlineData(ReleaseLab.Mesh, "linux-amd64", "osx", "win")]
    [InlineData(ReleaseLab.Istio, "linux-amd64", "linux-arm64", "osx", "osx-arm64", "win")]
    public async Task Other_machines_archives_are_saved_and_unpacked_too(string release, params string[] platforms)
    {
        var package = await _lab.SaveAsync(_lab.Request(release, [.. platforms.Select(name => new PackagePlatform(name))]));

        Assert.Equal(platforms, package!.Platforms.Select(platform => platform.Platform));
        Assert.All(package.Platforms, platform => Assert.True(File.Exists(Path.Combine(_lab.Path, platform.Istioctl))));
        Assert.Equal(ChangeOutcome.Unchanged, (await _lab.SaveAsync(_lab.Request(release, [.. platforms.Select(name => new PackagePlatform(name))])))!.Change);
    }

    [Fact]
    public async Task A_platform_is_added_to_a_package_and_the_others_stay()
    {
        await _lab.SaveAsync();

        var more = await _lab.SaveAsync(_lab.Request(ReleaseLab.Mesh, new PackagePlatform("win")));

        Assert.Equal(ChangeOutcome.Updated, more!.Change);
        Assert.Equal(["linux-amd64", "win"], more.Platforms.Select(platform => platform.Platform));
    }

    [Fact]
    public async Task Istios_own_releases_are_verified_by_their_checksum()
    {
        var request = _lab.Request(ReleaseLab.Istio) with { Source = ReleaseSource.Choose(_lab.Server.Source, null, _ => null) };

        var package = await _lab.SaveAsync(request);

        Assert.Equal("SHA-256 of 127.0.0.1", package!.VerifiedBy);
        Assert.Contains($"istio-{ReleaseLab.Istio}-linux-amd64.tar.gz.sha256", _lab.Files());
        Assert.Equal(ChangeOutcome.Unchanged, (await _lab.SaveAsync(request))!.Change);
    }

    [Fact]
    public async Task One_archive_that_cannot_be_had_does_not_keep_the_others_back()
    {
        var error = await _lab.FailAsync(_lab.Request(ReleaseLab.Mesh, new PackagePlatform("osx-arm64"), ReleaseLab.Linux));

        Assert.Equal("ReleaseNotFound", error.Id);
        Assert.True(Directory.Exists(_lab.Folder));
        Assert.Equal(ChangeOutcome.Unchanged, (await _lab.SaveAsync())!.Change);
    }

    [Fact]
    public async Task A_folder_holds_one_release()
    {
        await _lab.SaveAsync();

        var error = await Assert.ThrowsAsync<MeshException>(() => _lab.SaveAsync(_lab.Request(ReleaseLab.Istio)));

        Assert.Equal(ErrorCatalog.PackageReleaseWrong, error.Definition);
    }

    [Fact]
    public async Task What_somebody_changed_is_said_and_replaced_only_by_force()
    {
        await _lab.SaveAsync();
        var file = Path.Combine(_lab.Folder, "samples", "README.md");
        await File.WriteAllTextAsync(file, "changed");

        var error = await _lab.FailAsync();

        Assert.Equal("PackageChanged", error.Id);
        Assert.Contains("samples/README.md", error.Message, StringComparison.Ordinal);
        Assert.Equal("changed", await File.ReadAllTextAsync(file));
        Assert.Equal(ChangeOutcome.Updated, (await _lab.SaveAsync(_lab.Request() with { Force = true }))!.Change);
        Assert.NotEqual("changed", await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task What_is_missing_is_put_back_without_a_network_and_what_else_is_there_stays()
    {
        await _lab.SaveAsync();
        Directory.Delete(Path.Combine(_lab.Folder, "bin"), recursive: true);
        var own = Path.Combine(_lab.Folder, "samples", "own.yaml");
        await File.WriteAllTextAsync(own, "mine");
        _lab.Server.Faults.Add(ReleaseFault.Down);

        var package = await _lab.SaveAsync();

        Assert.Equal(ChangeOutcome.Updated, package!.Change);
        Assert.True(File.Exists(Path.Combine(_lab.Folder, "bin", "istioctl")));
        Assert.Equal("mine", await File.ReadAllTextAsync(own));
        Assert.Equal(ChangeOutcome.Unchanged, (await _lab.SaveAsync())!.Change);
    }

    [SkippableFact]
    public async Task The_permission_to_be_run_is_given_back()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no such permission.");
        await _lab.SaveAsync();
        ReleaseLab.TakePermission(Path.Combine(_lab.Folder, "bin", "istioctl"));

        await _lab.SaveAsync();

        Assert.True(ReleaseLab.MayBeRun(Path.Combine(_lab.Folder, "bin", "istioctl")));
    }

    [Fact]
    public async Task An_archive_that_was_changed_is_said_and_replaced_only_by_force()
    {
        await _lab.SaveAsync();
        await File.WriteAllTextAsync(_lab.Archive, "something else");

        Assert.Equal("PackageChanged", (await _lab.FailAsync()).Id);
        Assert.Equal("something else", await File.ReadAllTextAsync(_lab.Archive));
        Assert.Equal(ChangeOutcome.Updated, (await _lab.SaveAsync(_lab.Request() with { Force = true }))!.Change);
        Assert.Equal(ChangeOutcome.Unchanged, (await _lab.SaveAsync())!.Change);
    }

    [Fact]
    public async Task Another_key_verifies_nothing_that_is_there()
    {
        await _lab.SaveAsync();

        var error = await _lab.FailAsync(_lab.Request() with { Source = ReleaseSource.Choose(_lab.Server.Source, null, _ => null) });

        Assert.Equal("PackageNotVerified", error.Id);
        Assert.Contains("Google's release key", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Planning_names_what_would_be_done_and_does_nothing()
    {
        var plan = await PackagePlan.CreateAsync(_lab.Request(), _lab.Log, CancellationToken.None);

        Assert.Equal(ChangeKind.Create, Assert.Single(plan.Steps).Kind);
        Assert.Contains($"{_lab.Server.Source}istio-{ReleaseLab.Mesh}-linux-amd64.tar.gz", plan.Steps[0].Description, StringComparison.Ordinal);
        Assert.Empty(_lab.Server.Requests);
        Assert.False(Directory.Exists(_lab.Path));
    }

    [Fact]
    public async Task Archives_that_came_in_another_way_are_taken_when_they_verify()
    {
        await _lab.SaveAsync();
        var elsewhere = Path.Combine(Path.GetDirectoryName(_lab.Path)!, "copied");
        Directory.CreateDirectory(elsewhere);
        foreach (var file in new[] { _lab.Archive, _lab.Archive + ".1.sig" })
            File.Copy(file, Path.Combine(elsewhere, Path.GetFileName(file)));
        var asked = _lab.Server.Requests.Count;
        _lab.Path = elsewhere;

        Assert.Equal(ChangeOutcome.Created, (await _lab.SaveAsync())!.Change);
        Assert.Equal(asked, _lab.Server.Requests.Count);
    }
}
