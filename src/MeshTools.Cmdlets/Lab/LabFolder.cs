using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using MeshTools.Errors;

namespace MeshTools.Cmdlets;

/// <summary>
/// Where one lab keeps its files: a folder of its own, below one that only this user can enter. It holds who started the lab, the lab's state (with the token that commands
/// it), and its kubeconfig unless the user wants that elsewhere.
/// </summary>
internal sealed record LabFolder(string Id, string Path, int OwnerProcessId, bool Detached, DateTimeOffset StartedAt, int? LabProcessId = null)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    internal string StateFile => System.IO.Path.Combine(Path, "state.json");

    internal string Kubeconfig => System.IO.Path.Combine(Path, "lab.kubeconfig");

    private static string Root => System.IO.Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify) is { Length: > 0 } data
            ? data
            : System.IO.Path.GetTempPath(),
        "MeshTools",
        "labs");

    /// <summary>The folder that holds those of all labs; made when it is not there.</summary>
    /// <exception cref="MeshException">It cannot be made (<c>LabStartFailed</c>).</exception>
    internal static string MakeRoot()
    {
        Made(() => CreateDirectory(Root));
        return Root;
    }

    /// <summary>Makes the folder of a new lab.</summary>
    /// <exception cref="MeshException">It cannot be made or written (<c>LabStartFailed</c>).</exception>
    internal static LabFolder Create(bool detached)
    {
        MakeRoot();
        var id = "lab-" + RandomNumberGenerator.GetHexString(6, lowercase: true);
        var folder = new LabFolder(id, System.IO.Path.Combine(Root, id), Environment.ProcessId, detached, DateTimeOffset.UtcNow);
        Made(() =>
        {
            CreateDirectory(folder.Path);
            folder.Write();
        });
        return folder;
    }

    /// <summary>Notes which process the lab is, so that its end can be told from a start that takes long.</summary>
    internal void Note(int labProcessId) => (this with { LabProcessId = labProcessId }).Write();

    /// <summary>The folders of all labs of this user, the oldest first.</summary>
    internal static IReadOnlyList<LabFolder> All() => Directory.Exists(Root)
        ? [.. Directory.EnumerateDirectories(Root).Select(Read).OfType<LabFolder>().OrderBy(folder => folder.StartedAt)]
        : [];

    /// <summary>Whether nothing can come of this folder any more, when the lab does not say that it runs: it has ended, or nobody is starting it.</summary>
    internal bool IsAbandoned => LabProcessId is { } lab
        ? !IsAlive(lab)
        : !IsAlive(OwnerProcessId) || DateTimeOffset.UtcNow - StartedAt > TimeSpan.FromMinutes(10);

    internal static bool IsAlive(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Removes the folder and all in it.</summary>
    internal void Delete()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (Exception e) when (e is DirectoryNotFoundException or IOException or UnauthorizedAccessException)
        {
            // Another session was quicker, or the lab still has it open; the next Get-MeshLab removes it.
        }
    }

    private static LabFolder? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<Owner>(File.ReadAllBytes(OwnerFile(path)), LabState.Format) is { } owner
                ? new LabFolder(System.IO.Path.GetFileName(path), path, owner.ProcessId, owner.Detached, owner.StartedAt, owner.LabProcessId)
                : null;
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string OwnerFile(string path) => System.IO.Path.Combine(path, "owner.json");

    // A home that is read-only, or that is not there, is nothing rare in containers and pipelines.
    private static void Made(Action make)
    {
        try
        {
            make();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var advice = OperatingSystem.IsWindows() ? "Make it writable." : "Make it writable, or name another with XDG_DATA_HOME: $env:XDG_DATA_HOME = '/tmp/mesh'";
            throw new MeshException(ErrorCatalog.LabStartFailed, $"a lab keeps its files below {Root}, which cannot be written: {e.Message}", Root, advice, e);
        }
    }

    private static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, OwnerOnly);
    }

    private void Write()
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(new Owner(OwnerProcessId, Detached, StartedAt, LabProcessId), LabState.Format);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var stream = new FileStream(OwnerFile(Path), options);
        stream.Write(content);
    }

    private sealed record Owner(int ProcessId, bool Detached, DateTimeOffset StartedAt, int? LabProcessId);
}
