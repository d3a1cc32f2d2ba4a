using System.Text.Json.Nodes;
using MeshTools.Discovery;
using MeshTools.Kubernetes;
using Xunit;

namespace MeshTools.Tests.Discovery;

/// <summary>reader-rbac.yaml is what istioctl 1.30.3 leaves in a cluster, without what the server adds.</summary>
public sealed class ReaderObjectsTests
{
    private const string Namespace = "istio-system";

    public static TheoryData<string> Kinds => new() { "ClusterRole", "ClusterRoleBinding", "ServiceAccount", "Secret" };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_object_means_what_istioctl_makes(string kind)
    {
        var expected = KubernetesYaml.ReadObjects(ProjectData.Text("reader-rbac.yaml")).Single(obj => obj.Kind == kind);
        var role = ReaderObjects.RoleNameFor("default", Namespace);
        var made = kind switch
        {
            "ClusterRole" => ReaderObjects.Role(role),
            "ClusterRoleBinding" => ReaderObjects.Binding(role, ReaderObjects.DefaultServiceAccount, Namespace),
            "ServiceAccount" => ReaderObjects.ServiceAccount(ReaderObjects.DefaultServiceAccount, Namespace),
            _ => ReaderObjects.TokenSecret(ReaderObjects.TokenSecretName(ReaderObjects.DefaultServiceAccount), Namespace, ReaderObjects.DefaultServiceAccount),
        };
        Assert.True(JsonNode.DeepEquals(expected.Json, made.Json), $"{made.Json}\n{expected.Json}");
    }

    [Fact]
    public void Names_follow_revision_and_namespace()
    {
        Assert.Equal("istio-reader-clusterrole-istio-system", ReaderObjects.RoleNameFor("default", "istio-system"));
        Assert.Equal("istio-reader-clusterrole-asm-1285-12-mesh", ReaderObjects.RoleNameFor("asm-1285-12", "mesh"));
    }

    [Fact]
    public void A_role_that_lacks_what_istiod_lists_is_found_out()
    {
        var role = ReaderObjects.Role("r");
        Assert.Empty(ReaderObjects.MissingFrom(role));
        var rules = role.Json["rules"]!.AsArray();
        rules.RemoveAt(1);
        Assert.Equal(["namespaces", "pods", "services", "nodes"], ReaderObjects.MissingFrom(role));
        rules.Add(JsonNode.Parse("""{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}"""));
        Assert.Empty(ReaderObjects.MissingFrom(role));
        role.Json.Remove("rules");
        Assert.Equal(5, ReaderObjects.MissingFrom(role).Count);
    }

    [Fact]
    public void A_binding_is_for_exactly_one_account_of_one_namespace()
    {
        var binding = ReaderObjects.Binding("r", "a", "n");
        Assert.True(ReaderObjects.Binds(binding, "a", "n"));
        Assert.False(ReaderObjects.Binds(binding, "b", "n"));
        Assert.False(ReaderObjects.Binds(binding, "a", "m"));
        binding.Json.Remove("subjects");
        Assert.False(ReaderObjects.Binds(binding, "a", "n"));
    }

    [Fact]
    public void A_token_secret_is_known_by_type_and_account()
    {
        var secret = ReaderObjects.TokenSecret("s", "n", "a");
        Assert.True(ReaderObjects.IsTokenSecretOf(secret, "a"));
        Assert.False(ReaderObjects.IsTokenSecretOf(secret, "b"));
        Assert.False(ReaderObjects.IsFilled(secret));
        secret.Json["data"] = new JsonObject { ["token"] = "eA==" };
        Assert.False(ReaderObjects.IsFilled(secret));
        secret.Json["data"]!["ca.crt"] = "eA==";
        Assert.True(ReaderObjects.IsFilled(secret));
        secret.Json["type"] = "Opaque";
        Assert.False(ReaderObjects.IsTokenSecretOf(secret, "a"));
    }
}
