using MeshTools.Clusters;
using Xunit;

namespace MeshTools.Tests.Clusters;

/// <summary>What tables call clusters.</summary>
public sealed class ShortNamesTests
{
    [Theory]
    [InlineData("gke_my-project_us-central1-c_prod", "prod")]
    [InlineData("arn:aws:eks:eu-west-1:123456789012:cluster/prod", "prod")]
    [InlineData("gke_my-project_prod", "gke_my-project_prod")]
    [InlineData("arn:aws:eks:eu-west-1:123456789012:nodegroup/prod", "arn:aws:eks:eu-west-1:123456789012:nodegroup/prod")]
    [InlineData("default/api-host:6443/me", "default/api-host:6443/me")]
    public void What_tools_put_around_a_name_goes(string context, string expected) => Assert.Equal(expected, ShortNames.Of([context])[context]);

    [Fact]
    public void Two_are_never_called_the_same()
    {
        string[] contexts =
        [
            "gke_one_us-central1-c_prod", "gke_one_europe-west1_prod", "gke_one_us-central1-c_shop", "gke_two_us-central1-c_shop", "gke_one_us-central1-c_lab", "lab", "gke_one_us-central1-c_only",
        ];
        var names = ShortNames.Of(contexts);
        Assert.Equal(
            ["us-central1-c/prod", "europe-west1/prod", "gke_one_us-central1-c_shop", "gke_two_us-central1-c_shop", "us-central1-c/lab", "lab", "only"],
            contexts.Select(context => names[context]));
    }

    [Fact]
    public void Clusters_are_found_by_them_where_no_context_has_the_name()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, """
                apiVersion: v1
                kind: Config
                clusters: [{ name: c, cluster: { server: "https://127.0.0.1:1" } }]
                users: [{ name: u, user: {} }]
                contexts:
                - { name: gke_one_us-central1-c_prod, context: { cluster: c, user: u } }
                - { name: gke_one_us-central1-c_lab, context: { cluster: c, user: u } }
                - { name: lab, context: { cluster: c, user: u } }
                """);
            Assert.Equal(["gke_one_us-central1-c_prod", "lab"], ClusterCatalog.Load([path], ["prod", "lab"]).Select(cluster => cluster.Context));
            Assert.Equal(["prod", "us-central1-c/lab", "lab"], ClusterCatalog.Load([path]).Select(cluster => cluster.ShortName));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
