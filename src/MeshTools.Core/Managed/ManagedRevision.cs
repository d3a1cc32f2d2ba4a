using MeshTools.Kubernetes;

namespace MeshTools.Managed;

/// <summary>A ControlPlaneRevision (<c>mesh.cloud.google.com/v1beta1</c>): a control plane that Google runs for the cluster, and what Google says of it.</summary>
internal sealed class ManagedRevision
{
    /// <summary>The definition, which Google installs in members of a fleet with the service mesh feature.</summary>
    internal const string Definition = "controlplanerevisions.mesh.cloud.google.com";

    /// <summary>What Google's fleet controller made carries this label with the value <see cref="Google"/>.</summary>
    internal const string OwnerLabel = "istio.io/owned-by";
    internal const string Google = "mesh.googleapis.com";
    internal const string CreatedByLabel = "app.kubernetes.io/created-by";
    internal const string ManagedCniLabel = "mesh.cloud.google.com/managed-cni-enabled";
    internal const string VpcScAnnotation = "mesh.cloud.google.com/vpcsc";
    internal const string TagsAnnotation = "mesh.cloud.google.com/tags";

    internal const string Finished = "ProvisioningFinished";

    internal ManagedRevision(KubernetesObject live) => Live = live;

    internal static ResourceType Type { get; } = new("mesh.cloud.google.com", "v1beta1", "ControlPlaneRevision", "controlplanerevisions", Namespaced: true);

    /// <summary>The object.</summary>
    internal KubernetesObject Live { get; }

    /// <summary>The revision.</summary>
    internal string Name => Live.Name;

    /// <summary><c>regular</c>, <c>rapid</c> or <c>stable</c>.</summary>
    internal string? Channel => Live.FindString("spec", "channel");

    /// <summary>Whether Google's own fleet controller made it: then the fleet API decides about it.</summary>
    internal bool IsOwnedByGoogle => Live.Labels.GetValueOrDefault(OwnerLabel) is Google;

    /// <summary>Whether it can be used.</summary>
    internal bool IsReady => ManagedState.IsGood(State);

    /// <summary>In the fleet's words: <c>ACTIVE</c>, <c>PROVISIONING</c> or <c>STALLED</c>; <c>DEPROVISIONING</c> while it is being deleted.</summary>
    internal string State =>
        Live.DeletionTimestamp is not null ? ManagedState.Deprovisioning
        : Is("Stalled") ? ManagedState.Stalled
        : Is(Finished) && IsCurrent(Finished) ? ManagedState.Active
        : ManagedState.Provisioning;

    /// <summary>What Google says about it while it is not ready, as <c>REASON: message</c>; <see langword="null"/> for nothing.</summary>
    internal string? Problem
    {
        get
        {
            if (IsReady)
                return null;
            // A condition that stalls says why; else what has not come true yet does.
            var telling = Is("Stalled") ? Live.FindCondition("Stalled") : Live.FindCondition("Reconciled") ?? Live.FindCondition(Finished);
            return telling.FindString("message") is { Length: > 0 } message ? $"{telling.FindString("reason")}: {message}" : null;
        }
    }

    private bool Is(string type) => Live.FindCondition(type).FindString("status") is "True";

    private bool IsCurrent(string type) => Live.FindCondition(type).FindInt64("observedGeneration") is not { } seen || seen >= Live.Generation;
}
