namespace MeshTools.GoogleCloud;

/// <summary>
/// What gcloud's environment variables and its active configuration say. The environment wins over the file, as for gcloud. Nothing of gcloud itself is run.
/// </summary>
public sealed class GoogleEnvironment
{
    private readonly Func<string, string?> _variable;

    /// <summary>Makes the view.</summary>
    /// <param name="variable">Reads an environment variable; by default those of this process.</param>
    public GoogleEnvironment(Func<string, string?>? variable = null) => _variable = variable ?? Environment.GetEnvironmentVariable;

    /// <summary>gcloud's configuration directory (CLOUDSDK_CONFIG, else where the system keeps such).</summary>
    public string ConfigurationDirectory =>
        this["CLOUDSDK_CONFIG"]
        ?? (OperatingSystem.IsWindows()
            ? Path.Combine(this["APPDATA"] ?? (this["SystemDrive"] ?? "C:") + Path.DirectorySeparatorChar, "gcloud")
            : Path.Combine(this["HOME"] ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config", "gcloud"));

    /// <summary>The project to use where none is named; <see langword="null"/> when nothing says one.</summary>
    public string? Project => this["CLOUDSDK_CORE_PROJECT"] ?? this["GOOGLE_CLOUD_PROJECT"] ?? Property("core", "project");

    /// <summary>The project whose quota is used, when somebody said one.</summary>
    public string? QuotaProject => (this["GOOGLE_CLOUD_QUOTA_PROJECT"] ?? this["CLOUDSDK_BILLING_QUOTA_PROJECT"]) is { } name && name is not "CURRENT_PROJECT" and not "LEGACY" ? name : null;

    /// <summary>The service accounts to act as: delegates first, the one to act as last; empty for none.</summary>
    public IReadOnlyList<string> Impersonate =>
        (this["CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT"] ?? Property("auth", "impersonate_service_account") ?? "")
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>An environment variable; <see langword="null"/> when it is not set or empty.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The value.</returns>
    public string? this[string name] => _variable(name) is { Length: > 0 } value ? value : null;

    /// <summary>The addresses of the APIs.</summary>
    /// <returns>The addresses.</returns>
    /// <exception cref="GoogleCredentialException">An override cannot be used.</exception>
    public GoogleEndpoints Endpoints() => GoogleEndpoints.FromEnvironment(_variable);

    /// <summary>A property of gcloud's active configuration.</summary>
    internal string? Property(string section, string name)
    {
        var active = this["CLOUDSDK_ACTIVE_CONFIG_NAME"] ?? FirstLine(Path.Combine(ConfigurationDirectory, "active_config")) ?? "default";
        var here = false;
        foreach (var line in Lines(Path.Combine(ConfigurationDirectory, "configurations", "config_" + active)))
        {
            if (line.StartsWith('['))
                here = string.Equals(line.Trim('[', ']', ' '), section, StringComparison.OrdinalIgnoreCase);
            else if (here && line.Split('=', 2) is [var key, var value] && string.Equals(key.Trim(), name, StringComparison.OrdinalIgnoreCase))
                return value.Trim() is { Length: > 0 } text ? text : null;
        }

        return null;
    }

    private static string? FirstLine(string path) => Lines(path).FirstOrDefault() is { Length: > 0 } line ? line : null;

    private static IReadOnlyList<string> Lines(string path)
    {
        try
        {
            return [.. File.ReadAllLines(path).Select(line => line.Trim())];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without gcloud there is no such file, and then it says nothing.
            return [];
        }
    }
}
