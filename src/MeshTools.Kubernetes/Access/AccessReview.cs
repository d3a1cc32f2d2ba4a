using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>What one wants to be allowed to do.</summary>
/// <param name="Verb">For example <c>get</c>, <c>list</c>, <c>patch</c>; <c>*</c> for all.</param>
public sealed record AccessQuery(string Verb)
{
    /// <summary>The API group; empty for the core group, <c>*</c> for all.</summary>
    public string Group { get; init; } = "";

    /// <summary>The plural, for example <c>secrets</c>; <see langword="null"/> with <see cref="NonResourcePath"/>.</summary>
    public string? Resource { get; init; }

    /// <summary>The subresource, for example <c>token</c>.</summary>
    public string? Subresource { get; init; }

    /// <summary>The namespace; <see langword="null"/> for all, and for cluster-scoped types.</summary>
    public string? Namespace { get; init; }

    /// <summary>The object; <see langword="null"/> for all.</summary>
    public string? Name { get; init; }

    /// <summary>A path that is no resource, for example <c>/metrics</c>.</summary>
    public string? NonResourcePath { get; init; }

    /// <summary>The same for a type.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="type">The type.</param>
    /// <param name="ns">The namespace.</param>
    /// <param name="name">The object.</param>
    /// <returns>The query.</returns>
    public static AccessQuery For(string verb, ResourceType type, string? ns = null, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(type);
        return new AccessQuery(verb) { Group = type.Group, Resource = type.Plural, Namespace = ns, Name = name };
    }

    internal JsonObject ToSpec()
    {
        if (NonResourcePath is not null)
            return new JsonObject { ["nonResourceAttributes"] = new JsonObject { ["verb"] = Verb, ["path"] = NonResourcePath } };
        var attributes = new JsonObject { ["verb"] = Verb };
        Add(attributes, "group", Group);
        Add(attributes, "resource", Resource);
        Add(attributes, "subresource", Subresource);
        Add(attributes, "namespace", Namespace);
        Add(attributes, "name", Name);
        return new JsonObject { ["resourceAttributes"] = attributes };
    }

    private static void Add(JsonObject attributes, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            attributes[name] = value;
    }
}

/// <summary>Whether one may.</summary>
/// <param name="Allowed">Yes.</param>
/// <param name="Denied">No, and nothing else may say yes.</param>
/// <param name="Reason">Why, where the server says.</param>
/// <param name="EvaluationError">What kept the server from a full answer.</param>
public sealed record AccessReviewResult(bool Allowed, bool Denied, string? Reason, string? EvaluationError);

/// <summary>Who the server thinks one is.</summary>
/// <param name="UserName">The user name.</param>
/// <param name="Uid">The UID, where there is one.</param>
/// <param name="Groups">The groups.</param>
public sealed record UserIdentity(string UserName, string? Uid, IReadOnlyList<string> Groups);
