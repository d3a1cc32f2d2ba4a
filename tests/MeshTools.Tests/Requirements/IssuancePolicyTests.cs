using System.Text.Json.Nodes;
using MeshTools.Fleet;
using MeshTools.Install;
using MeshTools.Requirements;
using MeshTools.Tests.GoogleCloud;
using MeshTools.Verify;
using Xunit;

namespace MeshTools.Tests.Requirements;

public sealed class IssuancePolicyTests
{
    private const string Pool = "projects/lab-fleet/locations/us-central1/caPools/lab-pool";

    private const string Guide = """
        {"baselineValues":{"keyUsage":{"baseKeyUsage":{"digitalSignature":true,"keyEncipherment":true},"extendedKeyUsage":{"serverAuth":true,"clientAuth":true}},"caOptions":{"isCa":false}},
         "identityConstraints":{"allowSubjectPassthrough":false,"allowSubjectAltNamesPassthrough":true,
         "celExpression":{"expression":"subject_alt_names.all(san, san.type == URI && san.value.startsWith(\"spiffe://lab-fleet.svc.id.goog/ns/\"))"}}}
        """;

    [Theory]
    [InlineData("""{}""")]
    [InlineData(Guide)]
    [InlineData("""{"allowedIssuanceModes":{"allowCsrBasedIssuance":true},"maximumLifetime":"86400s","allowedKeyTypes":[{"rsa":{"minModulusSize":"2048","maxModulusSize":"4096"}}]}""")]
    [InlineData("""{"allowedKeyTypes":[{"rsa":{}}],"passthroughExtensions":{"knownExtensions":["EXTENDED_KEY_USAGE"]}}""")]
    public void A_pool_that_signs_for_workloads_is_well(string policy) => Assert.Empty(Of(policy));

    [Theory]
    [InlineData("""{"identityConstraints":{"allowSubjectPassthrough":true}}""", CheckSeverity.Error, "allowSubjectAltNamesPassthrough: true")]
    [InlineData("""{"allowedIssuanceModes":{"allowConfigBasedIssuance":true}}""", CheckSeverity.Error, "allowCsrBasedIssuance: true")]
    [InlineData("""{"baselineValues":{"keyUsage":{"extendedKeyUsage":{"serverAuth":true}}}}""", CheckSeverity.Error, "extendedKeyUsage.clientAuth: true")]
    [InlineData("""{"baselineValues":{"caOptions":{"isCa":true}}}""", CheckSeverity.Error, "isCa: false")]
    [InlineData("""{"passthroughExtensions":{"knownExtensions":["BASE_KEY_USAGE"]}}""", CheckSeverity.Error, "EXTENDED_KEY_USAGE")]
    [InlineData("""{"allowedKeyTypes":[{"ellipticCurve":{"signatureAlgorithm":"ECDSA_P384"}}]}""", CheckSeverity.Error, "allowedKeyTypes")]
    [InlineData("""{"allowedKeyTypes":[{"ellipticCurve":{"signatureAlgorithm":"ECDSA_P256"}}]}""", CheckSeverity.Warning, "ECC_SIGNATURE_ALGORITHM")]
    [InlineData("""{"allowedKeyTypes":[{"rsa":{"minModulusSize":"3072"}}]}""", CheckSeverity.Error, "allowedKeyTypes")]
    [InlineData("""{"maximumLifetime":"3600s"}""", CheckSeverity.Warning, "maximumLifetime")]
    [InlineData("""{"identityConstraints":{"allowSubjectAltNamesPassthrough":true,"celExpression":{"expression":"subject_alt_names.all(san, san.value.startsWith('spiffe://other.svc.id.goog/'))"}}}""", CheckSeverity.Warning, "celExpression")]
    public void What_stands_against_it_is_named_with_the_setting(string policy, CheckSeverity severity, string setting)
    {
        var finding = Assert.Single(Of(policy));

        Assert.Equal(severity, finding.Severity);
        Assert.Contains(setting, finding.Fix, StringComparison.Ordinal);
        Assert.Contains("gcloud privateca pools update lab-pool --project lab-fleet --location us-central1 --issuance-policy", finding.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void The_tier_for_few_certificates_is_a_warning() =>
        Assert.Equal(CheckSeverity.Warning, Assert.Single(IssuancePolicyCheck.Of(new JsonObject { ["tier"] = "ENTERPRISE" }, Pool, "lab-fleet.svc.id.goog")).Severity);

    [Fact]
    public async Task The_pool_of_an_installation_is_read_and_nothing_is_written()
    {
        await using var lab = await GoogleLab.StartAsync(1, new MeshTools.Lab.GoogleCloudOptions { Prepared = true });
        Assert.Equal(CheckSeverity.Pass, Assert.Single(await CheckAsync(lab, Pool)).Severity);

        await lab.Client.CertificateAuthorities.SetIssuancePolicyAsync(Pool, (JsonObject)JsonNode.Parse("""{"identityConstraints":{"allowSubjectPassthrough":true}}""")!, CancellationToken.None);
        lab.Google.AuthorityState = "STAGED";
        var writes = lab.Google.WriteCount;
        var findings = await CheckAsync(lab, Pool);
        Assert.Equal(2, findings.Count);
        Assert.All(findings, finding => Assert.Equal(CheckSeverity.Error, finding.Severity));
        Assert.Contains(findings, finding => finding.Fix is "gcloud privateca roots enable lab-authority --pool lab-pool --project lab-fleet --location us-central1");

        Assert.Contains("is not there", Assert.Single(await CheckAsync(lab, "projects/lab-fleet/locations/us-central1/caPools/nothing")).Message, StringComparison.Ordinal);
        lab.Google.AuthorityState = "ENABLED";
        await lab.Client.CertificateAuthorities.SetIssuancePolicyAsync(Pool, [], CancellationToken.None);
        lab.Google.Faults.Deny("privateca.certificateAuthorities.list");
        Assert.Equal(CheckSeverity.Warning, Assert.Single(await CheckAsync(lab, Pool)).Severity);
        Assert.Equal(writes + 1, lab.Google.WriteCount);
    }

    private static IReadOnlyList<IssuancePolicyCheck.Finding> Of(string policy) =>
        IssuancePolicyCheck.Of(new JsonObject { ["tier"] = "DEVOPS", ["issuancePolicy"] = JsonNode.Parse(policy) }, Pool, "lab-fleet.svc.id.goog");

    private static async Task<IReadOnlyList<CheckResult>> CheckAsync(GoogleLab lab, string pool)
    {
        var wish = new CloudWish(GoogleLab.Fleet) { CertificateAuthority = MeshAuthority.CaService, CaPool = pool };
        var results = await RequirementCheck.RunAsync([lab.Cluster()], new RequirementOptions { Cloud = _ => wish }, lab.Client, lab.Log, CancellationToken.None).ToListAsync();
        return [.. results.Where(result => result.Id is "MT124")];
    }
}
