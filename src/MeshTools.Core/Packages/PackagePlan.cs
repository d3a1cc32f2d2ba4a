using System.Globalization;
using System.Security.Cryptography;
using MeshTools.Errors;
using MeshTools.Install;
using MeshTools.Operations;

namespace MeshTools.Packages;

/// <summary>What is to be saved, and where.</summary>
/// <param name="Release">The release.</param>
/// <param name="Path">The full path of the package's folder.</param>
/// <param name="Platforms">What for.</param>
/// <param name="Source">Where from.</param>
public sealed record PackageRequest(IstioRelease Release, string Path, IReadOnlyList<PackagePlatform> Platforms, ReleaseSource Source)
{
    /// <summary>Whether files that are not as they were verified are replaced.</summary>
    public bool Force { get; init; }

    /// <summary>How downloads behave.</summary>
    public DownloadOptions Download { get; init; } = new();
}

/// <summary>What saving one archive would do.</summary>
/// <param name="Platform">What the archive is for.</param>
/// <param name="Kind">What it would do.</param>
/// <param name="Description">In words, for who is asked.</param>
public sealed record PackageStep(string Platform, ChangeKind Kind, string Description);

/// <summary>A package on its way to the disk. Planning looks at what is on the disk, and asks no server anything.</summary>
public sealed class PackagePlan
{
    private readonly PackageRequest _request;
    private readonly PackageManifest? _manifest;

    private PackagePlan(PackageRequest request, PackageManifest? manifest, IReadOnlyList<PackageStep> steps)
    {
        _request = request;
        _manifest = manifest;
        Steps = steps;
    }

    /// <summary>One for each archive that can be saved.</summary>
    public IReadOnlyList<PackageStep> Steps { get; }

    /// <summary>Verifies what is there, and says what is missing. Nothing is written or downloaded.</summary>
    /// <param name="request">What is to be saved.</param>
    /// <param name="log">Takes archives that are not as they should be; the others are planned.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="MeshException">The folder holds another release (<c>PackageReleaseWrong</c>), or a broken description (<c>PackageInvalid</c>); or the source cannot be used.</exception>
    public static async Task<PackagePlan> CreateAsync(PackageRequest request, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(log);
        var manifest = PackageManifest.Read(request.Path);
        if (manifest is not null && !string.Equals(manifest.Release, request.Release.Text, StringComparison.Ordinal))
            throw new MeshException(ErrorCatalog.PackageReleaseWrong, $"{request.Path} is a package of {manifest.Release}, and {request.Release} is to be saved", request.Path);
        var steps = new List<PackageStep>();
        foreach (var archive in request.Platforms.Select(platform => request.Source.ArchiveOf(request.Release, platform)))
        {
            try
            {
                steps.Add(await StepAsync(request, manifest, archive, cancellationToken).ConfigureAwait(false));
            }
            catch (MeshException e)
            {
                log.Failed(e, archive.FileName);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                log.Failed(new MeshException(ErrorCatalog.PackageFileFailed, $"{request.Path} cannot be read: {e.Message}", request.Path, innerException: e), archive.FileName);
            }
        }

        return new PackagePlan(request, manifest, steps);
    }

    /// <summary>Saves what was approved, one archive after the other.</summary>
    /// <param name="approved">Whether a step was approved.</param>
    /// <param name="log">Takes progress, milestones, and archives that cannot be saved; the others are.</param>
    /// <param name="cancellationToken">Ends the saving; a rerun goes on from there.</param>
    /// <returns>The package; <see langword="null"/> when there is none, or not all of what was approved is in it.</returns>
    public async Task<ServiceMeshPackage?> ExecuteAsync(Func<PackageStep, bool> approved, IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(approved);
        ArgumentNullException.ThrowIfNull(log);
        var manifest = _manifest;
        var whole = true;
        PackageStep[] steps = [.. Steps.Where(step => step.Kind is ChangeKind.Unchanged || approved(step))];
        using var download = new ReleaseDownload(_request.Download, log);
        foreach (var step in steps.Where(step => step.Kind is not ChangeKind.Unchanged))
        {
            var archive = _request.Source.ArchiveOf(_request.Release, new PackagePlatform(step.Platform));
            try
            {
                var saved = await SaveAsync(archive, download, log, cancellationToken).ConfigureAwait(false);
                manifest = (manifest ?? new PackageManifest(_request.Release.Text, [])).With(saved);
                await manifest.WriteAsync(_request.Path, cancellationToken).ConfigureAwait(false);
            }
            catch (MeshException e)
            {
                whole = false;
                log.Failed(e, archive.FileName);
            }
        }

        if (!whole || manifest is null || steps.Length == 0)
            return null;
        var change = steps.All(step => step.Kind is ChangeKind.Unchanged) ? ChangeOutcome.Unchanged : _manifest is null ? ChangeOutcome.Created : ChangeOutcome.Updated;
        return ServiceMeshPackage.Of(manifest, _request.Path) with { Change = change };
    }

    private void RequireUnchanged(UnpackedDifference difference, string folder)
    {
        if (difference.Changed.Count > 0 && !_request.Force)
            throw new MeshException(ErrorCatalog.PackageChanged, $"{folder}: {Names(difference.Changed)} differ from the verified archive", folder);
    }

    private static async Task<PackageStep> StepAsync(PackageRequest request, PackageManifest? manifest, ReleaseArchive archive, CancellationToken cancellationToken)
    {
        var (file, folder) = (Path.Combine(request.Path, archive.FileName), Path.Combine(request.Path, archive.FolderName));
        var known = manifest?.Platforms.FirstOrDefault(item => string.Equals(item.Platform, archive.Platform.Name, StringComparison.Ordinal));
        if (!File.Exists(file) || !File.Exists(Path.Combine(request.Path, archive.ProofName)))
        {
            var part = PartialFile.LengthFor(file) is > 0 and var bytes ? $" ({DiskSpace.Text(bytes)} of it are there)" : "";
            return new PackageStep(archive.Platform.Name, known is null ? ChangeKind.Create : ChangeKind.Update, $"Download {archive.Address}{part}, verify it by {archive.Proof.By}, and unpack it into {folder}");
        }

        var stream = File.OpenRead(file);
        await using (stream.ConfigureAwait(false))
        {
            var hash = await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false);
            if (!archive.Proof.Holds(hash, await File.ReadAllBytesAsync(Path.Combine(request.Path, archive.ProofName), cancellationToken).ConfigureAwait(false)))
            {
                return request.Force
                    ? new PackageStep(archive.Platform.Name, ChangeKind.Update, $"Download {archive.Address} anew, since what is there does not verify, verify it by {archive.Proof.By}, and unpack it into {folder}")
                    : throw NotAsVerified(file, hash, archive, known);
            }

            var difference = await new UnpackedArchive(stream, archive.FileName, folder).CompareAsync(cancellationToken).ConfigureAwait(false);
            if (difference.Changed.Count > 0 && !request.Force)
                throw new MeshException(ErrorCatalog.PackageChanged, $"{folder}: {Names(difference.Changed)} differ from the verified archive", folder);
            var fits = known is not null && string.Equals(known.Sha256, Convert.ToHexString(hash), StringComparison.OrdinalIgnoreCase);
            return difference.IsNone && fits ? new PackageStep(archive.Platform.Name, ChangeKind.Unchanged, $"Leave as it is: {file}, verified by {archive.Proof.By}")
                : difference.IsNone ? new PackageStep(archive.Platform.Name, known is null ? ChangeKind.Create : ChangeKind.Update, $"Take {file}, verified by {archive.Proof.By}, into the package")
                : new PackageStep(archive.Platform.Name, known is null ? ChangeKind.Create : ChangeKind.Update, $"Unpack {file}, verified by {archive.Proof.By}, into {folder} ({Names([.. difference.Missing, .. difference.Changed])})");
        }
    }

    private static MeshException NotAsVerified(string file, byte[] hash, ReleaseArchive archive, PackagedArchive? known)
    {
        var same = known is not null && string.Equals(known.Sha256, Convert.ToHexString(hash), StringComparison.OrdinalIgnoreCase);
        return same
            ? new MeshException(ErrorCatalog.PackageNotVerified, $"{file} does not verify by {archive.Proof.By}; it was saved as verified by {known!.VerifiedBy}", file, "Name the key by which it was verified with -PublicKey, or save the release into another folder.")
            : new MeshException(ErrorCatalog.PackageChanged, $"{file} does not verify by {archive.Proof.By}{(known is null ? "" : "; it is not the file that was saved")}", file);
    }

    private static string Names(IReadOnlyList<string> paths) => paths.Count <= 3
        ? string.Join(", ", paths)
        : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", paths.Take(3))} and {paths.Count - 3} more");

    private async Task<PackagedArchive> SaveAsync(ReleaseArchive archive, ReleaseDownload download, IOperationLog log, CancellationToken cancellationToken)
    {
        var file = Path.Combine(_request.Path, archive.FileName);
        try
        {
            if (await OpenVerifiedAsync(file, archive, cancellationToken).ConfigureAwait(false) is not { } stream)
            {
                await DownloadAsync(file, archive, download, log, cancellationToken).ConfigureAwait(false);
                stream = await OpenVerifiedAsync(file, archive, cancellationToken).ConfigureAwait(false) ?? throw NotVerified(archive, "it changed while it was saved");
            }

            await using (stream.ConfigureAwait(false))
            {
                var unpacked = new UnpackedArchive(stream, archive.FileName, Path.Combine(_request.Path, archive.FolderName));
                var difference = await unpacked.CompareAsync(cancellationToken).ConfigureAwait(false);
                RequireUnchanged(difference, unpacked.Folder);
                var (istioctl, sha256) = difference.IsNone
                    ? await unpacked.FindIstioctlAsync(cancellationToken).ConfigureAwait(false)
                    : await unpacked.UnpackAsync(log, cancellationToken).ConfigureAwait(false);
                log.Verbose($"{archive.FileName} is verified by {archive.Proof.By}, and unpacked in {unpacked.Folder}");
                stream.Position = 0;
                var hash = Convert.ToHexString(await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false)).ToLowerInvariant();
                var now = _request.Download.TimeProvider.GetUtcNow();
                return new PackagedArchive(
                    archive.Platform.Name, archive.FileName, archive.Address, stream.Length, hash, archive.Proof.By, now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond)), $"{archive.FolderName}/{istioctl}", sha256);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiskSpace.Explain(e, file, null, "the package");
        }
    }

    // Held open from here on: what is unpacked is what was verified, also when the file is replaced meanwhile.
    private async Task<Stream?> OpenVerifiedAsync(string file, ReleaseArchive archive, CancellationToken cancellationToken)
    {
        var proof = Path.Combine(_request.Path, archive.ProofName);
        if (!File.Exists(file) || !File.Exists(proof))
            return null;
        var stream = File.OpenRead(file);
        try
        {
            var hash = await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false);
            if (archive.Proof.Holds(hash, await File.ReadAllBytesAsync(proof, cancellationToken).ConfigureAwait(false)))
                return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        await stream.DisposeAsync().ConfigureAwait(false);
        return null;
    }

    private async Task DownloadAsync(string file, ReleaseArchive archive, ReleaseDownload download, IOperationLog log, CancellationToken cancellationToken)
    {
        log.Progress(new OperationProgress($"Downloading {archive.FileName}", archive.Address.Host, 0, 1));
        // First, so that nothing is begun where there is no way on.
        var proof = await ProofAsync(archive, download, cancellationToken).ConfigureAwait(false);
        var partial = PartialFile.Open(file);
        await using (partial.ConfigureAwait(false))
        {
            while (true)
            {
                var resumed = await download.GetAsync(archive.Address, partial, Show, cancellationToken).ConfigureAwait(false) ?? throw NotFound(archive);
                if (archive.Proof.Holds(await SHA256.HashDataAsync(partial.Content(), cancellationToken).ConfigureAwait(false), proof))
                    break;
                if (!resumed)
                {
                    partial.Delete();
                    throw NotVerified(archive, $"its {archive.Proof.Noun} does not fit ({archive.Proof.By})");
                }

                // Pieces of two contents make none; once more, all of it.
                log.Verbose($"{archive.FileName}: the pieces do not fit together; beginning anew");
                partial.Restart();
            }

            var proofFile = Path.Combine(_request.Path, archive.ProofName);
            await File.WriteAllBytesAsync(proofFile + PartialFile.Suffix, proof, cancellationToken).ConfigureAwait(false);
            File.Move(proofFile + PartialFile.Suffix, proofFile, overwrite: true);
            partial.MoveTo(file);
        }

        void Show(long bytes, long? all) => log.Progress(new OperationProgress(
            $"Downloading {archive.FileName}", all is { } total ? $"{DiskSpace.Text(bytes)} of {DiskSpace.Text(total)}" : DiskSpace.Text(bytes), (int)(bytes >> 10), (int)((all ?? 0) >> 10)));
    }

    private static async Task<byte[]> ProofAsync(ReleaseArchive archive, ReleaseDownload download, CancellationToken cancellationToken) =>
        await download.FindAsync(archive.ProofAddress, cancellationToken).ConfigureAwait(false)
        ?? throw (await download.ExistsAsync(archive.Address, cancellationToken).ConfigureAwait(false)
            ? NotVerified(archive, $"{archive.Address.Host} has it without a {archive.Proof.Noun} ({archive.ProofAddress})")
            : NotFound(archive));

    private static MeshException NotFound(ReleaseArchive archive) => new(
        ErrorCatalog.ReleaseNotFound, $"release {archive.Release} for {archive.Platform} is not there: {archive.Address}", archive.Release.Text,
        $"Check the release: {archive.ListOfReleases} lists them. A proxy or a mirror that forbids the address answers in the same way.");

    private static MeshException NotVerified(ReleaseArchive archive, string why) => new(ErrorCatalog.PackageNotVerified, $"{archive.FileName} is not shown to be genuine: {why}", archive.FileName);
}
