using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>A named cluster, user or context, with the file that its relative paths are relative to.</summary>
internal sealed class KubeconfigEntry(string name, JsonObject body, string? sourcePath)
{
    internal string Name { get; } = name;

    internal JsonObject Body { get; } = body;

    internal string? SourcePath { get; } = sourcePath;

    /// <summary>A text field; null when absent or empty. Anything but text is an error, as for client-go: <c>namespace: no</c> is a boolean.</summary>
    internal string? Text(string field) => Body[field] switch
    {
        null => null,
        var node when JsonAccess.AsString(node) is { } value => value.Length > 0 ? value : null,
        _ => throw Invalid($"{field} of \"{Name}\" must be text; put it in quotes"),
    };

    internal bool Flag(string field) => Body[field] switch
    {
        null => false,
        JsonValue value when value.TryGetValue(out bool flag) => flag,
        _ => throw Invalid($"{field} of \"{Name}\" must be true or false"),
    };

    /// <summary>A path of the entry, relative to its own file (client-go clientcmd/loader.go, ResolveLocalPaths).</summary>
    internal string? FilePath(string field) => Text(field) is { } value ? Resolve(value) : null;

    internal string Resolve(string path)
    {
        if (Path.IsPathRooted(path))
            return path;
        var directory = SourcePath is null ? Directory.GetCurrentDirectory() : Path.GetDirectoryName(Path.GetFullPath(SourcePath));
        return Path.GetFullPath(Path.Combine(directory ?? ".", path));
    }

    internal KubeconfigException Invalid(string problem, Exception? inner = null) =>
        new(KubeconfigProblem.Invalid, SourcePath is null ? problem : $"{SourcePath}: {problem}", inner) { Path = SourcePath };

    /// <summary>Inline base64 data, or the content of the file that another field names; data wins.</summary>
    internal byte[]? Data(string dataField, string fileField)
    {
        if (Text(dataField) is { } data)
        {
            try
            {
                return Convert.FromBase64String(data);
            }
            catch (FormatException e)
            {
                throw Invalid($"{dataField} of \"{Name}\" is not base64", e);
            }
        }

        return FilePath(fileField) is { } path ? ReadFile(path, fileField) : null;
    }

    private byte[] ReadFile(string path, string field)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Invalid($"unable to read {field} {path} of \"{Name}\": {e.Message}", e);
        }
    }
}
