using System.Text;
using MeshTools.Discovery;
using Xunit;

namespace MeshTools.Tests.Discovery;

public sealed class TokenClaimsTests
{
    [Fact]
    public void The_token_of_a_token_secret_tells_its_account_and_no_times()
    {
        var claims = TokenClaims.TryRead(Token("""
            {"iss":"kubernetes/serviceaccount","kubernetes.io/serviceaccount/namespace":"istio-system",
             "kubernetes.io/serviceaccount/secret.name":"istio-reader-service-account-istio-remote-secret-token",
             "kubernetes.io/serviceaccount/service-account.name":"istio-reader-service-account","kubernetes.io/serviceaccount/service-account.uid":"3c1b",
             "sub":"system:serviceaccount:istio-system:istio-reader-service-account"}
            """));
        Assert.Equal(
            new TokenClaims("system:serviceaccount:istio-system:istio-reader-service-account", null, null, "istio-system", "istio-reader-service-account", "3c1b"), claims);
    }

    [Fact]
    public void A_requested_token_tells_its_account_and_times()
    {
        var claims = TokenClaims.TryRead(Token("""
            {"aud":["https://kubernetes.default.svc"],"exp":1795000000,"iat":1794996400,"kubernetes.io":{"namespace":"ns","serviceaccount":{"name":"sa","uid":"u"}},
             "sub":"system:serviceaccount:ns:sa"}
            """));
        Assert.Equal(
            new TokenClaims(
                "system:serviceaccount:ns:sa", DateTimeOffset.FromUnixTimeSeconds(1794996400), DateTimeOffset.FromUnixTimeSeconds(1795000000), "ns", "sa", "u"),
            claims);
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("a.b")]
    [InlineData("a.!!.c")]
    [InlineData("a.bm8gSlNPTg.c")]
    [InlineData("a.WzFd.c")]
    [InlineData("a.e30.c.d")]
    public void What_is_no_token_tells_nothing(string token) => Assert.Null(TokenClaims.TryRead(token));

    [Fact]
    public void Times_that_no_calendar_has_are_left_out() => Assert.Null(TokenClaims.TryRead(Token("""{"exp":999999999999999}"""))!.ExpiresAt);

    internal static string Token(string claims) =>
        $"eyJhbGciOiJSUzI1NiJ9.{Convert.ToBase64String(Encoding.UTF8.GetBytes(claims)).TrimEnd('=').Replace('+', '-').Replace('/', '_')}.c2ln";
}
