using System.Security.Cryptography;
using System.Text;

namespace MeshTools.Lab;

/// <summary>Takes Google's own access token, as clusters of GKE do.</summary>
internal sealed class GoogleTokenAuthenticator : IAuthenticator
{
    private volatile Accepted? accepted;

    /// <summary>Takes a token from now on.</summary>
    /// <param name="token">The token.</param>
    /// <param name="identity">Who it stands for now.</param>
    public void Accept(string token, Func<Identity> identity) => accepted = new Accepted(Encoding.UTF8.GetBytes("Bearer " + token), identity);

    public AuthenticationResult TryAuthenticate(HttpContext context, out Identity? identity)
    {
        identity = null;
        if (accepted is not { } known || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString()), known.Header))
        {
            return AuthenticationResult.NotApplicable;
        }

        identity = known.Identity();
        return AuthenticationResult.Authenticated;
    }

    private sealed record Accepted(byte[] Header, Func<Identity> Identity);
}
