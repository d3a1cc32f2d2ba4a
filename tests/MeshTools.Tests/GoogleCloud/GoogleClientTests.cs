using System.Net;
using System.Text.Json.Nodes;
using MeshTools.Errors;
using MeshTools.GoogleCloud;
using Xunit;

namespace MeshTools.Tests.GoogleCloud;

public sealed class GoogleClientTests
{
    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    [InlineData(502)]
    [InlineData(500)]
    [InlineData(0)]
    public async Task What_may_pass_is_tried_again(int status)
    {
        await using var lab = await GoogleLab.StartAsync();
        lab.Google.Faults.Fail("cloudresourcemanager", status, times: 2);

        var project = await lab.Client.Projects.GetAsync(GoogleLab.Project, CancellationToken.None);

        Assert.Equal("111111111111", project.Number);
        Assert.Equal(3, lab.Google.Requests.Count);
    }

    [Theory]
    [InlineData(429, "GoogleQuotaExceeded")]
    [InlineData(503, "GoogleUnavailable")]
    [InlineData(0, "GoogleUnavailable")]
    public async Task What_does_not_pass_is_an_error_with_a_name(int status, string id)
    {
        await using var lab = await GoogleLab.StartAsync();
        lab.Google.Faults.Fail(null, status);

        var error = await Assert.ThrowsAsync<GoogleApiException>(() => lab.Client.Projects.GetAsync(GoogleLab.Project, CancellationToken.None));

        Assert.Equal(id, ErrorCatalog.Describe(error).Id);
    }

    [Fact]
    public async Task An_API_that_is_not_enabled_is_named_with_the_page_that_enables_it()
    {
        await using var lab = await GoogleLab.StartAsync();

        var error = await Assert.ThrowsAsync<GoogleApiException>(() => lab.Client.Fleet.ListAsync(GoogleLab.Project, CancellationToken.None));

        Assert.Equal("gkehub.googleapis.com", error.DisabledService);
        Assert.Equal("SERVICE_DISABLED", error.Reason);
        Assert.Equal("googleapis.com", error.Domain);
        Assert.Equal("console.developers.google.com", error.DocumentationUri!.Host);
        Assert.Contains("gcloud services enable gkehub.googleapis.com --project 111111111111", ErrorCatalog.Describe(error).RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_token_is_refused_and_never_shown()
    {
        await using var lab = await GoogleLab.StartAsync();
        using var client = lab.Open(options => options with { AccessToken = "ya29.not-the-right-one" });

        var error = await Assert.ThrowsAsync<GoogleApiException>(() => client.Projects.GetAsync(GoogleLab.Project, CancellationToken.None));

        Assert.Equal("GoogleUnauthenticated", ErrorCatalog.Describe(error).Id);
        Assert.DoesNotContain("ya29", error.ToString() + await client.GetTokenAsync(CancellationToken.None) + client.CredentialDescription, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_token_goes_unencrypted_to_another_machine()
    {
        await using var lab = await GoogleLab.StartAsync();
        lab.Variables["CLOUDSDK_API_ENDPOINT_OVERRIDES_CONTAINER"] = "http://container.example.com/";
        using var client = lab.Open();

        var error = await Assert.ThrowsAsync<GoogleCredentialException>(() => client.Clusters.ListAsync(GoogleLab.Project, null, CancellationToken.None));

        Assert.Equal(GoogleCredentialProblem.Unencrypted, error.Problem);
    }

    [Theory]
    [InlineData("https://x.example.com")]
    [InlineData("container.example.com/")]
    [InlineData("ftp://x.example.com/")]
    public void An_override_must_be_an_address_as_gcloud_asks(string value)
    {
        var environment = new GoogleEnvironment(name => name == "CLOUDSDK_API_ENDPOINT_OVERRIDES_GKEHUB" ? value : null);

        Assert.Equal(GoogleCredentialProblem.ConfigurationInvalid, Assert.Throws<GoogleCredentialException>(environment.Endpoints).Problem);
    }

    [Fact]
    public async Task A_batch_of_one_is_enabled_by_itself_and_what_is_enabled_is_not_asked_for()
    {
        await using var lab = await GoogleLab.StartAsync();

        Assert.Equal(["privateca.googleapis.com"], await lab.Client.Services.EnableAsync(GoogleLab.Project, ["container.googleapis.com", "privateca.googleapis.com"], CancellationToken.None));
        Assert.Empty(await lab.Client.Services.EnableAsync(GoogleLab.Project, ["container.googleapis.com", "privateca.googleapis.com"], CancellationToken.None));

        Assert.Contains(lab.Google.Requests, request => request.EndsWith("/services/privateca.googleapis.com:enable", StringComparison.Ordinal));
        Assert.Equal(1, lab.Google.WriteCount);
    }

    [Fact]
    public async Task A_permission_that_cannot_be_tested_does_not_hide_the_others()
    {
        await using var lab = await GoogleLab.StartAsync();
        lab.Google.Faults.Deny("gkehub.memberships.create");

        var test = await lab.Client.Projects.TestPermissionsAsync(GoogleLab.Project, ["gkehub.memberships.create", "resourcemanager.projects.list", "container.clusters.get"], CancellationToken.None);

        Assert.Equal(["container.clusters.get"], test.Granted);
        Assert.Equal(["resourcemanager.projects.list"], test.Unknown);
    }

    [Fact]
    public void A_role_is_added_to_the_binding_without_a_condition_and_everything_else_stays()
    {
        var json = (JsonObject)JsonNode.Parse("""
            {"version":3,"etag":"e","auditConfigs":[{"service":"all"}],"bindings":[
              {"role":"r","members":["user:a@b.c"],"condition":{"expression":"x"}},{"role":"other","members":["user:A@B.c"]}]}
            """)!;
        var policy = new IamPolicy(json);

        Assert.False(policy.Grants("r", "user:a@b.c"));
        Assert.True(policy.Grants("other", "user:a@b.c"));
        var after = policy.With("r", "user:a@b.c");

        Assert.Equal(3, after["bindings"]!.AsArray().Count);
        Assert.Null(after["bindings"]![2]!["condition"]);
        Assert.Equal("e", after["etag"]!.GetValue<string>());
        Assert.NotNull(after["auditConfigs"]);
        Assert.True(new IamPolicy(after).Grants("r", "user:a@b.c"));
    }

    [Fact]
    public async Task A_pool_gets_its_issuance_policy()
    {
        await using var lab = await GoogleLab.StartAsync();
        const string Pool = "projects/lab-project/locations/us-central1/caPools/lab-pool";
        await lab.Client.Services.EnableAsync(GoogleLab.Project, ["privateca.googleapis.com"], CancellationToken.None);

        await lab.Client.CertificateAuthorities.SetIssuancePolicyAsync(Pool, new JsonObject { ["maximumLifetime"] = "86400s" }, CancellationToken.None);

        Assert.Equal("86400s", (await lab.Client.CertificateAuthorities.FindAsync(Pool, CancellationToken.None))!["issuancePolicy"]!["maximumLifetime"]!.GetValue<string>());
        Assert.Null(await lab.Client.CertificateAuthorities.FindAsync(Pool + "x", CancellationToken.None));
    }

    [Fact]
    public async Task The_fleet_is_told_to_manage_a_member()
    {
        await using var lab = await GoogleLab.StartAsync();
        await lab.PrepareAsync(new MeshTools.Fleet.CloudWish(GoogleLab.Fleet));

        Assert.True(await lab.Client.Fleet.SetManagementAsync(GoogleLab.Fleet, "us-central1", "lab-1", "MANAGEMENT_AUTOMATIC", CancellationToken.None));
        Assert.False(await lab.Client.Fleet.SetManagementAsync(GoogleLab.Fleet, "us-central1", "lab-1", "MANAGEMENT_AUTOMATIC", CancellationToken.None));

        var (state, isOver) = await lab.Client.Fleet.WatchMeshAsync(
            GoogleLab.Fleet, "us-central1", "lab-1", (now, _) => now?.ControlPlane is "ACTIVE", TimeSpan.FromMinutes(1), CancellationToken.None);
        Assert.True(isOver);
        Assert.Equal(["REVISION_READY"], state!.ControlPlaneDetails);
        Assert.Equal(["Ready: asm-managed"], state.ControlPlaneTexts);
    }

    [Fact]
    public async Task Giving_up_does_not_wait_for_the_next_look()
    {
        await using var lab = await GoogleLab.StartAsync();
        lab.Google.Faults.SlowOperations(1_000_000);
        using var client = lab.Open(options => options with { FirstDelay = TimeSpan.FromHours(1) });
        using var stop = new CancellationTokenSource();
        var enabling = client.Services.EnableAsync(GoogleLab.Project, ["mesh.googleapis.com"], stop.Token);
        while (lab.Google.WriteCount == 0)
            await Task.Yield();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => enabling);
    }

    [Fact]
    public void An_error_of_an_operation_has_its_code_by_number()
    {
        var error = GoogleError.Parse((JsonObject)JsonNode.Parse("""{"code":6,"message":"m"}""")!);

        Assert.Equal("ALREADY_EXISTS", error.Status);
        Assert.Null(error.HttpStatus);
        Assert.Equal("invalid_grant", GoogleError.Parse(HttpStatusCode.BadRequest, """{"error":"invalid_grant","error_description":"d"}""").Reason);
        Assert.Equal("HTTP 502 without an answer that can be read", GoogleError.Parse(HttpStatusCode.BadGateway, "<html>").Message);
    }
}
