using System.Text;
using System.Text.Json.Nodes;
using MeshTools.Lab;
using Xunit;

namespace MeshTools.Tests.Lab.Controllers;

public sealed class TokenSecretTests
{
    private static readonly ResourceKey Account = new("", "serviceaccounts", "default", "reader");
    private static readonly ResourceKey Secret = new("", "secrets", "default", "reader-token");

    [Fact]
    public async Task A_token_secret_is_filled_with_a_token_that_is_good()
    {
        await using var lab = await StoreLab.StartAsync();
        var account = CreateAccount(lab);
        CreateSecret(lab);

        var secret = await lab.UntilAsync(Secret, json => json["data"]?["token"] is not null);

        Assert.Equal(account.Uid, secret.Json["metadata"]!["annotations"]!["kubernetes.io/service-account.uid"]!.GetValue<string>());
        Assert.Equal(lab.Cluster.CertificateAuthorityPem, Data(secret, "ca.crt"));
        Assert.Equal("default", Data(secret, "namespace"));
        using var http = LabHttp.WithToken(lab.Cluster, Data(secret, "token"));
        using var response = await http.GetAsync("/api/v1/namespaces/default/pods");
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task A_secret_for_an_account_that_is_not_there_is_taken_away()
    {
        await using var lab = await StoreLab.StartAsync();
        CreateSecret(lab);

        await lab.GoneAsync(Secret);
    }

    [Fact]
    public async Task Deleting_the_account_takes_its_token_secrets_away()
    {
        await using var lab = await StoreLab.StartAsync();
        CreateAccount(lab);
        CreateSecret(lab);
        await lab.UntilAsync(Secret, json => json["data"]?["token"] is not null);

        lab.Store.Delete(Account);

        await lab.GoneAsync(Secret);
    }

    [Fact]
    public async Task Tokens_may_never_come()
    {
        await using var lab = await StoreLab.StartAsync(options => options with { Tokens = TokenFilling.Never });
        CreateAccount(lab);
        var stays = CreateSecret(lab);

        // A second secret, of an unknown account, is dealt with after the first: once it is gone the first has been looked at too.
        var probe = Secret with { Name = "z-probe" };
        lab.Create(probe, SecretJson("nobody"));
        await lab.GoneAsync(probe);

        Assert.Null(lab.Store.Get(stays.Key).Json["data"]?["token"]);
    }

    [Fact]
    public async Task Tokens_may_come_late()
    {
        await using var lab = await StoreLab.StartAsync(options => options with { Tokens = TokenFilling.After(TimeSpan.FromSeconds(1)) });
        CreateAccount(lab);
        CreateSecret(lab);

        var secret = await lab.UntilAsync(Secret, json => json["data"]?["token"] is not null);

        Assert.NotEmpty(Data(secret, "token"));
    }

    private static StoredObject CreateAccount(StoreLab lab) => lab.Create(Account, """{"apiVersion":"v1","kind":"ServiceAccount"}""");

    private static StoredObject CreateSecret(StoreLab lab) => lab.Create(Secret, SecretJson("reader"));

    private static string SecretJson(string account) => new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["type"] = "kubernetes.io/service-account-token",
        ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { ["kubernetes.io/service-account.name"] = account } },
    }.ToJsonString();

    private static string Data(StoredObject secret, string key) =>
        Encoding.UTF8.GetString(Convert.FromBase64String(secret.Json["data"]![key]!.GetValue<string>()));
}
