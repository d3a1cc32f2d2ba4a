using MeshTools.Trust;

namespace MeshTools.Cmdlets;

/// <summary>Writes certificates to files, after asking.</summary>
internal static class CertificateOutput
{
    /// <summary>Writes all files, or none.</summary>
    /// <returns>Whether they may be, and were, written.</returns>
    internal static async Task<bool> WriteAsync(
        IReadOnlyList<CertificateFile> files, bool force, bool onlyAsking, PipelineSink sink, CancellationToken cancellationToken)
    {
        try
        {
            CertificateFiles.RefuseExisting(files, force);
            Change[] changes = [.. files.Select(file => new Change($"Write {(file.IsPrivate ? "private key" : "file")} {file.Path}", Writes: true))];
            var approved = await sink.ApproveAsync(changes, cancellationToken).ConfigureAwait(false);
            // A set of which a part is missing is of no use to anybody.
            if (onlyAsking || approved.Count < changes.Length)
                return false;
            CertificateFiles.Write(files, force);
            foreach (var file in files)
                sink.Verbose($"wrote {file.Path}");
            return true;
        }
        finally
        {
            foreach (var file in files)
                file.Dispose();
        }
    }
}
