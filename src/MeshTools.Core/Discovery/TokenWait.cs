using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;

namespace MeshTools.Discovery;

/// <summary>
/// Waits until the cluster has filled a token Secret. A missing service account shows here first: its Secret is removed, or never filled; then the account is made.
/// </summary>
internal sealed class TokenWait(MeshCluster cluster, RemoteSecretOptions options, KubernetesObject tokenSecret, bool accountSeen)
{
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(1);

    internal async Task<KubernetesObject> RunAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.TokenTimeout);
        try
        {
            return await PollAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MeshException(
                ErrorCatalog.TokenNotIssued,
                $"{cluster.Name}: {tokenSecret.Reference} was not filled with a token for service account {options.ServiceAccount} within {options.TokenTimeout.TotalSeconds:0.#} s",
                cluster);
        }
    }

    private async Task<KubernetesObject> PollAsync(CancellationToken cancellationToken)
    {
        var client = cluster.Connect();
        var accountChecked = accountSeen;
        for (var delay = s_firstDelay; ; delay = delay * 2 > s_longestDelay ? s_longestDelay : delay * 2)
        {
            // The controller needs a moment for what was made just now; a look before that is a request for nothing.
            await Task.Delay(delay, cancellationToken).ConfigureAwait(false);
            var secret = await client.FindAsync(ResourceTypes.Secret, options.Namespace, tokenSecret.Name, cancellationToken).ConfigureAwait(false);
            if (secret is not null && ReaderObjects.IsFilled(secret))
                return secret;
            // A controller that is merely busy fills the Secret within the first polls; then it is time to look for another cause.
            if (!accountChecked && (secret is null || delay > s_firstDelay * 4))
            {
                await EnsureAccountAsync(client, cancellationToken).ConfigureAwait(false);
                accountChecked = true;
            }

            if (secret is null)
                await CreateAsync(client, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task EnsureAccountAsync(KubernetesClient client, CancellationToken cancellationToken)
    {
        if (await client.FindAsync(ResourceTypes.ServiceAccount, options.Namespace, options.ServiceAccount, cancellationToken).ConfigureAwait(false) is null)
            await client.ApplyAsync(ReaderObjects.ServiceAccount(options.ServiceAccount, options.Namespace), cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    private async Task CreateAsync(KubernetesClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.CreateAsync(tokenSecret, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.IsAlreadyExists)
        {
            // The next poll reads it.
        }
    }
}
