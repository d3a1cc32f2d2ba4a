namespace MeshTools.GoogleCloud;

/// <summary>An OAuth token. It has no property that shows its value.</summary>
public sealed class AccessToken
{
    private readonly string _value;

    internal AccessToken(string value, string? quotaProject)
    {
        _value = value;
        QuotaProject = quotaProject;
    }

    /// <summary>The project whose quota requests with this token use (<c>X-Goog-User-Project</c>); <see langword="null"/> to send none.</summary>
    public string? QuotaProject { get; }

    /// <summary>The token itself, to put into a header.</summary>
    /// <returns>The value.</returns>
    public string Reveal() => _value;

    /// <inheritdoc/>
    public override string ToString() => "Google access token (redacted)";
}
