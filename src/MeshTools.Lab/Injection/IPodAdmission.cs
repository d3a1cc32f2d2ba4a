using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>The mutating webhooks that see a pod before it is made.</summary>
internal interface IPodAdmission
{
    /// <summary>The pod as it is to be made; null for no change.</summary>
    /// <exception cref="ApiStatusException">500 when a webhook that must be asked cannot be.</exception>
    JsonObject? Admit(string @namespace, JsonObject pod);
}
