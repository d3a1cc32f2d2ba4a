namespace MeshTools.Kubernetes;

/// <summary>
/// Finds a command as Go's exec.LookPath does: by PATH only. The current directory is never searched, so that a file lying
/// in a cloned repository cannot stand in for a credential plugin.
/// </summary>
internal static class ExecutablePath
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    internal static string? Find(string command)
    {
        if (command.Contains('/', StringComparison.Ordinal) || command.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal))
            return FirstExisting(Path.GetFullPath(command));

        foreach (var directory in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
        {
            if (directory.Length > 0 && Path.IsPathRooted(directory) && FirstExisting(Path.Combine(directory, command)) is { } found)
                return found;
        }

        return null;
    }

    private static string? FirstExisting(string path)
    {
        if (!OperatingSystem.IsWindows())
            return File.Exists(path) && (File.GetUnixFileMode(path) & Executable) != UnixFileMode.None ? path : null;
        if (Path.HasExtension(path) && File.Exists(path))
            return path;
        foreach (var extension in (Environment.GetEnvironmentVariable("PATHEXT") ?? ".COM;.EXE;.BAT;.CMD").Split(';'))
        {
            if (File.Exists(path + extension))
                return path + extension;
        }

        return null;
    }
}
