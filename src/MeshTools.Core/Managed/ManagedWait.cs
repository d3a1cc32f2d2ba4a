using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.GoogleCloud;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Managed;

/// <summary>Waits for what Google does, and says why it does not get on.</summary>
internal sealed class ManagedWait(ManagedReading reading, ManagedInstallOptions options, GoogleCloudClient client, IOperationLog log)
{
    private const string Activity = "Waiting for the managed control plane";

    // What was wrong before somebody mended it is reported for a while.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private string? _said;

    private MeshCluster Cluster => reading.Cluster;

    /// <summary>Until the fleet reports that the control plane of a member is ready.</summary>
    /// <exception cref="MeshException">It cannot be provided, or not in time.</exception>
    internal async Task<MembershipMeshState?> ForFleetAsync(Membership member, CancellationToken cancellationToken)
    {
        var before = reading.State;
        var (state, isOver) = await client.Fleet.WatchMeshAsync(options.FleetProject, member.Location, member.Name, IsOver, options.Timeout, cancellationToken).ConfigureAwait(false);
        if (isOver && !IsStuck(state))
        {
            foreach (var condition in state!.Conditions.Where(condition => condition.Severity is "ERROR" or "WARNING"))
                log.Warning($"{Cluster.Name}: {ManagedConditions.TextOf(condition)}");
            return state;
        }

        var text = ManagedConditions.TextOf(state);
        throw IsStuck(state)
            ? new MeshException(ErrorCatalog.ManagedProvisioningFailed, $"{Cluster.Name}: the managed control plane of {member.Location}/{member.Name} does not come up: {text}", Cluster, await ActionAsync(state, cancellationToken).ConfigureAwait(false))
            : new MeshException(ErrorCatalog.ManagedProvisioningTimeout, $"{Cluster.Name}: the managed control plane of {member.Location}/{member.Name} is not ready after {Duration}: {text}", Cluster, await ActionAsync(state, cancellationToken).ConfigureAwait(false));

        bool IsOver(MembershipMeshState? now, TimeSpan elapsed)
        {
            Say(ManagedConditions.TextOf(now));
            if (IsReady(now))
                return true;
            return IsStuck(now) && (elapsed >= s_patience || !string.Equals(now!.UpdateTime, before?.UpdateTime, StringComparison.Ordinal) || !string.Equals(now.ControlPlane, before?.ControlPlane, StringComparison.Ordinal));
        }
    }

    /// <summary>Until the definition of ControlPlaneRevisions is served.</summary>
    /// <exception cref="MeshException">It does not come in time.</exception>
    internal async Task ForDefinitionAsync(CancellationToken cancellationToken)
    {
        var kubernetes = Cluster.Connect();
        if (!reading.IsDefined)
            Say($"waiting for the definition {ManagedRevision.Definition}");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Timeout);
        try
        {
            var established = WaitCondition.Predicate("established", definition => definition.FindCondition("Established").FindString("status") is "True");
            await kubernetes.WaitAsync(ResourceTypes.CustomResourceDefinition, null, ManagedRevision.Definition, established, options.Timeout, limit.Token).ConfigureAwait(false);
            var sample = KubernetesObject.Create(ManagedRevision.Type.ApiVersion, ManagedRevision.Type.Kind, "any", ManagedReading.Namespace);
            // It is established a moment before it is served.
            while (!await IsServedAsync(kubernetes, sample, limit.Token).ConfigureAwait(false))
                await Task.Delay(TimeSpan.FromMilliseconds(200), limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is WaitTimeoutException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new MeshException(ErrorCatalog.ControlPlaneRevisionNotServed, $"{Cluster.Name}: {ManagedRevision.Definition} was not there after {Duration}", Cluster, innerException: e);
        }
    }

    /// <summary>Until a ControlPlaneRevision is provided.</summary>
    /// <exception cref="MeshException">It cannot be provided, or not in time.</exception>
    internal async Task ForRevisionAsync(string name, CancellationToken cancellationToken)
    {
        var before = Stall(reading.Revisions.FirstOrDefault(revision => string.Equals(revision.Name, name, StringComparison.Ordinal))?.Live);
        KubernetesObject? last = null;
        try
        {
            var over = WaitCondition.Predicate(ManagedRevision.Finished, live =>
            {
                last = live;
                var revision = new ManagedRevision(live);
                Say($"{name}: {revision.State}{(revision.Problem is { } problem ? ": " + problem : "")}");
                return revision.IsReady || (ManagedState.IsStuck(revision.State) && !string.Equals(Stall(live), before, StringComparison.Ordinal));
            });
            last = await Cluster.Connect().WaitAsync(ManagedRevision.Type, ManagedReading.Namespace, name, over, options.Timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (WaitTimeoutException)
        {
            // What it said last decides.
        }

        var result = last is null ? null : new ManagedRevision(last);
        if (result is { IsReady: true })
            return;
        var state = await FleetStateAsync(cancellationToken).ConfigureAwait(false);
        var text = $"{result?.State ?? "not there"}{(result?.Problem is { } why ? $" ({why})" : "")}{(state is { Conditions.Count: > 0 } ? "; the fleet says: " + string.Join("; ", state.Conditions.Select(ManagedConditions.TextOf)) : "")}";
        throw ManagedState.IsStuck(result?.State)
            ? new MeshException(ErrorCatalog.ManagedProvisioningFailed, $"{Cluster.Name}: ControlPlaneRevision {name} does not come up: {text}", Cluster, await ActionAsync(state, cancellationToken).ConfigureAwait(false))
            : new MeshException(ErrorCatalog.ManagedProvisioningTimeout, $"{Cluster.Name}: ControlPlaneRevision {name} is not ready after {Duration}: {text}", Cluster, await ActionAsync(state, cancellationToken).ConfigureAwait(false));
    }

    private string Duration => options.Timeout < TimeSpan.FromMinutes(2) ? $"{options.Timeout.TotalSeconds:0.#} s" : $"{options.Timeout.TotalMinutes:0.#} min";

    private static bool IsReady(MembershipMeshState? state) => state is not null && (ManagedState.IsGood(state.ControlPlane) || state.ControlPlaneDetails.Contains("REVISION_READY", StringComparer.Ordinal));

    private static bool IsStuck(MembershipMeshState? state) => !IsReady(state) && ManagedState.IsStuck(state?.ControlPlane);

    private static string? Stall(KubernetesObject? live) => live?.FindCondition("Stalled") is { } condition && condition.FindString("status") is "True" ? condition.FindString("lastTransitionTime") ?? "" : null;

    private static async Task<bool> IsServedAsync(KubernetesClient kubernetes, KubernetesObject sample, CancellationToken cancellationToken)
    {
        try
        {
            await kubernetes.TypeOfAsync(sample, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (KindNotServedException)
        {
            return false;
        }
    }

    private void Say(string text)
    {
        log.Progress(new OperationProgress(Activity, text, 0, 1, Cluster.Name));
        if (string.Equals(text, _said, StringComparison.Ordinal))
            return;
        _said = text;
        log.Verbose($"{Cluster.Name}: {text}");
    }

    // Only to say more; the error stands without it.
    private async Task<MembershipMeshState?> FleetStateAsync(CancellationToken cancellationToken)
    {
        try
        {
            var gke = await client.Clusters.GetAsync(reading.Gke.ProjectId, reading.Gke.Location, reading.Gke.Name, cancellationToken).ConfigureAwait(false);
            return gke.Membership?.Split('/') is ["projects", _, "locations", var location, "memberships", var name]
                ? (await client.Fleet.FindMeshFeatureAsync(options.FleetProject, cancellationToken).ConfigureAwait(false))?.StateOf(location, name)
                : null;
        }
        catch (GoogleApiException)
        {
            return null;
        }
    }

    private async Task<string?> ActionAsync(MembershipMeshState? state, CancellationToken cancellationToken)
    {
        string? number = null;
        try
        {
            number = (await client.Projects.GetAsync(options.FleetProject, cancellationToken).ConfigureAwait(false)).Number;
        }
        catch (GoogleApiException)
        {
            // The advice names a placeholder then.
        }

        return ManagedConditions.ActionFor(state, reading.Gke, number);
    }
}
