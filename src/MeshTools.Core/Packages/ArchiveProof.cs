using System.Text;

namespace MeshTools.Packages;

/// <summary>What shows that an archive is the one that its maker published.</summary>
internal abstract record ArchiveProof
{
    /// <summary>What the archive's name has behind it in the name of the file that holds the proof.</summary>
    internal abstract string Suffix { get; }

    /// <summary>By what an archive counts as verified, for a reader.</summary>
    internal abstract string By { get; }

    /// <summary>What the proof is called.</summary>
    internal abstract string Noun { get; }

    /// <summary>Whether it holds.</summary>
    /// <param name="hash">The SHA-256 of the archive.</param>
    /// <param name="content">The content of the proof's file.</param>
    /// <returns>Whether it does.</returns>
    internal abstract bool Holds(byte[] hash, byte[] content);
}

/// <summary>A detached signature.</summary>
/// <param name="Key">The key that must have made it.</param>
internal sealed record SignatureProof(ReleaseKey Key) : ArchiveProof
{
    internal override string Suffix => ".1.sig";

    internal override string By => Key.Name;

    internal override string Noun => "signature";

    internal override bool Holds(byte[] hash, byte[] content) => Key.Verifies(hash, content);
}

/// <summary>A file as sha256sum writes it: the checksum and, behind it, the name of the archive.</summary>
/// <param name="FileName">The archive's name.</param>
/// <param name="Host">Whose checksum it is.</param>
internal sealed record ChecksumProof(string FileName, string Host) : ArchiveProof
{
    internal override string Suffix => ".sha256";

    internal override string By => $"SHA-256 of {Host}";

    internal override string Noun => "checksum";

    internal override bool Holds(byte[] hash, byte[] content)
    {
        var fields = Encoding.UTF8.GetString(content).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return fields.Length is 1 or 2
            && string.Equals(fields[0], Convert.ToHexString(hash), StringComparison.OrdinalIgnoreCase)
            && (fields.Length == 1 || string.Equals(fields[1].TrimStart('*'), FileName, StringComparison.Ordinal));
    }
}
