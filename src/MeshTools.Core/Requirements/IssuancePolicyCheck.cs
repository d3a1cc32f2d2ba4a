using System.Globalization;
using System.Text.Json.Nodes;
using MeshTools.GoogleCloud;
using MeshTools.Verify;

namespace MeshTools.Requirements;

/// <summary>
/// Whether a pool of CA Service signs the certificates of a mesh's workloads (cloud.google.com/certificate-authority-service/docs/policy-controls, and the pages of Cloud Service Mesh for CA
/// Service): istiod sends certificate requests for RSA or EC keys with a SPIFFE URI as their only name, for use by servers and clients, good for 24 hours unless said otherwise.
/// </summary>
internal static class IssuancePolicyCheck
{
    // The lifetime that istiod asks for (istio.io, pilot-discovery, DEFAULT_WORKLOAD_CERT_TTL).
    private static readonly TimeSpan s_lifetime = TimeSpan.FromHours(24);

    /// <summary>One finding on a pool.</summary>
    /// <param name="Severity">How bad it is.</param>
    /// <param name="Message">What was found.</param>
    /// <param name="Fix">What to do.</param>
    internal sealed record Finding(CheckSeverity Severity, string Message, string? Fix);

    /// <summary>What stands against workload certificates; empty for a pool that signs them.</summary>
    /// <param name="pool">The pool as CA Service gives it.</param>
    /// <param name="name">Its name, <c>projects/P/locations/L/caPools/N</c>.</param>
    /// <param name="trustDomain">The mesh's trust domain.</param>
    internal static IReadOnlyList<Finding> Of(JsonObject pool, string name, string trustDomain)
    {
        var findings = new List<Finding>();
        if (pool.Text("tier") is "ENTERPRISE")
            findings.Add(new Finding(CheckSeverity.Warning, $"{name} has tier Enterprise, which keeps every certificate and signs few a second; workloads need many that live for a day", "Make a pool of tier DevOps for them: `gcloud privateca pools create POOL --location LOCATION --tier devops`."));
        if (pool["issuancePolicy"] is not JsonObject policy)
            return findings;
        var fix = Update(name);
        Names(policy, name, trustDomain, fix, findings);
        Usages(policy, name, fix, findings);
        if (policy["allowedIssuanceModes"] is JsonObject modes && !modes.Flag("allowCsrBasedIssuance"))
            findings.Add(Error($"{name} takes no certificate requests, which is what istiod sends", "allowedIssuanceModes.allowCsrBasedIssuance: true", fix));
        if (Duration(policy.Text("maximumLifetime")) is { } longest && longest < s_lifetime)
        {
            findings.Add(new Finding(
                CheckSeverity.Warning, string.Create(CultureInfo.InvariantCulture, $"{name} signs for at most {longest.TotalHours:0.##} hours, and workloads ask for {s_lifetime.TotalHours:0}"),
                "Raise maximumLifetime, or let workloads ask for less (istiod's DEFAULT_WORKLOAD_CERT_TTL). " + fix));
        }

        Keys(policy, name, fix, findings);
        return findings;
    }

    /// <summary>The command that replaces a pool's policy.</summary>
    internal static string Update(string pool) => pool.Split('/') is ["projects", var project, "locations", var location, "caPools", var id]
        ? $"`gcloud privateca pools update {id} --project {project} --location {location} --issuance-policy policy.yaml`"
        : "`gcloud privateca pools update POOL --location LOCATION --issuance-policy policy.yaml`";

    private static void Names(JsonObject policy, string name, string trustDomain, string fix, List<Finding> findings)
    {
        if (policy["identityConstraints"] is not JsonObject constraints)
            return;
        if (!constraints.Flag("allowSubjectAltNamesPassthrough"))
            findings.Add(Error($"{name} leaves out the names that a request asks for, and a workload's identity is one", "identityConstraints.allowSubjectAltNamesPassthrough: true", fix));
        if (constraints.Text("celExpression", "expression") is { } expression && expression.Contains("spiffe://", StringComparison.Ordinal) && !expression.Contains($"spiffe://{trustDomain}/", StringComparison.Ordinal))
            findings.Add(new Finding(CheckSeverity.Warning, $"{name} signs only names for which `{expression}` holds, which does not mention spiffe://{trustDomain}/, the mesh's trust domain", "Correct identityConstraints.celExpression. " + fix));
    }

    // Baseline values are given to every certificate, whatever the request asks for; where none are given, the request's own have to be let through.
    private static void Usages(JsonObject policy, string name, string fix, List<Finding> findings)
    {
        var baseline = policy["baselineValues"] as JsonObject ?? [];
        if (baseline.Flag("caOptions", "isCa"))
            findings.Add(Error($"{name} makes every certificate one of an authority", "baselineValues.caOptions.isCa: false", fix));
        if (baseline.At("keyUsage", "extendedKeyUsage") is not JsonObject usages)
        {
            if (policy["passthroughExtensions"] is JsonObject passed && !passed.Texts("knownExtensions").Contains("EXTENDED_KEY_USAGE", StringComparer.Ordinal))
                findings.Add(Error($"{name} neither gives certificates a use nor lets a request's through", "passthroughExtensions.knownExtensions: [EXTENDED_KEY_USAGE], or baselineValues.keyUsage.extendedKeyUsage", fix));
            return;
        }

        string[] missing = [.. new[] { "serverAuth", "clientAuth" }.Where(usage => !usages.Flag(usage))];
        if (missing.Length > 0)
            findings.Add(Error($"{name} signs without {string.Join(" and ", missing)}, and each workload is both server and client", string.Join(", ", missing.Select(usage => $"baselineValues.keyUsage.extendedKeyUsage.{usage}: true")), fix));
    }

    // Workloads of Istio have RSA keys of 2048 bits; with ECC_SIGNATURE_ALGORITHM they have P-256.
    private static void Keys(JsonObject policy, string name, string fix, List<Finding> findings)
    {
        var allowed = policy.Objects("allowedKeyTypes").ToList();
        if (allowed.Count > 0 && !allowed.Exists(type => type["rsa"] is JsonObject rsa && rsa.Number("minModulusSize") <= 2048 && rsa.Number("maxModulusSize") is 0 or >= 2048))
        {
            var elliptic = allowed.Exists(type => type.Text("ellipticCurve", "signatureAlgorithm") is "ECDSA_P256" || (type["ellipticCurve"] is JsonObject any && any.Text("signatureAlgorithm") is null));
            findings.Add(elliptic
                ? new Finding(CheckSeverity.Warning, $"{name} signs no RSA keys of 2048 bits, which workloads have by default", "Let workloads use P-256 (ECC_SIGNATURE_ALGORITHM=ECDSA), or allow RSA. " + fix)
                : Error($"{name} signs neither RSA keys of 2048 bits nor P-256, and workloads have no others", "allowedKeyTypes", fix));
        }
    }

    private static Finding Error(string message, string setting, string fix) => new(CheckSeverity.Error, message, $"Set {setting} in its issuance policy: {fix}");

    private static TimeSpan? Duration(string? text) =>
        text is { Length: > 1 } && text[^1] == 's' && double.TryParse(text[..^1], NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds < TimeSpan.MaxValue.TotalSeconds
            ? TimeSpan.FromSeconds(seconds) : null;
}
