using MeshTools.Errors;
using MeshTools.Install;

namespace MeshTools.Packages;

/// <summary>Where release archives come from: the maker's own place, or a mirror; and who must have signed them.</summary>
public sealed class ReleaseSource
{
    /// <summary>The environment variable with the address of a mirror, for all commands that save packages.</summary>
    public const string AddressVariable = "MESHTOOLS_RELEASE_SOURCE";

    /// <summary>The environment variable with the file of the public key with which that mirror signs, when it signs itself.</summary>
    public const string KeyVariable = "MESHTOOLS_RELEASE_PUBLIC_KEY";

    private readonly Uri? _mirror;
    private readonly ReleaseKey? _key;

    private ReleaseSource(Uri? mirror, ReleaseKey? key)
    {
        _mirror = mirror;
        _key = key;
    }

    /// <summary>Chooses: what is given here, else what the environment says, else the makers' own places.</summary>
    /// <param name="mirror">The address below which a mirror has the archives, under the names that they have at their maker's; <see langword="null"/> for none.</param>
    /// <param name="publicKey">The full path of the PEM file with the public key with which the mirror signs; <see langword="null"/> when it has the maker's own signatures or checksums.</param>
    /// <param name="variable">Reads an environment variable.</param>
    /// <returns>The source.</returns>
    /// <exception cref="MeshException">The address cannot be used (<c>PackageSourceInvalid</c>), or the key (<c>PublicKeyInvalid</c>).</exception>
    public static ReleaseSource Choose(Uri? mirror, string? publicKey, Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        var where = "The source";
        if (mirror is null && publicKey is null)
        {
            where = AddressVariable;
            mirror = variable(AddressVariable) is { Length: > 0 } address ? new Uri(address, UriKind.RelativeOrAbsolute) : null;
            publicKey = variable(KeyVariable) is { Length: > 0 } file ? Path.GetFullPath(file) : null;
        }

        return new ReleaseSource(mirror is null ? null : Checked(mirror, where), publicKey is null ? null : ReleaseKey.Read(publicKey));
    }

    /// <summary>The archive of a release for a platform.</summary>
    /// <exception cref="MeshException">It would come unencrypted, and nobody has signed it (<c>PackageSourceInvalid</c>).</exception>
    internal ReleaseArchive ArchiveOf(IstioRelease release, PackagePlatform platform)
    {
        var key = _key ?? (release.IsCloudServiceMesh ? ReleaseKey.Google : null);
        var home = _mirror ?? (release.IsCloudServiceMesh
            ? new Uri("https://storage.googleapis.com/gke-release/asm/")
            : new Uri($"https://github.com/istio/istio/releases/download/{release}/"));
        // A checksum from the same place proves nothing about who wrote it; over TLS it is at least that place's.
        if (key is null && home is { Scheme: "http", IsLoopback: false })
            throw new MeshException(ErrorCatalog.PackageSourceInvalid, $"{home} is not encrypted, and archives of Istio have a checksum and no signature: nobody could tell what came", home, "Give an https address, or sign the archives of the mirror and name the key with -PublicKey.");
        var file = $"istio-{release}-{platform}{platform.Extension}";
        return new ReleaseArchive(release, platform, new Uri(home, file), key is null ? new ChecksumProof(file, home.Host) : new SignatureProof(key));
    }

    private static Uri Checked(Uri mirror, string where)
    {
        if (!mirror.IsAbsoluteUri || mirror.Scheme is not ("https" or "http"))
            throw Invalid($"{where} must be an absolute https or http URL; it is '{mirror}'");
        if (mirror.UserInfo.Length > 0 || mirror.Query.Length > 0 || mirror.Fragment.Length > 0)
            throw Invalid($"{where} must be an address alone, without user, query and fragment ({mirror.Scheme}://{mirror.Authority}{mirror.AbsolutePath})");
        return mirror.AbsolutePath.EndsWith('/') ? mirror : new Uri(mirror.AbsoluteUri + "/");
    }

    private static MeshException Invalid(string message) => new(ErrorCatalog.PackageSourceInvalid, message);
}

/// <summary>One archive of a release.</summary>
/// <param name="Release">The release.</param>
/// <param name="Platform">What it is for.</param>
/// <param name="Address">Where it is.</param>
/// <param name="Proof">What shows that it is the release's.</param>
internal sealed record ReleaseArchive(IstioRelease Release, PackagePlatform Platform, Uri Address, ArchiveProof Proof)
{
    /// <summary>The name of the archive's file.</summary>
    internal string FileName => $"istio-{Release}-{Platform}{Platform.Extension}";

    /// <summary>The name of the folder that it is unpacked into.</summary>
    internal string FolderName => $"istio-{Release}-{Platform}";

    /// <summary>The name of the file with its signature or checksum.</summary>
    internal string ProofName => FileName + Proof.Suffix;

    internal Uri ProofAddress => new(Address.AbsoluteUri + Proof.Suffix);

    /// <summary>Where people see which releases there are.</summary>
    internal string ListOfReleases => Release.IsCloudServiceMesh ? "https://cloud.google.com/service-mesh/docs/release-notes" : "https://github.com/istio/istio/releases";
}
