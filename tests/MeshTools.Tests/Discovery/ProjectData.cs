namespace MeshTools.Tests.Discovery;

/// <summary>Files that are part of this project.</summary>
internal static class ProjectData
{
    public static string Text(string name)
    {
        using var reader = new StreamReader(typeof(ProjectData).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
