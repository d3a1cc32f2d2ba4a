using System.Management.Automation;
using MeshTools.Errors;
using MeshTools.Reports;

namespace MeshTools.Cmdlets;

/// <summary>Writes results of other commands as HTML, Markdown or JUnit XML.</summary>
[Cmdlet(VerbsData.Export, "MeshReport", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportMeshReportCommand : MeshCmdlet
{
    private readonly List<object> _results = [];
    private readonly List<object> _strangers = [];

    // Boxed: a field of another assembly's value type would have that assembly loaded at import.
    private object? _format;

    /// <summary>Where to.</summary>
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "The files to write; the extension says the form: .html, .md or .xml (JUnit).")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>The results.</summary>
    [Parameter(ValueFromPipeline = true, HelpMessage = "Results of this module's commands, and their errors.")]
    [AllowNull]
    [AllowEmptyCollection]
    public PSObject?[] InputObject { get; set; } = [];

    /// <summary>The form.</summary>
    [Parameter(HelpMessage = "The form, where the extension does not say it.")]
    public ReportFormat Format
    {
        get => (ReportFormat)(_format ?? 0);
        set => _format = value;
    }

    /// <summary>The heading.</summary>
    [Parameter(HelpMessage = "The heading.")]
    [ValidateNotNullOrEmpty]
    public string Title { get; set; } = "Mesh report";

    /// <summary>When an end is near.</summary>
    [Parameter(HelpMessage = "Certificates that end within so many days deserve a look.")]
    [ValidateRange(0, 36525)]
    public int WarnDays { get; set; } = 30;

    /// <summary>Adds to a file.</summary>
    [Parameter(HelpMessage = "Adds the report to the end of a Markdown file.")]
    public SwitchParameter Append { get; set; }

    /// <summary>Overwrites files.</summary>
    [Parameter(HelpMessage = "Overwrites files that are there, and asks nothing.")]
    public SwitchParameter Force { get; set; }

    /// <summary>Emits the files.</summary>
    [Parameter(HelpMessage = "Emits the files that were written.")]
    public SwitchParameter PassThru { get; set; }

    private protected override bool AskNothing => Force;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var item in InputObject ?? [])
            Take(item);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        string[] paths = [.. Path.Select(PathOf)];
        Run(async (sink, stop) =>
        {
            foreach (var stranger in _strangers)
                sink.Failed(new MeshException(ErrorCatalog.ReportInputUnknown, $"a report has no place for an object of type {((PSObject)stranger).TypeNames[0]}", stranger), null);
            ReportFile[] files = [.. paths.Distinct(StringComparer.Ordinal).Select(path => ReportFile.For(path, (ReportFormat?)_format))];
            ReportFile.Check(files, Force, Append);
            var report = MeshReport.Create(_results, new ReportOptions { Title = Title, WarnDays = WarnDays, Redact = Redaction.Apply });
            Change[] changes = [.. files.Select(file => new Change($"Write report {file.Path}", Writes: true))];
            var approved = await sink.ApproveAsync(changes, stop).ConfigureAwait(false);
            for (var i = 0; i < files.Length; i++)
            {
                if (OnlyAsking || !approved.Contains(changes[i]))
                    continue;
                await files[i].WriteAsync(report, Append, stop).ConfigureAwait(false);
                sink.Verbose($"wrote {files[i].Path}: {report.Verdict}");
                if (PassThru)
                    sink.Output(new FileInfo(files[i].Path));
            }
        });
    }

    // An error of a command, piped with 2>&1, is a result too: a cluster that failed must not be missing.
    private void Take(PSObject? item)
    {
        switch (item?.BaseObject)
        {
            case null:
                break;
            case ErrorRecord error:
                _results.Add(new ReportedError(
                    error.FullyQualifiedErrorId.Split(',')[0], error.ErrorDetails?.Message ?? error.Exception.Message, error.ErrorDetails?.RecommendedAction, error.TargetObject is PSObject target ? target.BaseObject : error.TargetObject));
                break;
            case var result when MeshReport.Takes(result):
                _results.Add(result);
                break;
            default:
                _strangers.Add(item);
                break;
        }
    }
}
