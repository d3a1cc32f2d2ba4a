using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace MeshTools.Cmdlets;

/// <summary>Speaks to running labs through the control address in their state files.</summary>
internal static class LabControl
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The labs of this user that run. What is left of others is removed.</summary>
    internal static async Task<IReadOnlyList<MeshLab>> FindAllAsync(CancellationToken cancellationToken) =>
        [.. (await Task.WhenAll(LabFolder.All().Select(folder => FindAsync(folder, cancellationToken))).ConfigureAwait(false)).OfType<MeshLab>()];

    /// <summary>Tells a lab to end, and waits for it.</summary>
    internal static async Task StopAsync(MeshLab lab, CancellationToken cancellationToken)
    {
        if (await LabState.ReadAsync(lab.StateFile, cancellationToken).ConfigureAwait(false) is { } state)
        {
            using var process = ProcessOf(state);
            using var client = Connect(state);
            using var answer = await client.PostAsJsonAsync("stop", new { }, cancellationToken).ConfigureAwait(false);
            answer.EnsureSuccessStatusCode();
            if (process is not null)
                await EndAsync(process, cancellationToken).ConfigureAwait(false);
        }

        lab.Folder.Delete();
    }

    private static System.Diagnostics.Process? ProcessOf(LabState state)
    {
        try
        {
            return System.Diagnostics.Process.GetProcessById(state.Pid);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static async Task EndAsync(System.Diagnostics.Process process, CancellationToken cancellationToken)
    {
        try
        {
            await process.WaitForExitAsync(cancellationToken).WaitAsync(Patience, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // It has just answered with its token, so the process is the lab and no other that got its number.
            process.Kill(entireProcessTree: true);
        }
    }

    private static async Task<MeshLab?> FindAsync(LabFolder folder, CancellationToken cancellationToken)
    {
        var state = await LabState.ReadAsync(folder.StateFile, cancellationToken).ConfigureAwait(false);
        if (state is null)
        {
            if (folder.IsAbandoned)
                folder.Delete();
            return null;
        }

        try
        {
            using var client = Connect(state);
            var status = await client.GetFromJsonAsync<Status>("status", LabState.Format, cancellationToken).ConfigureAwait(false);
            return new MeshLab(folder, state, [.. (status?.Clusters ?? []).Select(cluster => Describe(cluster, state))])
            {
                Releases = state.Releases is { } releases && status?.ReleaseServer is { } served ? new MeshLabReleases(releases, served.Requests, served.Faults) : null,
                GoogleCloud = state.GoogleCloud is { } google && status?.GoogleCloud is { } seen ? new MeshLabGoogleCloud(google, seen.Requests, seen.Writes, seen.Faults) : null,
            };
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Somebody else may have its port by now; only a process that is gone, or that does not know the token, is surely no lab.
            if (!LabFolder.IsAlive(state.Pid) || e is HttpRequestException { StatusCode: not null })
                folder.Delete();
            return null;
        }
    }

    private static MeshLabCluster Describe(ClusterStatus cluster, LabState state) => new(
        cluster.Name,
        state.Clusters.FirstOrDefault(known => string.Equals(known.Name, cluster.Name, StringComparison.Ordinal))?.Context ?? cluster.Name,
        cluster.Server,
        cluster.Listening,
        cluster.Requests,
        cluster.Writes,
        cluster.Faults);

    private static HttpClient Connect(LabState state)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = state.ControlUrl, Timeout = Patience };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", state.ControlToken);
        return client;
    }

    private sealed record Status(IReadOnlyList<ClusterStatus> Clusters, GoogleStatus? GoogleCloud = null, ReleaseStatus? ReleaseServer = null);

    private sealed record GoogleStatus(int Requests, int Writes, IReadOnlyList<string> Faults);

    private sealed record ReleaseStatus(int Requests, IReadOnlyList<string> Faults);

    private sealed record ClusterStatus(string Name, Uri Server, bool Listening, int Requests, int Writes, IReadOnlyList<string> Faults);
}
