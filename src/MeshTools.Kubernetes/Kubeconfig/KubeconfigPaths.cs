namespace MeshTools.Kubernetes;

/// <summary>Where kubeconfigs are looked for (client-go clientcmd/loader.go, NewDefaultClientConfigLoadingRules).</summary>
internal static class KubeconfigPaths
{
    internal const string Variable = "KUBECONFIG";

    /// <summary>The files of KUBECONFIG, each once, empty elements left out; else the default file.</summary>
    internal static List<string> Default(string? variable)
    {
        var result = new List<string>();
        foreach (var element in (variable ?? "").Split(Path.PathSeparator))
        {
            if (element.Length > 0 && !result.Contains(element, StringComparer.Ordinal))
                result.Add(element);
        }

        if (string.IsNullOrEmpty(variable))
            result.Add(Path.Combine(Home(), ".kube", "config"));
        return result;
    }

    private static string Home()
    {
        // Go programs honour HOME on Windows too, when a .kube folder is there.
        var home = Environment.GetEnvironmentVariable("HOME");
        if (!string.IsNullOrEmpty(home) && (!OperatingSystem.IsWindows() || File.Exists(Path.Combine(home, ".kube", "config"))))
            return home;
        return Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
    }
}
