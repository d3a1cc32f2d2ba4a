using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>The part of admission that says no: quotas and validating webhooks, as far as the faults of a cluster ask for them.</summary>
internal sealed class FaultAdmission(FaultRules faults) : IWriteAdmission
{
    /// <inheritdoc/>
    public void Check(string operation, string group, string plural, string name)
    {
        if (faults.TakeRefusal(operation, plural) is not { } fault)
        {
            return;
        }

        // Wording of k8s pkg/quota/v1 admission and of pkg/admission/plugin/webhook/errors/statuserror.go.
        throw fault.Kind is FaultKind.QuotaExceeded
            ? ApiStatusException.Forbidden(
                group, plural, name, $"exceeded quota: {fault.Message ?? $"lab-quota, requested: count/{plural}=1, used: count/{plural}=10, limited: count/{plural}=10"}")
            : new ApiStatusException(
                403, "Forbidden", $"admission webhook \"policy.lab.example\" denied the request: {fault.Message ?? $"{plural} are not allowed by the lab's policy"}", new JsonObject());
    }
}
