using System.Text.Json.Nodes;

namespace MeshTools.GoogleCloud;

/// <summary>Who has which role on a resource. Immutable; holds everything that was read, so that a write gives it all back.</summary>
public sealed class IamPolicy
{
    private readonly JsonObject _json;

    internal IamPolicy(JsonObject json) => _json = json;

    /// <summary>What tells this state of the policy from a later one; empty for a resource without a policy.</summary>
    public string Etag => _json.Text("etag") ?? "";

    /// <summary>Whether a member has a role here directly and without a condition.</summary>
    /// <param name="role">For example <c>roles/gkehub.admin</c>.</param>
    /// <param name="member">For example <c>user:me@example.com</c>.</param>
    /// <returns><see langword="true"/> when it has.</returns>
    public bool Grants(string role, string member) => Unconditional(_json, role).Any(binding => Members(binding).Contains(member, StringComparer.OrdinalIgnoreCase));

    /// <summary>Whether any binding names a member.</summary>
    /// <param name="member">The member.</param>
    /// <returns><see langword="true"/> when one does.</returns>
    public bool Names(string member) => _json.Objects("bindings").Any(binding => Members(binding).Contains(member, StringComparer.OrdinalIgnoreCase));

    /// <summary>The roles that a member has here directly and without a condition.</summary>
    /// <param name="member">The member.</param>
    /// <returns>The roles.</returns>
    public IReadOnlyList<string> RolesOf(string member) =>
        [.. _json.Objects("bindings").Where(binding => binding["condition"] is null && Members(binding).Contains(member, StringComparer.OrdinalIgnoreCase)).Select(binding => binding.Text("role")).OfType<string>()];

    internal JsonObject ToJson() => (JsonObject)_json.DeepClone();

    /// <summary>This policy with a role for a member. Only a binding without a condition is added to (cloud.google.com/iam/docs/conditions-overview).</summary>
    internal JsonObject With(string role, string member)
    {
        var json = (JsonObject)_json.DeepClone();
        if (json["bindings"] is not JsonArray)
            json["bindings"] = new JsonArray();
        if (Unconditional(json, role).FirstOrDefault() is not { } binding)
            ((JsonArray)json["bindings"]!).Add(new JsonObject { ["role"] = role, ["members"] = new JsonArray(member) });
        else if (binding["members"] is JsonArray members)
            members.Add(member);
        else
            binding["members"] = new JsonArray(member);
        json["version"] = 3;
        return json;
    }

    private static IEnumerable<JsonObject> Unconditional(JsonObject json, string role) =>
        json.Objects("bindings").Where(binding => binding["condition"] is null && string.Equals(binding.Text("role"), role, StringComparison.Ordinal));

    private static IReadOnlyList<string> Members(JsonObject binding) => binding.Texts("members");
}
