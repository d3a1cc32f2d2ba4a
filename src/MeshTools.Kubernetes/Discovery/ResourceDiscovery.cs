using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>
/// What a cluster serves, by aggregated discovery where the server has it (two requests), else group by group (client-go discovery and restmapper).
/// Kept for the life of the client; a kind that is not found makes it ask once more.
/// </summary>
public sealed class ResourceDiscovery : IDisposable
{
    private readonly ClusterTransport _transport;
    private readonly ClientConfiguration _configuration;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private DiscoverySnapshot? _snapshot;

    internal ResourceDiscovery(ClusterTransport transport, ClientConfiguration configuration, TimeProvider clock)
    {
        _transport = transport;
        _configuration = configuration;
        _clock = clock;
    }

    /// <summary>Everything served: the core group first, then the groups in the server's order, each with its preferred version first.</summary>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The types.</returns>
    public async Task<IReadOnlyList<ResourceType>> GetResourcesAsync(CancellationToken cancellationToken = default) =>
        (await SnapshotAsync(outdated: null, cancellationToken).ConfigureAwait(false)).Types;

    /// <summary>Groups and versions that could not be asked (an API service that does not answer); empty when all is well.</summary>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The failures, such as <c>metrics.k8s.io/v1beta1: the server is currently unable to handle the request</c>.</returns>
    public async Task<IReadOnlyList<string>> GetFailuresAsync(CancellationToken cancellationToken = default) =>
        (await SnapshotAsync(outdated: null, cancellationToken).ConfigureAwait(false)).Failures;

    /// <summary>Forgets what is known, for example after CustomResourceDefinitions were changed.</summary>
    public void Invalidate() => Volatile.Write(ref _snapshot, null);

    /// <summary>The type of a kind.</summary>
    /// <param name="apiVersion">For example <c>networking.istio.io/v1</c>.</param>
    /// <param name="kind">For example <c>Gateway</c>.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The type.</returns>
    /// <exception cref="KindNotServedException">The server does not serve it, not even after asking again.</exception>
    public async Task<ResourceType> ResolveAsync(string apiVersion, string kind, CancellationToken cancellationToken = default) =>
        await TryResolveAsync(s => s.Find(apiVersion, kind), cancellationToken).ConfigureAwait(false)
            ?? throw NotServed($"{kind} of {apiVersion}");

    /// <summary>
    /// The type that a person means: a kind, a plural, a singular or a short name, alone (<c>deploy</c>), with a group (<c>gateways.networking.istio.io</c>)
    /// or with version and group (<c>deployments.v1.apps</c>). Upper and lower case do not count.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The type. Where several groups have it, the first group in the server's order wins, as with kubectl.</returns>
    /// <exception cref="KindNotServedException">No type has the name, or a short name means several.</exception>
    public async Task<ResourceType> ResolveAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return await TryResolveAsync(s => s.Find(name), cancellationToken).ConfigureAwait(false) ?? throw NotServed(name);
    }

    /// <summary>
    /// Waits until a CustomResourceDefinition is established, its names are accepted, and discovery lists it in every served version.
    /// </summary>
    /// <param name="definition">The CustomResourceDefinition's name, for example <c>gateways.networking.istio.io</c>.</param>
    /// <param name="timeout">How long.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The type in its first served version.</returns>
    /// <exception cref="WaitTimeoutException">It did not happen in time.</exception>
    public Task<ResourceType> WaitForDefinitionAsync(string definition, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(definition);
        return new DefinitionWait(_transport, _configuration, this, _clock).RunAsync(definition, timeout, cancellationToken);
    }

    /// <summary>Frees what the discovery holds.</summary>
    public void Dispose() => _gate.Dispose();

    private async Task<ResourceType?> TryResolveAsync(Func<DiscoverySnapshot, ResourceType?> find, CancellationToken cancellationToken)
    {
        var known = Volatile.Read(ref _snapshot);
        var snapshot = known ?? await SnapshotAsync(outdated: null, cancellationToken).ConfigureAwait(false);
        if (Find(snapshot) is { } type)
            return type;

        // The kind may be newer than what is known; what was asked for just now is not asked again.
        return known is null ? null : Find(await SnapshotAsync(known, cancellationToken).ConfigureAwait(false));

        ResourceType? Find(DiscoverySnapshot s)
        {
            try
            {
                return find(s);
            }
            catch (KindNotServedException e) when (e.Endpoint is null)
            {
                throw new KindNotServedException(e.Kind, e.Message, e.Candidates)
                {
                    Endpoint = _configuration.Server, ContextName = _configuration.ContextName,
                };
            }
        }
    }

    private async Task<DiscoverySnapshot> SnapshotAsync(DiscoverySnapshot? outdated, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _snapshot) is { } known && !ReferenceEquals(known, outdated))
            return known;
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (Volatile.Read(ref _snapshot) is { } newer && !ReferenceEquals(newer, outdated))
                return newer;
            var snapshot = await new DiscoveryQuery(_transport).RunAsync(cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _snapshot, snapshot);
            return snapshot;
        }
        finally
        {
            _gate.Release();
        }
    }

    private KindNotServedException NotServed(string what)
    {
        var failures = Volatile.Read(ref _snapshot)?.Failures ?? [];
        var rest = failures.Count == 0 ? "" : $" (not all groups could be asked: {string.Join("; ", failures)})";
        return new KindNotServedException(what, $"the server does not serve {what}{rest}")
        {
            Endpoint = _configuration.Server, ContextName = _configuration.ContextName,
        };
    }
}
