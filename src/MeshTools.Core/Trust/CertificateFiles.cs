using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Operations;

namespace MeshTools.Trust;

/// <summary>The files of one certificate.</summary>
/// <param name="Certificate">The certificate; certificates after the first count as its chain.</param>
public sealed record CertificateFileSet(string Certificate)
{
    /// <summary>The private key.</summary>
    public string? Key { get; init; }

    /// <summary>The certificates between it and the root, in any order; more may be in it.</summary>
    public string? Chain { get; init; }

    /// <summary>The roots.</summary>
    public string? Root { get; init; }
}

/// <summary>Reads and writes certificates as files.</summary>
public static class CertificateFiles
{
    /// <summary>Reads a certificate, with what belongs to it.</summary>
    /// <param name="files">The files.</param>
    /// <param name="password">The key's password; the caller clears it.</param>
    /// <param name="log">Takes warnings.</param>
    /// <returns>The certificate, its chain in order.</returns>
    /// <exception cref="MeshException">A file is missing or cannot be used; the message names it.</exception>
    public static MeshCertificate Read(CertificateFileSet files, char[]? password, IOperationLog log)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(log);
        var own = CertificateText.ReadCertificates(Content(files.Certificate), files.Certificate);
        var chain = files.Chain is { } chainFile ? CertificateText.ReadCertificates(Content(chainFile), chainFile) : [];
        var roots = files.Root is { } rootFile ? CertificateText.ReadCertificates(Content(rootFile), rootFile) : [];
        PrivateKeyMemory? key = null;
        if (files.Key is { } keyFile)
        {
            WarnOfReaders(keyFile, log);
            var content = Content(keyFile);
            try
            {
                key = CertificateText.ReadKey(content, keyFile, password);
            }
            finally
            {
                CryptographicOperations.ZeroMemory(content);
            }
        }

        if (files.Chain is { } where && !chain.Any(link => Same(link, own[0])))
            log.Verbose($"{where}: the signing certificate is not in it; it is put first, as workloads need it");
        return Assemble(own[0], own.Skip(1).Concat(chain), roots, key);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>Its content.</returns>
    /// <exception cref="MeshException">It cannot be read (<c>CertificateFileFailed</c>).</exception>
    public static byte[] Content(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MeshException(ErrorCatalog.CertificateFileFailed, e is FileNotFoundException or DirectoryNotFoundException ? $"{path} does not exist" : $"{path}: {e.Message}", path, innerException: e);
        }
    }

    /// <summary>Writes files: private keys readable by their owner alone from the first byte, each file complete or not there, and none when one is there already.</summary>
    /// <param name="files">The files.</param>
    /// <param name="overwrite">Whether files that are there may be replaced.</param>
    /// <exception cref="MeshException">A file is there, or cannot be written.</exception>
    public static void Write(IReadOnlyList<CertificateFile> files, bool overwrite)
    {
        ArgumentNullException.ThrowIfNull(files);
        RefuseExisting(files, overwrite);
        var temporaries = new List<string>();
        try
        {
            foreach (var file in files)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(file.Path)!);
                temporaries.Add(WriteBeside(file));
            }

            for (var i = 0; i < files.Count; i++)
                File.Move(temporaries[i], files[i].Path, overwrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MeshException(ErrorCatalog.CertificateFileFailed, e.Message, files[0].Path, innerException: e);
        }
        finally
        {
            foreach (var temporary in temporaries.Where(File.Exists))
                File.Delete(temporary);
        }
    }

    /// <summary>Refuses files that are there already, before anything else happens.</summary>
    /// <param name="files">The files.</param>
    /// <param name="overwrite">Whether files that are there may be replaced.</param>
    /// <exception cref="MeshException">A file is there (<c>CertificateFileExists</c>).</exception>
    public static void RefuseExisting(IReadOnlyList<CertificateFile> files, bool overwrite)
    {
        ArgumentNullException.ThrowIfNull(files);
        if (!overwrite && files.Select(file => file.Path).Where(path => File.Exists(path) || Directory.Exists(path)).ToArray() is { Length: > 0 } there)
            throw new MeshException(ErrorCatalog.CertificateFileExists, $"{string.Join(", ", there)} {(there.Length == 1 ? "is" : "are")} there already; nothing was written", there[0]);
    }

    /// <summary>The folder of one cluster's files.</summary>
    /// <param name="folder">The folder of all.</param>
    /// <param name="name">The cluster's name; what cannot stand in a file name is replaced by a hyphen.</param>
    /// <returns>The path.</returns>
    public static string FolderFor(string folder, string name)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        var plain = new string([.. name.Select(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-')]);
        return Path.Combine(folder, plain.Trim('.') is { Length: > 0 } usable ? usable : DnsLabel.From(name));
    }

    internal static MeshCertificate Assemble(
        X509Certificate2 certificate, IEnumerable<X509Certificate2> chain, IReadOnlyList<X509Certificate2> roots, PrivateKeyMemory? key)
    {
        X509Certificate2[] others = [.. chain.Where(link => !Same(link, certificate)).DistinctBy(MeshCertificate.FingerprintOf)];
        X509Certificate2[] trusted = [.. (roots.Count > 0 ? roots : others.Append(certificate).Where(MeshCertificate.IsRoot)).DistinctBy(MeshCertificate.FingerprintOf)];
        // The order of the files means nothing. When there is no way up, the checks will say so; then what was given is kept as it is.
        // The order is that of the names, whether or not the certificate is valid today.
        var (begin, end, now) = (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime(), DateTime.UtcNow);
        var when = new DateTimeOffset(now > begin && now < end ? now : begin, TimeSpan.Zero);
        var path = CertificateCheck.PathToAny(certificate, others, trusted, when);
        return new MeshCertificate(certificate, path is null ? others : [.. path.Skip(1)], trusted, key);
    }

    private static bool Same(X509Certificate2 one, X509Certificate2 other) => one.RawData.AsSpan().SequenceEqual(other.RawData);

    private static void WarnOfReaders(string path, IOperationLog log)
    {
        if (OperatingSystem.IsWindows() || !File.Exists(path))
            return;
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if ((File.GetUnixFileMode(path) & Others) != UnixFileMode.None)
            log.Warning($"{path} holds a private key and can be read or written by others: chmod 600 '{path}'.");
    }

    private static string WriteBeside(CertificateFile file)
    {
        var temporary = Path.Combine(Path.GetDirectoryName(file.Path)!, "." + Path.GetFileName(file.Path) + "." + Path.GetRandomFileName());
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = file.IsPrivate ? UnixFileMode.UserRead | UnixFileMode.UserWrite : UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        try
        {
            using var stream = new FileStream(temporary, options);
            stream.Write(file.Content);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        return temporary;
    }
}

/// <summary>A file to be written.</summary>
public sealed class CertificateFile : IDisposable
{
    private CertificateFile(string path, byte[] content, bool isPrivate)
    {
        Path = path;
        Content = content;
        IsPrivate = isPrivate;
    }

    /// <summary>Where to.</summary>
    public string Path { get; }

    /// <summary>Whether it holds a private key.</summary>
    public bool IsPrivate { get; }

    internal byte[] Content { get; }

    /// <summary>The files of a certificate, by the names of Istio's Makefile: <c>root-cert.pem</c> and <c>root-key.pem</c> of a root, and the four files of an intermediate.</summary>
    /// <param name="certificate">The certificate. The key's file is left out when the key is not held.</param>
    /// <param name="folder">Where to.</param>
    /// <returns>The files; dispose them.</returns>
    public static IReadOnlyList<CertificateFile> Of(MeshCertificate certificate, string folder)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(folder);
        // The key first: should the writing stop midway, no certificate is there without it.
        var files = new List<CertificateFile>();
        var isRoot = certificate is { IsSelfSigned: true, Chain.Count: 0 };
        if (certificate.HasPrivateKey)
            files.Add(new CertificateFile(System.IO.Path.Combine(folder, isRoot ? "root-key.pem" : Cacerts.KeyKey), certificate.ExportPrivateKeyPem(), isPrivate: true));
        if (!isRoot)
        {
            files.Add(Public(folder, Cacerts.CertificateKey, certificate.ToPem()));
            files.Add(Public(folder, Cacerts.ChainKey, certificate.ChainToPem()));
        }

        files.Add(Public(folder, Cacerts.RootKey, certificate.RootToPem()));
        return files;
    }

    /// <summary>The files of a request: <c>ca-cert.csr</c> and <c>ca-key.pem</c>.</summary>
    /// <param name="request">The request, with its key.</param>
    /// <param name="folder">Where to.</param>
    /// <returns>The files; dispose them.</returns>
    public static IReadOnlyList<CertificateFile> Of(MeshCertificateRequest request, string folder)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(folder);
        return
        [
            new CertificateFile(System.IO.Path.Combine(folder, Cacerts.KeyKey), request.ExportPrivateKeyPem(), isPrivate: true),
            Public(folder, "ca-cert.csr", request.ToPem()),
        ];
    }

    /// <summary>Clears what is private.</summary>
    public void Dispose()
    {
        if (IsPrivate)
            CryptographicOperations.ZeroMemory(Content);
    }

    /// <summary>The path.</summary>
    /// <returns>The path.</returns>
    public override string ToString() => Path;

    private static CertificateFile Public(string folder, string name, string text) =>
        new(System.IO.Path.Combine(folder, name), System.Text.Encoding.ASCII.GetBytes(text), isPrivate: false);
}
