namespace MeshTools.Kubernetes;

/// <content>Watches.</content>
public sealed partial class KubernetesClient
{
    /// <summary>
    /// The objects that are there, then every change, until cancelled: list and watch, with bookmarks, reconnecting when the server ends the watch and
    /// listing again when it has forgotten where the watch was (410, as an answer or as an event). After such a list only differences are delivered, so no
    /// event comes twice and none is lost, though several changes of one object may come as one.
    /// </summary>
    /// <param name="type">The type.</param>
    /// <param name="ns">The namespace; <see langword="null"/> for all.</param>
    /// <param name="options">
    /// Which objects. With <see cref="ListOptions.ResourceVersion"/> only what happens after it: nothing is listed, unless the server has forgotten that version.
    /// </param>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <returns>The events. The enumeration fails when the first list fails, and whenever the server refuses the watch (401, 403, 404).</returns>
    public IAsyncEnumerable<WatchEvent> WatchAsync(
        ResourceType type, string? ns, ListOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(type);
        return new ResourceWatch(this, _transport, _options.TimeProvider, type, ns, options ?? new ListOptions()).RunAsync(cancellationToken);
    }
}
