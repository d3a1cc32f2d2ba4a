using System.Text.Json.Nodes;

namespace MeshTools.GoogleCloud;

/// <summary>The feature <c>servicemesh</c> of a fleet (gkehub/v1, Feature).</summary>
public sealed class MeshFeature
{
    private readonly JsonObject _json;

    internal MeshFeature(JsonObject json) => _json = json;

    /// <summary><c>ACTIVE</c>, or what else.</summary>
    public string State => _json.Text("resourceState", "state") ?? "";

    /// <summary>Whether it is enabled; an update does not switch it off.</summary>
    public bool IsEnabled => State is "ACTIVE" or "UPDATING" or "SERVICE_UPDATING";

    /// <summary>What the fleet is told to do for a membership: <c>MANAGEMENT_AUTOMATIC</c> and so on; <see langword="null"/> when nothing.</summary>
    /// <param name="location">The membership's location.</param>
    /// <param name="name">The membership's name.</param>
    /// <returns>The wish.</returns>
    public string? ManagementOf(string location, string name) => Of("membershipSpecs", location, name).Text("mesh", "management");

    /// <summary>What the fleet reports of a membership; <see langword="null"/> when nothing.</summary>
    /// <param name="location">The membership's location.</param>
    /// <param name="name">The membership's name.</param>
    /// <returns>The state.</returns>
    public MembershipMeshState? StateOf(string location, string name) => Of("membershipStates", location, name) is { } state ? new MembershipMeshState(state) : null;

    internal JsonObject? SpecOf(string location, string name) => Of("membershipSpecs", location, name);

    /// <summary>The key that the specification of a membership has, with the project's number or its ID; null when there is none.</summary>
    internal string? SpecKeyOf(string location, string name) => KeyOf("membershipSpecs", location, name);

    /// <summary>Changes with every write of the feature; null where Google tells none.</summary>
    internal string? Etag => _json.Text("etag");

    // Keys come back with the project's number, so only location and name are compared (as gcloud does).
    private string? KeyOf(string field, string location, string name) =>
        (_json[field] as JsonObject ?? []).FirstOrDefault(pair => pair.Key.EndsWith($"/locations/{location}/memberships/{name}", StringComparison.Ordinal)).Key;

    private JsonObject? Of(string field, string location, string name) => KeyOf(field, location, name) is { } key ? _json[field]?[key] as JsonObject : null;
}

/// <summary>What the fleet reports about the mesh of one membership.</summary>
public sealed class MembershipMeshState
{
    private readonly JsonObject _json;

    internal MembershipMeshState(JsonObject json) => _json = json;

    /// <summary><c>OK</c>, <c>WARNING</c> or <c>ERROR</c>.</summary>
    public string Code => _json.Text("state", "code") ?? "";

    /// <summary>The text to that.</summary>
    public string Description => _json.Text("state", "description") ?? "";

    /// <summary>The managed control plane: <c>ACTIVE</c>, <c>PROVISIONING</c>, <c>STALLED</c> and so on.</summary>
    public string ControlPlane => _json.Text("servicemesh", "controlPlaneManagement", "state") ?? "";

    /// <summary>What runs it: <c>ISTIOD</c> or <c>TRAFFIC_DIRECTOR</c>; <see langword="null"/> when the fleet does not say.</summary>
    public string? Implementation => _json.Text("servicemesh", "controlPlaneManagement", "implementation") is { } implementation && implementation is not "IMPLEMENTATION_UNSPECIFIED" ? implementation : null;

    /// <summary>When <see cref="Code"/> and the rest were written; <see langword="null"/> when the fleet does not say.</summary>
    public string? UpdateTime => _json.Text("state", "updateTime");

    /// <summary>The managed data plane.</summary>
    public string DataPlane => _json.Text("servicemesh", "dataPlaneManagement", "state") ?? "";

    /// <summary>Codes of the control plane's details, for example <c>REVISION_READY</c>.</summary>
    public IReadOnlyList<string> ControlPlaneDetails => [.. _json.Objects("servicemesh", "controlPlaneManagement", "details").Select(detail => detail.Text("code")).OfType<string>()];

    /// <summary>The texts to those codes, for example <c>Ready: asm-managed</c>.</summary>
    public IReadOnlyList<string> ControlPlaneTexts => [.. _json.Objects("servicemesh", "controlPlaneManagement", "details").Select(detail => detail.Text("details")).OfType<string>()];

    /// <summary>Conditions: code, severity, text and page. New codes come up all the time, so they are texts.</summary>
    public IReadOnlyList<MeshCondition> Conditions =>
    [
        .. _json.Objects("servicemesh", "conditions").Select(condition => new MeshCondition(
            condition.Text("code") ?? "", condition.Text("severity") ?? "", condition.Text("details") ?? "",
            Uri.TryCreate(condition.Text("documentationLink"), UriKind.Absolute, out var uri) ? uri : null)),
    ];
}

/// <summary>Something the fleet says about the mesh of a membership.</summary>
/// <param name="Code">The code, for example <c>WORKLOAD_IDENTITY_REQUIRED</c>.</param>
/// <param name="Severity"><c>ERROR</c>, <c>WARNING</c> or <c>INFO</c>.</param>
/// <param name="Details">The text.</param>
/// <param name="DocumentationUri">The page.</param>
public sealed record MeshCondition(string Code, string Severity, string Details, Uri? DocumentationUri);
