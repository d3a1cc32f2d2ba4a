using System.Text.RegularExpressions;

namespace MeshTools.Verify;

/// <summary>
/// An answer that Envoy gave by itself. The response flags stand in its access log only; the body says the same in words (envoy
/// source/common/http/utility.cc <c>resetReasonToString</c>, source/common/router/router.cc; stream_info/utility.cc for the flags).
/// </summary>
/// <param name="Flags">The flags that the access log would show.</param>
/// <param name="Reason">The reason in Envoy's words, shortened.</param>
/// <param name="Hop">The place on the way that this speaks of.</param>
internal sealed partial record EnvoyReply(string Flags, string Reason, ConnectivityHop Hop)
{
    /// <summary>Reads a body.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="body">The body.</param>
    /// <returns>What it says; <see langword="null"/> when it is none of Envoy's.</returns>
    internal static EnvoyReply? Read(int status, string body)
    {
        if (body.StartsWith("no healthy upstream", StringComparison.Ordinal))
            return new EnvoyReply("UH", "no healthy upstream", ConnectivityHop.Endpoints);
        if (body.StartsWith("RBAC: access denied", StringComparison.Ordinal))
            return new EnvoyReply("RBAC", "access denied by an AuthorizationPolicy", ConnectivityHop.Application);
        if (status == 504 && body.StartsWith("upstream request timeout", StringComparison.Ordinal))
            return new EnvoyReply("UT", "upstream request timeout", ConnectivityHop.Application);
        if (!body.StartsWith("upstream connect error", StringComparison.Ordinal))
            return status == 404 && body.Length == 0 ? new EnvoyReply("NR", "no route", ConnectivityHop.Endpoints) : null;
        var retried = body.Contains("retried and the latest", StringComparison.Ordinal) ? ",URX" : "";
        var at = body.IndexOf("reset reason: ", StringComparison.Ordinal);
        var reason = at < 0 ? "upstream connect error" : body[(at + "reset reason: ".Length)..].Trim();
        if (TlsReason().Match(reason) is { Success: true } tls)
            return new EnvoyReply("UF" + retried, $"TLS {tls.Groups["reason"].Value}", ConnectivityHop.Trust);
        if (reason.Contains("Connection refused", StringComparison.OrdinalIgnoreCase))
            return new EnvoyReply("UF" + retried, "connection refused", ConnectivityHop.GatewayPort);
        if (reason.StartsWith("connection timeout", StringComparison.Ordinal) || reason.Contains("timeout", StringComparison.Ordinal))
            return new EnvoyReply("UF" + retried, "connection timeout", ConnectivityHop.GatewayPort);
        if (reason.StartsWith("connection termination", StringComparison.Ordinal))
            return new EnvoyReply("UC" + retried, "connection termination", ConnectivityHop.Exposure);
        if (reason.StartsWith("overflow", StringComparison.Ordinal))
            return new EnvoyReply("UO" + retried, "overflow: a circuit breaker is open", ConnectivityHop.Application);
        if (reason.StartsWith("remote reset", StringComparison.Ordinal))
            return new EnvoyReply("UR" + retried, "remote reset", ConnectivityHop.Application);
        if (reason.StartsWith("protocol error", StringComparison.Ordinal))
            return new EnvoyReply("UPE" + retried, "protocol error", ConnectivityHop.Application);
        return new EnvoyReply("UF" + retried, reason.Length > 80 ? reason[..80] : reason, ConnectivityHop.GatewayPort);
    }

    // TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end; older proxies write "TLS error: 268435581:SSL routines:...".
    [GeneratedRegex("TLS.error.*?OPENSSL_internal:(?<reason>[A-Z0-9_]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex TlsReason();
}
