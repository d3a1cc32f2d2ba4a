using MeshTools.Clusters;

namespace MeshTools.Cmdlets;

/// <summary>The lab's stand-in for istioctl, as a file that can be started like the real one.</summary>
internal static class LabIstioctl
{
    private static readonly string s_program = Path.Combine(Path.GetDirectoryName(typeof(LabIstioctl).Assembly.Location)!, "lab", "MeshTools.Lab.dll");

    /// <summary>The stand-in, when a cluster is a lab's; <see langword="null"/> for any other.</summary>
    internal static string? For(MeshCluster cluster) => cluster.IsLab ? Write() : null;

    private static string Write()
    {
        var windows = OperatingSystem.IsWindows();
        var path = Path.Combine(LabFolder.MakeRoot(), windows ? "istioctl-stand-in.cmd" : "istioctl-stand-in");
        var dotnet = LabRuntime.Find();
        var text = windows
            ? $"@echo off\r\n\"{dotnet}\" \"{s_program}\" istioctl %*\r\n"
            : $"#!/bin/sh\n# A stand-in for istioctl, for lab clusters.\nexec '{Quoted(dotnet)}' '{Quoted(s_program)}' istioctl \"$@\"\n";
        if (File.Exists(path) && string.Equals(File.ReadAllText(path), text, StringComparison.Ordinal))
            return path;
        // Beside, and then in its place: another session may be starting the old one right now.
        var temporary = path + "." + Path.GetRandomFileName();
        File.WriteAllText(temporary, text);
        if (!windows)
            File.SetUnixFileMode(temporary, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Move(temporary, path, overwrite: true);
        return path;
    }

    private static string Quoted(string path) => path.Replace("'", "'\\''", StringComparison.Ordinal);
}
