using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;

namespace MeshTools.Discovery;

/// <summary>
/// Waits until the cluster has filled a token Secret: one watch from where it was made. A missing service account shows here first: its Secret is removed, or never filled; then
/// the account is made.
/// </summary>
/// <param name="cluster">The cluster.</param>
/// <param name="options">Which account, and how long.</param>
/// <param name="tokenSecret">The Secret as it was made; without a resource version when somebody else made it.</param>
/// <param name="accountSeen">Whether the account is known to be there.</param>
internal sealed class TokenWait(MeshCluster cluster, RemoteSecretOptions options, KubernetesObject tokenSecret, bool accountSeen)
{
    // A controller that is merely busy fills the Secret before; then it is time to look for another cause.
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_pollDelay = TimeSpan.FromMilliseconds(500);

    internal async Task<KubernetesObject> RunAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.TokenTimeout);
        try
        {
            return await WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MeshException(
                ErrorCatalog.TokenNotIssued,
                $"{cluster.Name}: {tokenSecret.Reference} was not filled with a token for service account {options.ServiceAccount} within {options.TokenTimeout.TotalSeconds:0.#} s",
                cluster);
        }
    }

    private async Task<KubernetesObject> WaitAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var filled = FollowAsync(stop.Token);
        try
        {
            if (!accountSeen && await Task.WhenAny(filled, Task.Delay(s_patience, stop.Token)).ConfigureAwait(false) != filled)
                await EnsureAccountAsync(stop.Token).ConfigureAwait(false);
            return await filled.ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)filled).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<KubernetesObject> FollowAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await WatchAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.IsForbidden)
        {
            // Who may get Secrets need not be allowed to watch them.
            return await PollAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<KubernetesObject> WatchAsync(CancellationToken cancellationToken)
    {
        var which = new ListOptions { FieldSelector = $"metadata.name={tokenSecret.Name}", ResourceVersion = tokenSecret.ResourceVersion };
        var there = tokenSecret.ResourceVersion is not null;
        await foreach (var change in cluster.Connect().WatchAsync(ResourceTypes.Secret, options.Namespace, which, cancellationToken).ConfigureAwait(false))
        {
            if (change.Type is WatchEventType.Added or WatchEventType.Modified)
            {
                there = true;
                if (ReaderObjects.IsFilled(change.Object))
                    return change.Object;
            }
            else if (change.Type == WatchEventType.Deleted || !there)
            {
                there = false;
                await MakeAgainAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        throw new OperationCanceledException(cancellationToken);
    }

    private async Task<KubernetesObject> PollAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var secret = await cluster.Connect().FindAsync(ResourceTypes.Secret, options.Namespace, tokenSecret.Name, cancellationToken).ConfigureAwait(false);
            if (secret is not null && ReaderObjects.IsFilled(secret))
                return secret;
            if (secret is null)
                await MakeAgainAsync(cancellationToken).ConfigureAwait(false);
            await Task.Delay(s_pollDelay, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task MakeAgainAsync(CancellationToken cancellationToken)
    {
        await EnsureAccountAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await cluster.Connect().CreateAsync(ReaderObjects.TokenSecret(tokenSecret.Name, options.Namespace, options.ServiceAccount), cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.IsAlreadyExists)
        {
            // It will be seen.
        }
    }

    private async Task EnsureAccountAsync(CancellationToken cancellationToken)
    {
        var client = cluster.Connect();
        if (await client.FindAsync(ResourceTypes.ServiceAccount, options.Namespace, options.ServiceAccount, cancellationToken).ConfigureAwait(false) is null)
            await client.ApplyAsync(ReaderObjects.ServiceAccount(options.ServiceAccount, options.Namespace), cancellationToken: cancellationToken).ConfigureAwait(false);
    }
}
