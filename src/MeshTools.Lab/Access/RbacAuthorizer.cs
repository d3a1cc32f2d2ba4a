using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>A rule that applies to an identity, with where it applies.</summary>
/// <param name="Rule">The PolicyRule.</param>
/// <param name="Namespace">The namespace it is granted in, or null for everywhere.</param>
internal sealed record GrantedRule(JsonObject Rule, string? Namespace);

/// <summary>Role-based access control over the roles and bindings in the store (k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac).</summary>
/// <param name="store">Where the roles and bindings are.</param>
public sealed class RbacAuthorizer(ObjectStore store) : IAuthorizer
{
    private const string Group = "rbac.authorization.k8s.io";

    /// <inheritdoc/>
    public bool IsAllowed(Identity identity, AccessRequest request)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(request);
        return identity.Groups.Contains("system:masters")
            || RulesFor(identity, request.Path is null ? request.Namespace : "").Any(granted => Covers(granted.Rule, request));
    }

    /// <summary>Every rule that a binding gives the identity, at cluster scope or in a namespace.</summary>
    internal IEnumerable<GrantedRule> RulesFor(Identity identity, string @namespace)
    {
        foreach (var binding in store.List(Group, "clusterrolebindings").Items)
        {
            if (Applies(binding.Json, identity, ""))
            {
                foreach (var rule in RulesOf(binding.Json, ""))
                {
                    yield return new GrantedRule(rule, null);
                }
            }
        }

        if (@namespace.Length == 0)
        {
            yield break;
        }

        foreach (var binding in store.List(Group, "rolebindings", @namespace).Items)
        {
            if (Applies(binding.Json, identity, @namespace))
            {
                foreach (var rule in RulesOf(binding.Json, @namespace))
                {
                    yield return new GrantedRule(rule, @namespace);
                }
            }
        }
    }

    internal static bool Covers(JsonObject rule, AccessRequest request)
    {
        if (!Has(rule, "verbs", request.Verb))
        {
            return false;
        }

        if (request.Path is { } path)
        {
            return (rule["nonResourceURLs"] as JsonArray)?.Select(JsonTree.Text).OfType<string>().Any(url => Matches(url, path)) == true;
        }

        if (!Has(rule, "apiGroups", request.Group))
        {
            return false;
        }

        var combined = request.Subresource.Length == 0 ? request.Resource : request.Resource + "/" + request.Subresource;
        var resources = (rule["resources"] as JsonArray)?.Select(JsonTree.Text).OfType<string>() ?? [];
        if (!resources.Any(resource => resource is "*" || string.Equals(resource, combined, StringComparison.Ordinal)
            || (request.Subresource.Length > 0 && string.Equals(resource, "*/" + request.Subresource, StringComparison.Ordinal))))
        {
            return false;
        }

        return rule["resourceNames"] is not JsonArray { Count: > 0 } names
            || names.Any(name => string.Equals(JsonTree.Text(name), request.Name, StringComparison.Ordinal));
    }

    private static bool Matches(string pattern, string path) =>
        pattern is "*" || string.Equals(pattern, path, StringComparison.Ordinal)
        || (pattern.EndsWith('*') && path.StartsWith(pattern[..^1], StringComparison.Ordinal));

    private static bool Has(JsonObject rule, string field, string wanted) =>
        (rule[field] as JsonArray)?.Select(JsonTree.Text).Any(value => value is "*" || string.Equals(value, wanted, StringComparison.Ordinal)) == true;

    private static bool Applies(JsonObject binding, Identity identity, string bindingNamespace)
    {
        foreach (var subject in (binding["subjects"] as JsonArray)?.OfType<JsonObject>() ?? [])
        {
            var name = JsonTree.Text(subject["name"]) ?? "";
            var applies = JsonTree.Text(subject["kind"]) switch
            {
                "User" => string.Equals(name, identity.Name, StringComparison.Ordinal),
                "Group" => identity.Groups.Contains(name),
                "ServiceAccount" => IsAccount(identity.Name, JsonTree.Text(subject["namespace"]) is { Length: > 0 } given ? given : bindingNamespace, name),
                _ => false,
            };
            if (applies)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsAccount(string user, string @namespace, string name) =>
        string.Equals(user, $"system:serviceaccount:{@namespace}:{name}", StringComparison.Ordinal);

    private IEnumerable<JsonObject> RulesOf(JsonObject binding, string @namespace)
    {
        var name = JsonTree.FindText(binding, "roleRef", "name") ?? "";
        var key = JsonTree.FindText(binding, "roleRef", "kind") is "Role"
            ? new ResourceKey(Group, "roles", @namespace, name)
            : new ResourceKey(Group, "clusterroles", null, name);
        return (store.Find(key)?.Json["rules"] as JsonArray)?.OfType<JsonObject>() ?? [];
    }
}
