using MeshTools.Clusters;
using MeshTools.Kubernetes;

namespace MeshTools.Verify;

/// <summary>Makes the calls of one cluster.</summary>
/// <param name="options">How.</param>
/// <param name="targets">The clusters that should answer.</param>
internal sealed class SourceRun(ConnectivityOptions options, IReadOnlyList<ServiceView> targets)
{
    // So many calls that run into the time limit say as much as twenty, and take long enough.
    private const int EnoughTimeouts = 5;

    // Chance that a target which takes its turn is not met all the same: one in ten thousand.
    private const double Doubt = 1e-4;

    private const int MostExtraCalls = 500;

    private readonly AnswerSource _answers = new(targets);

    /// <summary>Makes them.</summary>
    /// <param name="calls">Takes what they come to; it is complete at any time but for calls under way.</param>
    /// <param name="progress">Takes the number of calls made.</param>
    /// <param name="cancellationToken">Ends them.</param>
    /// <exception cref="KubernetesException">The cluster does not answer.</exception>
    internal async Task RunAsync(SourceCalls calls, Action<int> progress, CancellationToken cancellationToken)
    {
        var (client, problem) = await ClientPod.FindAsync(calls.Source, options, cancellationToken).ConfigureAwait(false);
        if (client is null)
        {
            calls.ClientProblem = problem;
            calls.ClientFix = IsSample ? $"Get-MeshCluster {calls.Source.Name} | Install-MeshSample" : "Name the pods that call with -ClientSelector, -ClientNamespace and -ClientContainer.";
            return;
        }

        calls.Client = client;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var timeouts = 0;
        try
        {
            calls.Before = await ProxyEndpoint.ReadAsync(client, options, cancellationToken).ConfigureAwait(false);
            var session = new CallSession(client, options);
            await session.RunAsync(options.Count, Take, cancellationToken).ConfigureAwait(false);
            // Targets take turns by chance. One that was not met, while nothing failed and the answers can be told apart, gets more calls before it counts as silent.
            var extra = Math.Min(MostExtraCalls, Needed() - options.Count);
            if (extra > 0 && IsWorthMore(calls))
                await session.RunAsync(extra, call => Take(call) && seen.Count < targets.Count, cancellationToken).ConfigureAwait(false);
            calls.After = await ProxyEndpoint.ReadAsync(client, options, cancellationToken).ConfigureAwait(false);
        }
        catch (ClientException e)
        {
            calls.ClientProblem = e.Message;
            calls.ClientFix = e.LacksCurl ? "Name a container that has curl with -ClientContainer, or pods that have one with -ClientSelector; Install-MeshSample installs such a client."
                : e.InnerException is KubernetesApiException { IsForbidden: true } ? $"Ask for a role that allows get and create of pods/exec in namespace {client.Namespace}, or use another context."
                : "Run the command again; if it stays, look at the pod's node and at the API server's way to it.";
        }

        bool Take(CallOutcome call)
        {
            progress(calls.Add(call));
            if (call.Succeeded && _answers.Of(call).Cluster is { } answered)
                seen.Add(answered.Name);
            return !call.TimedOut || ++timeouts < EnoughTimeouts;
        }

        bool IsWorthMore(SourceCalls made) => seen.Count > 0 && seen.Count < targets.Count && made.Outcomes.All(call => call.Succeeded);
    }

    internal AnswerSource Answers => _answers;

    private bool IsSample => options.Service is "helloworld" && options.Namespace is "sample";

    // How many calls it takes until a target with the smallest share has had its turn.
    private int Needed()
    {
        var all = targets.Sum(target => target.Addresses.Count());
        var least = targets.Select(target => target.Addresses.Count()).Where(count => count > 0).DefaultIfEmpty(0).Min();
        return all == 0 || least == 0 || least == all ? 0 : (int)Math.Ceiling(Math.Log(Doubt) / Math.Log(1 - ((double)least / all)));
    }
}
