using Microsoft.AspNetCore.Http;

namespace MeshTools.Lab;

/// <summary>Who asks.</summary>
/// <param name="Name">User name, e.g. <c>system:serviceaccount:NAMESPACE:NAME</c>.</param>
/// <param name="Uid">UID, empty when there is none.</param>
/// <param name="Groups">Groups, in the order the authenticator gave them.</param>
/// <param name="Extra">Extra attributes.</param>
public sealed record Identity(string Name, string Uid, IReadOnlyList<string> Groups, IReadOnlyDictionary<string, IReadOnlyList<string>> Extra)
{
    /// <summary>The user without a credential.</summary>
    public static Identity Anonymous { get; } = Create("system:anonymous", "system:unauthenticated");

    /// <summary>An identity with no UID and no extra.</summary>
    public static Identity Create(string name, params string[] groups) =>
        new(name, "", groups, new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal));
}

/// <summary>What an authenticator made of a request.</summary>
public enum AuthenticationResult
{
    /// <summary>The request carries nothing this authenticator knows; ask the next.</summary>
    NotApplicable,

    /// <summary>The credential is good.</summary>
    Authenticated,

    /// <summary>The credential is of this authenticator's sort, and bad: 401.</summary>
    Rejected,
}

/// <summary>One way to find out who asks.</summary>
public interface IAuthenticator
{
    /// <summary>Looks at the credential of a request.</summary>
    AuthenticationResult TryAuthenticate(HttpContext context, out Identity? identity);
}
