using System.Text.Json.Nodes;

namespace MeshTools.GoogleCloud;

/// <summary>The APIs of Google Cloud with one credential. Nothing is read or sent before the first request. Safe for parallel use.</summary>
public sealed class GoogleCloudClient : IDisposable
{
    private readonly GoogleCloudOptions _options;
    private readonly Lazy<IGoogleTokenSource> _tokens;
    private readonly Lazy<GoogleTransport> _transport;

    /// <summary>Makes a client.</summary>
    /// <param name="options">The credential and the behaviour.</param>
    public GoogleCloudClient(GoogleCloudOptions? options = null)
    {
        _options = options ?? new GoogleCloudOptions();
        _tokens = new Lazy<IGoogleTokenSource>(() => GoogleCredentials.Find(_options));
        _transport = new Lazy<GoogleTransport>(() => new GoogleTransport(_options, _tokens.Value));
        Projects = new ProjectsApi(this);
        Services = new ServicesApi(this);
        Clusters = new ClustersApi(this);
        Fleet = new FleetApi(this);
        MeshConfig = new MeshConfigApi(this);
        CertificateAuthorities = new CertificateAuthorityApi(this);
    }

    /// <summary>Projects and their IAM policies.</summary>
    public ProjectsApi Projects { get; }

    /// <summary>Which APIs projects have enabled.</summary>
    public ServicesApi Services { get; }

    /// <summary>Clusters of GKE.</summary>
    public ClustersApi Clusters { get; }

    /// <summary>Memberships and features of fleets.</summary>
    public FleetApi Fleet { get; }

    /// <summary>Mesh Config.</summary>
    public MeshConfigApi MeshConfig { get; }

    /// <summary>Pools and templates of CA Service.</summary>
    public CertificateAuthorityApi CertificateAuthorities { get; }

    /// <summary>The environment that this client goes by.</summary>
    public GoogleEnvironment Environment => _options.Environment;

    /// <summary>What the credential is, for messages.</summary>
    /// <exception cref="GoogleCredentialException">There is none.</exception>
    public string CredentialDescription => _tokens.Value.Description;

    /// <summary>A token for a cluster of GKE, which takes Google's own.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The token.</returns>
    /// <exception cref="GoogleCredentialException">There is none.</exception>
    public Task<AccessToken> GetTokenAsync(CancellationToken cancellationToken) => _tokens.Value.GetAsync(cancellationToken);

    /// <summary>Who the caller is, as IAM and GKE know it: an e-mail address, or <see langword="null"/> when neither the credential nor Google tells.</summary>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The address.</returns>
    /// <exception cref="GoogleCredentialException">There is no credential.</exception>
    public async Task<string?> FindAccountAsync(CancellationToken cancellationToken)
    {
        if (_tokens.Value.Account is { } known)
            return known;
        try
        {
            var answer = await SendAsync(GoogleRequest.Get(GoogleApi.OAuth2, "v1/userinfo", "the caller's account"), cancellationToken).ConfigureAwait(false);
            return answer.Text("email");
        }
        catch (GoogleApiException)
        {
            // A token without the scope for it; nothing depends on the name alone.
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_transport.IsValueCreated)
            _transport.Value.Dispose();
    }

    internal GoogleCloudOptions Options => _options;

    internal OperationWait Operations => new(_transport.Value, _options);

    internal Task<JsonObject> SendAsync(GoogleRequest request, CancellationToken cancellationToken) => _transport.Value.SendAsync(request, cancellationToken);

    /// <summary>All pages of a list.</summary>
    internal async Task<IReadOnlyList<JsonObject>> ListAsync(GoogleApi api, string path, string query, string resource, string field, CancellationToken cancellationToken)
    {
        var items = new List<JsonObject>();
        string? page = null;
        do
        {
            var next = page is null ? "" : "&pageToken=" + Uri.EscapeDataString(page);
            var answer = await SendAsync(GoogleRequest.Get(api, $"{path}?{query}{next}", resource), cancellationToken).ConfigureAwait(false);
            if (answer.Texts("unreachable") is { Count: > 0 } unreachable)
                throw new GoogleApiException(new GoogleError { Status = "UNAVAILABLE", Message = "incomplete" }, $"{resource}: no answer from {string.Join(", ", unreachable)}; what is there is not known") { Api = api, Resource = resource };
            items.AddRange(answer.Objects(field));
            page = answer.Text("nextPageToken");
        }
        while (page is not null);
        return items;
    }

    internal static string Segment(string text) => Uri.EscapeDataString(text);

    /// <summary>Does a read, change and write again while somebody else changes the same thing.</summary>
    internal async Task<T> WhileConflictingAsync<T>(Func<Task<T>> step, CancellationToken cancellationToken)
    {
        var pause = _options.FirstDelay;
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await step().ConfigureAwait(false);
            }
            catch (GoogleApiException e) when (e.IsConcurrentChange && attempt < _options.MaxRetries)
            {
                _options.OnRetry?.Invoke($"{e.Resource}: changed by somebody else at the same time; reading it again");
                await Task.Delay(pause, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
                pause *= 2;
            }
        }
    }
}
