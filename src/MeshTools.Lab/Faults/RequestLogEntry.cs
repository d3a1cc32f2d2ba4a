namespace MeshTools.Lab;

/// <summary>One request as the cluster's API server saw it.</summary>
public sealed record RequestLogEntry
{
    /// <summary>When it arrived.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The API verb: get, list, watch, create, update, patch, delete, deletecollection, connect; lower-case HTTP method for other URLs.</summary>
    public required string Verb { get; init; }

    /// <summary>Path and query as sent.</summary>
    public required string Path { get; init; }

    /// <summary>API group, empty for the core group and for URLs that name no resource.</summary>
    public string Group { get; init; } = string.Empty;

    /// <summary>Plural resource with its subresource (<c>pods/exec</c>), empty for URLs that name none.</summary>
    public string Resource { get; init; } = string.Empty;

    /// <summary>Namespace in the path.</summary>
    public string? Namespace { get; init; }

    /// <summary>Object name in the path.</summary>
    public string? Name { get; init; }

    /// <summary>The user the API server took the request for; null when it never got that far.</summary>
    public string? User { get; init; }

    /// <summary>The HTTP status; 0 when the connection was cut instead.</summary>
    public int Status { get; init; }

    /// <summary>True for <c>dryRun=All</c>.</summary>
    public bool DryRun { get; init; }

    /// <summary>The client's <c>User-Agent</c>.</summary>
    public string UserAgent { get; init; } = string.Empty;

    /// <summary>The fault that hit it, if any.</summary>
    public FaultKind? Fault { get; init; }

    /// <summary>True for a review (access, token, self-subject): a POST that stores nothing.</summary>
    public bool IsReview => Resource.EndsWith("reviews", StringComparison.Ordinal);

    /// <summary>True for a TokenRequest: it issues a credential and stores nothing.</summary>
    public bool IsTokenRequest => string.Equals(Resource, "serviceaccounts/token", StringComparison.Ordinal);

    /// <summary>True for a write that is meant to be stored: not a dry run, review or token request.</summary>
    public bool IsMutating =>
        Verb is "create" or "update" or "patch" or "delete" or "deletecollection" && !DryRun && !IsReview && !IsTokenRequest;
}
