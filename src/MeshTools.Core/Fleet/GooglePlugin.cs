using MeshTools.GoogleCloud;
using MeshTools.Kubernetes;

namespace MeshTools.Fleet;

/// <summary>
/// Google's credential plugin (kubernetes/cloud-provider-gcp, cmd/gke-gcloud-auth-plugin), which kubeconfigs of GKE and of the Connect Gateway name. All that it gives is a Google access
/// token; so where it is not installed, this module's own does as well. Where it is, it is used: it knows the accounts that gcloud is signed in with.
/// </summary>
internal static class GooglePlugin
{
    private const string Command = "gke-gcloud-auth-plugin";
    private const string ImpersonationFlag = "--impersonate_service_account";

    /// <summary>The configuration, with Google's token in place of a plugin that is not there.</summary>
    internal static ClientConfiguration Replace(ClientConfiguration configuration) =>
        configuration.Credentials is ExecCredential { Plugin: var plugin } && IsGoogles(plugin.Command) && ExecutablePath.Find(plugin.Command) is null
            ? configuration.With(new GoogleClusterCredential(new GoogleCloudClient(new GoogleCloudOptions { ImpersonateServiceAccount = ImpersonatedBy(plugin.Arguments) })))
            : configuration;

    /// <summary>Whether a command is the plugin, by whatever path, and on Windows with its extension.</summary>
    internal static bool IsGoogles(string command) => command.Split('/', '\\')[^1] is Command or Command + ".exe";

    /// <summary>The account that the plugin is told to act as, in either form of a flag; null for none.</summary>
    internal static string? ImpersonatedBy(IReadOnlyList<string> arguments)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            if (arguments[i].StartsWith(ImpersonationFlag + "=", StringComparison.Ordinal))
                return arguments[i][(ImpersonationFlag.Length + 1)..];
            if (arguments[i] is ImpersonationFlag && i + 1 < arguments.Count)
                return arguments[i + 1];
        }

        return null;
    }
}
