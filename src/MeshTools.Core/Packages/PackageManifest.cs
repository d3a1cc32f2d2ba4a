using System.Text.Json;
using System.Text.Json.Serialization;
using MeshTools.Errors;

namespace MeshTools.Packages;

/// <summary>The file in a package that says what is in it, and what was verified by what.</summary>
/// <param name="Release">The release.</param>
/// <param name="Platforms">One for each archive, by name.</param>
internal sealed record PackageManifest(string Release, IReadOnlyList<PackagedArchive> Platforms)
{
    internal const string FileName = "service-mesh-package.json";

    private static readonly JsonSerializerOptions s_format = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads it.</summary>
    /// <returns>What it says; <see langword="null"/> when the folder has none.</returns>
    /// <exception cref="MeshException">It is broken (<c>PackageInvalid</c>) or cannot be read (<c>PackageFileFailed</c>).</exception>
    internal static PackageManifest? Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            if (!File.Exists(path))
                return null;
            var manifest = JsonSerializer.Deserialize<PackageManifest>(File.ReadAllBytes(path), s_format);
            // What leads out of the folder is no part of it, whoever wrote it there.
            return manifest is { Release.Length: > 0, Platforms: not null } && manifest.Platforms.All(item => item is { Platform.Length: > 0, File.Length: > 0, Istioctl.Length: > 0, IstioctlSha256.Length: 64 } && IsInside(item.File) && IsInside(item.Istioctl))
                ? manifest
                : throw new MeshException(ErrorCatalog.PackageInvalid, $"{path} is no description of a package", path);
        }
        catch (JsonException e)
        {
            throw new MeshException(ErrorCatalog.PackageInvalid, $"{path} is no description of a package: {e.Message}", path, innerException: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MeshException(ErrorCatalog.PackageFileFailed, $"{path} cannot be read: {e.Message}", path, innerException: e);
        }
    }

    /// <summary>This, with an archive more or another one for a platform.</summary>
    internal PackageManifest With(PackagedArchive archive) =>
        this with { Platforms = [.. Platforms.Where(item => !string.Equals(item.Platform, archive.Platform, StringComparison.Ordinal)).Append(archive).OrderBy(item => item.Platform, StringComparer.Ordinal)] };

    /// <summary>Writes it whole or not at all.</summary>
    internal async Task WriteAsync(string folder, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, FileName);
        var beside = Path.Combine(folder, $".{FileName}.{Path.GetRandomFileName()}");
        var bytes = JsonSerializer.SerializeToUtf8Bytes(this, s_format);
        try
        {
            await File.WriteAllBytesAsync(beside, [.. bytes, (byte)'\n'], cancellationToken).ConfigureAwait(false);
            File.Move(beside, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiskSpace.Explain(e, path, bytes.Length, "the description of the package");
        }
        finally
        {
            File.Delete(beside);
        }
    }

    private static bool IsInside(string path) => !path.Any(c => c is '\\' or ':' || char.IsControl(c)) && path.Split('/').All(part => part is not ("" or "." or ".."));
}

/// <summary>One archive of a saved package.</summary>
/// <param name="Platform">What it is for, for example <c>linux-amd64</c>.</param>
/// <param name="File">The name of the archive's file in the package.</param>
/// <param name="Source">Where it came from.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Sha256">Its SHA-256, in hexadecimal.</param>
/// <param name="VerifiedBy">By whose signature or checksum it was verified.</param>
/// <param name="VerifiedAt">When.</param>
/// <param name="Istioctl">The path of its istioctl in the package, with <c>/</c>.</param>
/// <param name="IstioctlSha256">The SHA-256 of that file, in hexadecimal.</param>
public sealed record PackagedArchive(
    string Platform, string File, Uri Source, long Size, string Sha256, string VerifiedBy, DateTimeOffset VerifiedAt, string Istioctl, [property: JsonPropertyName("istioctlSha256")] string IstioctlSha256)
{
    /// <summary>The platform.</summary>
    /// <returns>The platform.</returns>
    public override string ToString() => Platform;
}
