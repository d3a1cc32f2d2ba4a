using System.Globalization;
using MeshTools.GoogleCloud;
using MeshTools.Operations;

namespace MeshTools.Fleet;

/// <summary>A client for Google Cloud that tells an operation's log what it waits for.</summary>
public static class CloudSession
{
    /// <summary>Makes a client with the credential of the environment. Nothing is read or sent before its first request.</summary>
    /// <param name="log">Takes repetitions and the progress of operations.</param>
    /// <param name="options">The credential and the behaviour; by default what the environment says.</param>
    /// <returns>The client; dispose it.</returns>
    public static GoogleCloudClient Open(IOperationLog log, GoogleCloudOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(log);
        return new GoogleCloudClient((options ?? new GoogleCloudOptions()) with
        {
            OnRetry = log.Verbose,
            OnProgress = progress => log.Progress(new OperationProgress(
                "Waiting for Google Cloud", string.Create(CultureInfo.InvariantCulture, $"{progress.Activity}: {progress.Status} ({progress.Elapsed.TotalSeconds:0} s)"), 0, 1)),
        });
    }
}
