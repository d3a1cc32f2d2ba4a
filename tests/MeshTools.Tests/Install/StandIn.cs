namespace MeshTools.Tests.Install;

/// <summary>The lab's stand-in for istioctl as a file, and programs that misbehave in its place.</summary>
internal sealed class StandIn : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshtools-istioctl-");

    public string Path => Script("istioctl", $"exec '{Dotnet}' '{Program}' istioctl \"$@\"");

    /// <summary>The stand-in of another version.</summary>
    public string OfVersion(string version) => Script($"istioctl-{version}", $"MESHTOOLS_STANDIN_VERSION={version} exec '{Dotnet}' '{Program}' istioctl \"$@\"");

    /// <summary>A program that does one thing for a command, and is the stand-in for all others.</summary>
    public string Instead(string command, string shell) => Script($"istioctl-{Guid.NewGuid():N}", $"if [ \"$1\" = {command} ]; then {shell}; exit $?; fi\nexec '{Dotnet}' '{Program}' istioctl \"$@\"");

    public void Dispose() => _folder.Delete(recursive: true);

    private static string Program => System.IO.Path.Combine(AppContext.BaseDirectory, "MeshTools.Lab.dll");

    private static string Dotnet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? Environment.ProcessPath!;

    private string Script(string name, string body)
    {
        var path = System.IO.Path.Combine(_folder.FullName, name);
        if (!File.Exists(path))
        {
            File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return path;
    }
}
