namespace MeshTools.Reports;

/// <summary>How something is, from good to bad: of several, the greatest counts.</summary>
public enum ReportState
{
    /// <summary>It is as it should be.</summary>
    Good,

    /// <summary>Nobody asked, or nobody answered.</summary>
    Unknown,

    /// <summary>It works, and will stop working or is unwise; or it is still on its way.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Broken,
}

/// <summary>The forms of a report.</summary>
public enum ReportFormat
{
    /// <summary>One HTML file with the mesh as a graph; needs no network and runs no script.</summary>
    Html,

    /// <summary>GitHub-flavoured Markdown with a Mermaid graph, as step summaries, issues and wikis show it.</summary>
    Markdown,

    /// <summary>JUnit XML, as Azure DevOps, GitHub actions, GitLab and Jenkins take test results.</summary>
    JUnit,
}
