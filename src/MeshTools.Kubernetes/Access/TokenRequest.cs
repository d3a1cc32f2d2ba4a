namespace MeshTools.Kubernetes;

/// <summary>What token to ask for.</summary>
public sealed record TokenRequestOptions
{
    /// <summary>Who shall accept it; empty for the API server itself.</summary>
    public IReadOnlyList<string> Audiences { get; init; } = [];

    /// <summary>How long it shall be good, at least ten minutes; <see langword="null"/> for the server's default of an hour.</summary>
    public TimeSpan? Lifetime { get; init; }

    /// <summary>A Pod, Secret or Node whose end shall end the token.</summary>
    public ObjectReference? BoundObject { get; init; }

    /// <summary>The UID that object must have.</summary>
    public string? BoundObjectUid { get; init; }
}

/// <summary>A token of a service account. Its text is given only by a method, so that no listing of properties shows it.</summary>
public sealed class TokenRequestResult
{
    private readonly string _token;

    internal TokenRequestResult(string token, DateTimeOffset? expires)
    {
        _token = token;
        ExpirationTimestamp = expires;
    }

    /// <summary>Until when it is good.</summary>
    public DateTimeOffset? ExpirationTimestamp { get; }

    /// <summary>The token.</summary>
    /// <returns>The token, a secret.</returns>
    public string GetToken() => _token;

    /// <summary>That it is a token and until when; never the token.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"token (redacted), expires {ExpirationTimestamp:u}";
}
