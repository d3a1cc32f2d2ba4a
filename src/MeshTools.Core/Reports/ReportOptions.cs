namespace MeshTools.Reports;

/// <summary>How a report is made.</summary>
public sealed record ReportOptions
{
    /// <summary>Its heading.</summary>
    public string Title { get; init; } = "Mesh report";

    /// <summary>When it was made; days that certificates have left are counted from here.</summary>
    public DateTimeOffset Created { get; init; } = DateTimeOffset.UtcNow;

    /// <summary>Certificates that end within so many days deserve a look.</summary>
    public int WarnDays { get; init; } = 30;

    /// <summary>Takes out of each text what nobody should read.</summary>
    public Func<string, string> Redact { get; init; } = text => text;
}

/// <summary>An error of a command, as a result among others: a cluster that could not be asked must not be missing from a report.</summary>
/// <param name="Id">The error's id.</param>
/// <param name="Message">What was wrong, and where.</param>
/// <param name="RecommendedAction">What to do.</param>
/// <param name="Target">What it is about; a cluster or a link is drawn.</param>
public sealed record ReportedError(string Id, string Message, string? RecommendedAction, object? Target);
