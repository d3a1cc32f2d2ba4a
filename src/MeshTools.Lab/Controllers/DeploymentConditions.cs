using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>How many pods a rollout has and wants.</summary>
internal sealed record RolloutCounts(long Wanted, long Total, long Updated, long Ready);

/// <summary>The conditions of a Deployment: Available, Progressing, ReplicaFailure (k8s pkg/controller/deployment).</summary>
internal static class DeploymentConditions
{
    /// <summary>Writes them; says when to look again.</summary>
    public static TimeSpan? Write(ObjectStore store, JsonObject json, JsonObject status, RolloutCounts rollout, StoredObject? newSet)
    {
        var again = Progress(store, json, status, rollout, newSet);
        CopyFailure(store, status, newSet);
        return again;
    }

    private static TimeSpan? Progress(ObjectStore store, JsonObject json, JsonObject status, RolloutCounts rollout, StoredObject? newSet)
    {
        var now = Metadata.Timestamp(store.Clock);
        var unavailable = UnavailableAllowed(json, rollout.Wanted);
        if (rollout.Ready >= rollout.Wanted - unavailable)
        {
            Fields.SetCondition(status, now, "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", true);
        }
        else
        {
            Fields.SetCondition(
                status, now, "Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", true);
        }

        var name = newSet?.Key.Name ?? string.Empty;
        if (newSet is null)
        {
            return null;
        }

        if (rollout.Updated == rollout.Wanted && rollout.Total == rollout.Wanted && rollout.Ready >= rollout.Wanted)
        {
            Fields.SetCondition(
                status, now, "Progressing", "True", "NewReplicaSetAvailable", $"ReplicaSet \"{name}\" has successfully progressed.", true);
            return null;
        }

        var progressing = status.Objects("conditions").FirstOrDefault(condition => condition.Text("type") is "Progressing");
        var sameSet = progressing.Text("message")?.Contains($"\"{name}\"", StringComparison.Ordinal) == true;
        var deadline = TimeSpan.FromSeconds(json.Number(600, "spec", "progressDeadlineSeconds"));
        if (sameSet && progressing.Text("reason") is "ProgressDeadlineExceeded")
        {
            return null;
        }

        if (sameSet && progressing.Text("reason") is "ReplicaSetUpdated" &&
            DateTimeOffset.TryParse(progressing.Text("lastUpdateTime"), CultureInfo.InvariantCulture, out var since))
        {
            var left = since + deadline - store.Clock.GetUtcNow();
            if (left > TimeSpan.Zero)
            {
                return left;
            }

            Fields.SetCondition(
                status, now, "Progressing", "False", "ProgressDeadlineExceeded", $"ReplicaSet \"{name}\" has timed out progressing.", true);
            return null;
        }

        Fields.SetCondition(status, now, "Progressing", "True", "ReplicaSetUpdated", $"ReplicaSet \"{name}\" is progressing.", true);
        return deadline;
    }

    /// <summary>What keeps the ReplicaSet from making pods, the deployment says, too (k8s pkg/controller/deployment/sync.go).</summary>
    private static void CopyFailure(ObjectStore store, JsonObject status, StoredObject? newSet)
    {
        if (newSet?.Json.Objects("status", "conditions").FirstOrDefault(condition => condition.Text("type") is "ReplicaFailure") is { } failure)
        {
            Fields.SetCondition(
                status, Metadata.Timestamp(store.Clock), "ReplicaFailure", "True", failure.Text("reason"), failure.Text("message"), true);
        }
        else if (status["conditions"] is JsonArray conditions && conditions.FirstOrDefault(item => item.Text("type") is "ReplicaFailure") is { } old)
        {
            conditions.Remove(old);
        }
    }

    /// <summary>maxUnavailable as a count; a percentage is rounded down (k8s pkg/controller/deployment/util ResolveFenceposts).</summary>
    private static long UnavailableAllowed(JsonObject json, long replicas)
    {
        if (json.Text("spec", "strategy", "rollingUpdate", "maxUnavailable") is { } text && text.EndsWith('%'))
        {
            return long.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var percent) ? replicas * percent / 100 : 0;
        }

        return json.At("spec", "strategy", "rollingUpdate", "maxUnavailable") is null
            ? replicas / 4
            : json.Number(0, "spec", "strategy", "rollingUpdate", "maxUnavailable");
    }
}
