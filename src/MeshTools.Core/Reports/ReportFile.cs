using System.Text;
using MeshTools.Errors;

namespace MeshTools.Reports;

/// <summary>A report's place on disk.</summary>
/// <param name="Path">The full path.</param>
/// <param name="Format">The form.</param>
public sealed record ReportFile(string Path, ReportFormat Format)
{
    /// <summary>The environment variable with which GitHub Actions names the file of a step's summary, which has no extension.</summary>
    public const string StepSummary = "GITHUB_STEP_SUMMARY";

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>The form that a path asks for.</summary>
    /// <param name="path">The full path.</param>
    /// <param name="format">The form that the user asks for; <see langword="null"/> to go by the extension: <c>.html</c> or <c>.htm</c>, <c>.md</c> or <c>.markdown</c>, <c>.xml</c>.</param>
    /// <returns>The file.</returns>
    /// <exception cref="MeshException">Nothing says which form it is to have (<c>ReportFormatUnknown</c>).</exception>
    public static ReportFile For(string path, ReportFormat? format)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new ReportFile(path, format ?? System.IO.Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".HTML" or ".HTM" => ReportFormat.Html,
            ".MD" or ".MARKDOWN" => ReportFormat.Markdown,
            ".XML" => ReportFormat.JUnit,
            _ when string.Equals(path, Environment.GetEnvironmentVariable(StepSummary), StringComparison.Ordinal) => ReportFormat.Markdown,
            _ => throw new MeshException(ErrorCatalog.ReportFormatUnknown, $"{path}: the extension does not say which form the report is to have", path),
        });
    }

    /// <summary>Refuses what would be lost or make no sense. Nothing is written.</summary>
    /// <param name="files">The files.</param>
    /// <param name="force">Whether files may be overwritten. An empty one may: CI systems make them.</param>
    /// <param name="append">Whether reports are added to the files.</param>
    /// <exception cref="MeshException"><c>ReportFileExists</c>, <c>ReportNotAppendable</c> or <c>ReportFileFailed</c>.</exception>
    public static void Check(IReadOnlyList<ReportFile> files, bool force, bool append)
    {
        ArgumentNullException.ThrowIfNull(files);
        foreach (var file in files)
        {
            if (append && file.Format != ReportFormat.Markdown)
                throw new MeshException(ErrorCatalog.ReportNotAppendable, $"{file.Path}: a report cannot be added to a file of format {file.Format}", file.Path);
            if (Directory.Exists(file.Path))
                throw new MeshException(ErrorCatalog.ReportFileFailed, $"{file.Path} is a folder", file.Path);
            if (!force && !append && new FileInfo(file.Path) is { Exists: true, Length: > 0 })
                throw new MeshException(ErrorCatalog.ReportFileExists, $"{file.Path} is there already; nothing was written", file.Path);
        }
    }

    /// <summary>Writes a report: all of it or nothing. UTF-8 without a byte order mark; folders are made.</summary>
    /// <param name="report">The report.</param>
    /// <param name="append">Adds it to the end of the file.</param>
    /// <param name="cancellationToken">Cancels the writing; the file then is as it was.</param>
    /// <returns>A task.</returns>
    /// <exception cref="MeshException">The file cannot be written (<c>ReportFileFailed</c>).</exception>
    public async Task WriteAsync(MeshReport report, bool append, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(report);
        var content = s_utf8.GetBytes(report.ToText(Format));
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            if (append)
                await AppendAsync(content, cancellationToken).ConfigureAwait(false);
            else
                await ReplaceAsync(content, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MeshException(ErrorCatalog.ReportFileFailed, $"{Path} cannot be written: {e.Message}", Path, innerException: e);
        }
    }

    private async Task AppendAsync(byte[] content, CancellationToken cancellationToken)
    {
        var stream = new FileStream(Path, FileMode.Append, FileAccess.Write);
        await using (stream.ConfigureAwait(false))
        {
            // After whatever is there, a new line begins.
            await stream.WriteAsync(stream.Length > 0 ? [(byte)'\n', .. content] : content, cancellationToken).ConfigureAwait(false);
        }
    }

    // Beside it first: who reads the file meanwhile, or after a crash, finds the old one or the new one.
    private async Task ReplaceAsync(byte[] content, CancellationToken cancellationToken)
    {
        var temporary = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, $".{System.IO.Path.GetFileName(Path)}.{System.IO.Path.GetRandomFileName()}");
        try
        {
            await File.WriteAllBytesAsync(temporary, content, cancellationToken).ConfigureAwait(false);
            File.Move(temporary, Path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
