using System.Text.Json.Nodes;

namespace MeshTools.GoogleCloud;

/// <summary>Waits for operations. Giving up the wait does not end the operation; a lost connection does not end the wait.</summary>
internal sealed class OperationWait(GoogleTransport transport, GoogleCloudOptions options)
{
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(10);

    /// <summary>Waits for a <c>google.longrunning.Operation</c>.</summary>
    /// <param name="api">The API that gave it.</param>
    /// <param name="operation">The operation as given.</param>
    /// <param name="activity">What it does, for progress and errors.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The response; empty when there is none.</returns>
    /// <exception cref="GoogleApiException">It ended with an error.</exception>
    /// <exception cref="GoogleOperationTimeoutException">It takes too long.</exception>
    internal async Task<JsonObject> LongRunningAsync(GoogleApi api, JsonObject operation, string activity, CancellationToken cancellationToken)
    {
        // Service Usage says so when there is nothing to do; the name cannot be asked for.
        var done = await PollAsync(operation, o => o.Flag("done"), o => $"v1/{o.Text("name")}", o => o.Text("metadata", "statusDetail") ?? o.Text("metadata", "statusMessage") ?? "running", api, activity, cancellationToken)
            .ConfigureAwait(false);
        return done["error"] is JsonObject error ? throw Failure(api, activity, GoogleError.Parse(error)) : done["response"] as JsonObject ?? [];
    }

    /// <summary>Waits for an operation of GKE. It is over when its status says so; that it succeeded is said by what is not there.</summary>
    internal async Task ContainerAsync(JsonObject operation, string location, string activity, CancellationToken cancellationToken)
    {
        var done = await PollAsync(
            operation, o => o.Text("status") is "DONE", o => $"v1/{location}/operations/{o.Text("name")}", o => o.Text("detail") ?? o.Text("status") ?? "running", GoogleApi.Container, activity, cancellationToken)
            .ConfigureAwait(false);
        if (done["error"] is JsonObject error)
            throw Failure(GoogleApi.Container, activity, GoogleError.Parse(error));
        if (done.Text("statusMessage") is { } message)
            throw Failure(GoogleApi.Container, activity, new GoogleError { Message = message });
    }

    private async Task<JsonObject> PollAsync(
        JsonObject operation, Func<JsonObject, bool> isDone, Func<JsonObject, string> path, Func<JsonObject, string> status, GoogleApi api, string activity, CancellationToken cancellationToken)
    {
        var started = options.TimeProvider.GetTimestamp();
        var pause = options.FirstDelay;
        while (!isDone(operation))
        {
            var elapsed = options.TimeProvider.GetElapsedTime(started);
            if (elapsed > options.OperationTimeout)
                throw new GoogleOperationTimeoutException(activity, operation.Text("name") ?? "", options.OperationTimeout);
            options.OnProgress?.Invoke(new GoogleOperationProgress(activity, status(operation), elapsed));
            await Task.Delay(pause, options.TimeProvider, cancellationToken).ConfigureAwait(false);
            pause = pause * 1.5 < s_longestPause ? pause * 1.5 : s_longestPause;
            operation = await transport.SendAsync(GoogleRequest.Get(api, path(operation), activity), cancellationToken).ConfigureAwait(false);
        }

        return operation;
    }

    private static GoogleApiException Failure(GoogleApi api, string activity, GoogleError error) =>
        new(error, GoogleTransport.Text(activity, error, error.Status.Length > 0 ? error.Status : "operation failed")) { Api = api, Resource = activity };
}
