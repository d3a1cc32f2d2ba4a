using Microsoft.AspNetCore.Http;

namespace MeshTools.Lab;

/// <summary>
/// What a kubelet does for the API server. Called after authentication and authorisation, with a pod that exists; each method answers the
/// request completely (upgrade and streams included).
/// </summary>
public interface IPodStreams
{
    /// <summary>Runs a command in a container (query: <c>command</c>, <c>container</c>, <c>stdin</c>, <c>stdout</c>, <c>stderr</c>, <c>tty</c>).</summary>
    Task ExecAsync(HttpContext context, string @namespace, string pod, StoredObject podObject);

    /// <summary>Carries bytes to ports of the pod.</summary>
    Task PortForwardAsync(HttpContext context, string @namespace, string pod, StoredObject podObject);

    /// <summary>Writes the log of a container.</summary>
    Task LogAsync(HttpContext context, string @namespace, string pod, StoredObject podObject);
}
