using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>What to wait for (kubectl wait, pkg/cmd/wait).</summary>
public sealed class WaitCondition
{
    private readonly Func<KubernetesObject, string?> _unmet;

    private WaitCondition(string description, WaitPresence presence, Func<KubernetesObject, string?> unmet)
    {
        Description = description;
        Presence = presence;
        _unmet = unmet;
    }

    /// <summary>The object is there.</summary>
    public static WaitCondition Exists { get; } = new("exists", WaitPresence.MayCome, static _ => null);

    /// <summary>The object is gone; one of the same name with another UID counts as gone.</summary>
    public static WaitCondition Deleted { get; } = new("deleted", WaitPresence.MustGo, static _ => "it is still there");

    /// <summary>What is waited for, for people.</summary>
    public string Description { get; }

    internal WaitPresence Presence { get; }

    /// <summary>
    /// A condition under <c>status.conditions</c> has a status. Type and status compare case-insensitively. A condition that speaks of an older
    /// generation of the object does not count.
    /// </summary>
    /// <param name="type">For example <c>Available</c>.</param>
    /// <param name="status">The status; <c>True</c> by default.</param>
    /// <returns>The condition.</returns>
    public static WaitCondition Condition(string type, string status = "True")
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        ArgumentException.ThrowIfNullOrEmpty(status);
        return new WaitCondition($"condition {type}={status}", WaitPresence.MustStay, obj => UnmetCondition(obj, type, status));
    }

    /// <summary>A JSONPath leads to a value, or to any value.</summary>
    /// <param name="expression">For example <c>{.status.phase}</c>; must lead to at most one value.</param>
    /// <param name="value">The value; <see langword="null"/> for any.</param>
    /// <returns>The condition.</returns>
    /// <exception cref="FormatException">The expression is no JSONPath.</exception>
    public static WaitCondition JsonPath(string expression, string? value = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(expression);
        var path = JsonPathExpression.Parse(expression);
        var description = value is null ? $"jsonpath {expression}" : $"jsonpath {expression}={value}";
        return new WaitCondition(description, WaitPresence.MustStay, obj => UnmetPath(obj, path, value));
    }

    /// <summary>A function says yes. An object that is not there yet is waited for.</summary>
    /// <param name="description">What is waited for, for people.</param>
    /// <param name="predicate">The function; it sees every state of the object that the watch delivers.</param>
    /// <returns>The condition.</returns>
    public static WaitCondition Predicate(string description, Func<KubernetesObject, bool> predicate)
    {
        ArgumentException.ThrowIfNullOrEmpty(description);
        ArgumentNullException.ThrowIfNull(predicate);
        return new WaitCondition(description, WaitPresence.MayCome, obj => predicate(obj) ? null : $"not yet: {description}");
    }

    /// <summary>What is missing; null when nothing is.</summary>
    internal string? Unmet(KubernetesObject obj) => _unmet(obj);

    private static string? UnmetCondition(KubernetesObject obj, string type, string status)
    {
        if (obj.FindCondition(type) is not { } condition)
            return $"condition {type} is not reported";
        var observed = condition.FindInt64("observedGeneration") ?? obj.FindInt64("status", "observedGeneration");
        if (observed < obj.FindInt64("metadata", "generation"))
            return $"condition {type} is about generation {observed}, the object is at {obj.Generation}";
        var actual = condition.FindString("status");
        if (string.Equals(actual, status, StringComparison.OrdinalIgnoreCase))
            return null;
        var detail = condition.FindString("message") is { Length: > 0 } message ? $" ({condition.FindString("reason")}: {message})" : "";
        return $"condition {type} is {actual}, not {status}{detail}";
    }

    private static string? UnmetPath(KubernetesObject obj, JsonPathExpression path, string? value)
    {
        var found = path.Select(obj.Json);
        if (found.Count == 0)
            return $"{path.Text} leads nowhere";
        if (value is null)
            return null;
        if (found.Count > 1)
            return $"{path.Text} leads to more than one value";
        if (found[0] is JsonObject or JsonArray)
            return $"{path.Text} leads to a map or list";
        var actual = JsonAccess.AsText(found[0]);
        return string.Equals(actual.Trim(), value.Trim(), StringComparison.Ordinal) ? null : $"{path.Text} is {actual}, not {value}";
    }
}

/// <summary>What an absent object means to a wait.</summary>
internal enum WaitPresence
{
    /// <summary>An error: there is nothing to wait for.</summary>
    MustStay,

    /// <summary>Not yet.</summary>
    MayCome,

    /// <summary>Done.</summary>
    MustGo,
}
