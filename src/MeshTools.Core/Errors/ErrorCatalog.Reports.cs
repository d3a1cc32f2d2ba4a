using static MeshTools.Errors.MeshErrorCategory;

namespace MeshTools.Errors;

/// <content>Errors of reports.</content>
public static partial class ErrorCatalog
{
    /// <summary>A form that nobody named.</summary>
    public static ErrorDefinition ReportFormatUnknown { get; } = new(nameof(ReportFormatUnknown), InvalidArgument,
        "The extension of a file does not say which form a report is to have.", "Use .html, .md or .xml, or name the form with -Format Html, Markdown or JUnit.");

    /// <summary>A file would be overwritten.</summary>
    public static ErrorDefinition ReportFileExists { get; } = new(nameof(ReportFileExists), ResourceExists,
        "The file of a report is there already; nothing was written.", "Choose another path, overwrite with -Force, or add to a Markdown file with -Append.");

    /// <summary>A form that has one root.</summary>
    public static ErrorDefinition ReportNotAppendable { get; } = new(nameof(ReportNotAppendable), InvalidArgument,
        "A report can be added to a Markdown file only.", "Leave out -Append, or write Markdown.");

    /// <summary>A file that cannot be written.</summary>
    public static ErrorDefinition ReportFileFailed { get; } = new(nameof(ReportFileFailed), InvalidOperation,
        "The file of a report cannot be written.", "Check that the path names a file, and that you may write there.");

    /// <summary>An object that is not a result.</summary>
    public static ErrorDefinition ReportInputUnknown { get; } = new(nameof(ReportInputUnknown), InvalidArgument,
        "A report has no place for an object of this type.", "Pipe results of this module's commands, as they came: not their tables (Format-Table), not chosen properties (Select-Object), and not read back from a file.");
}
