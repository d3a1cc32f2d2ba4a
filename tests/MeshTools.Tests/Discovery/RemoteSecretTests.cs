using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MeshTools.Discovery;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using Xunit;

namespace MeshTools.Tests.Discovery;

/// <summary>create-remote-secret.yaml is what istioctl 1.30.3 prints, with stand-ins for authority and token.</summary>
public sealed class RemoteSecretTests
{
    private const string Token = "TOKEN";

    private static RemoteSecret Secret(string token = Token, string? tlsServerName = null) =>
        new("c2", RemoteSecret.NameFor("c2"), "istio-system", new RemoteCredential("https://127.0.0.1:16442", tlsServerName, Encoding.UTF8.GetBytes("CA OF C2"), token));

    private static JsonNode Unfolded(JsonNode secret)
    {
        var copy = secret.DeepClone();
        copy["stringData"]!["c2"] = KubernetesYaml.ParseAll(copy["stringData"]!["c2"]!.GetValue<string>())[0].DeepClone();
        return copy;
    }

    [Fact]
    public void It_means_what_istioctl_prints()
    {
        var expected = Unfolded(KubernetesYaml.ParseAll(ProjectData.Text("create-remote-secret.yaml"))[0]);
        var made = Unfolded(KubernetesYaml.ParseAll(Secret().ToYaml(includeCredential: true))[0]);
        Assert.True(JsonNode.DeepEquals(expected, made), $"{made}\n{expected}");
    }

    [Fact]
    public void The_manifest_holds_the_same_as_data()
    {
        var manifest = Secret().GetManifest();
        var expected = KubernetesYaml.ReadObjects(ProjectData.Text("create-remote-secret.yaml"))[0];
        Assert.True(JsonNode.DeepEquals(expected.Json["metadata"], manifest.Json["metadata"]));
        var kubeconfig = Encoding.UTF8.GetString(Convert.FromBase64String(manifest.FindString("data", "c2")!));
        Assert.True(JsonNode.DeepEquals(
            KubernetesYaml.ParseAll(expected.FindString("stringData", "c2")!)[0], KubernetesYaml.ParseAll(kubeconfig)[0]));
    }

    [Fact]
    public void A_server_name_is_written_when_given() =>
        Assert.Contains("tls-server-name: api.example", Secret(tlsServerName: "api.example").ToYaml(), StringComparison.Ordinal);

    [Fact]
    public void The_credential_shows_only_on_request()
    {
        const string Canary = "canary-7f1d0c";
        var secret = Secret(Canary);
        Assert.Contains(Canary, secret.ToYaml(includeCredential: true), StringComparison.Ordinal);
        string[] seen = [secret.ToYaml(), secret.ToString(), JsonSerializer.Serialize(secret), .. typeof(RemoteSecret).GetProperties().Select(p => $"{p.GetValue(secret)}")];
        Assert.All(seen, text =>
        {
            Assert.DoesNotContain(Canary, text, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(Canary)), text, StringComparison.Ordinal);
        });
        Assert.Contains("REDACTED", secret.ToYaml(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_its_credential_there_is_no_manifest()
    {
        var error = Assert.Throws<MeshException>(() => new RemoteSecret("c2", "n", "ns", null).GetManifest());
        Assert.Equal(ErrorCatalog.CredentialNotHeld, error.Definition);
    }

    [Theory]
    [InlineData("c2", "istio-remote-secret-c2")]
    [InlineData("Kubernetes", "istio-remote-secret-kubernetes")]
    [InlineData("c_2", "istio-remote-secret-c-2")]
    public void Names_are_valid_whatever_the_cluster_id(string id, string name) => Assert.Equal(name, RemoteSecret.NameFor(id));
}
