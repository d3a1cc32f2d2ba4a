using MeshTools.Clusters;
using MeshTools.Fleet;
using MeshTools.Lab;
using MeshTools.Tests.Scenarios;
using Xunit;

namespace MeshTools.Tests.GoogleCloud;

/// <summary>Clusters behind Google's Connect Gateway.</summary>
public sealed class GatewayTests
{
    private const string Address = "https://connectgateway.googleapis.com/v1/projects/222222222222/locations/global/";

    [Theory]
    [InlineData("connectgateway_my-fleet_global_prod", Address + "gkeMemberships/prod", "my-fleet", "global", "prod", true)]
    [InlineData("connectgateway_my-fleet_us-east4_eks", "https://us-east4-connectgateway.googleapis.com/v1/projects/1/locations/us-east4/memberships/eks", "my-fleet", "us-east4", "eks", false)]
    [InlineData("connectgateway_my-fleet_global_prod_ns-web", Address + "memberships/prod", "my-fleet", "global", "prod", false)]
    [InlineData("renamed", Address + "memberships/prod", "222222222222", "global", "prod", false)]
    [InlineData("connectgateway_my-fleet_global_prod", null, "my-fleet", "global", "prod", false)]
    [InlineData("connectgateway_my-fleet_global_prod", "https://127.0.0.1:1/v1beta1/projects/1/locations/global/gkeMemberships/prod", "my-fleet", "global", "prod", true)]
    public void A_context_or_its_server_says_the_membership(string context, string? server, string project, string location, string membership, bool gke)
    {
        var name = GatewayName.TryParse(context, server is null ? null : new Uri(server))!;

        Assert.Equal(new GatewayName(project, location, membership, gke), name);
        Assert.Equal($"projects/{project}/locations/{location}/memberships/{membership}", name.ResourceName);
    }

    [Theory]
    [InlineData("gke_p_l_c", "https://1.2.3.4")]
    [InlineData("connectgateway_my-fleet_global", null)]
    [InlineData("connectgateway_a_b_c_d", null)]
    [InlineData("lab-1", "https://example.com/v1/projects/1/locations/global/memberships/prod")]
    public void Other_contexts_say_none(string context, string? server) => Assert.Null(GatewayName.TryParse(context, server is null ? null : new Uri(server)));

    [Fact]
    public void A_kubeconfig_of_the_gateway_names_fleet_and_platform()
    {
        using var file = new TemporaryKubeconfig("connectgateway_my-fleet_global_prod", Address + "gkeMemberships/prod");

        var cluster = Assert.Single(ClusterCatalog.Load([file.Path]));

        Assert.Equal(ClusterPlatform.Gke, cluster.Platform);
        Assert.Equal("my-fleet", cluster.FleetProject);
    }

    [Fact]
    public async Task The_membership_says_which_cluster_of_GKE_it_is()
    {
        await using var lab = await GoogleLab.StartAsync(1, new MeshTools.Lab.GoogleCloudOptions { Prepared = true });
        var registration = await FleetRegistration.CreateAsync(lab.Cluster(), new FleetRegistrationOptions(GoogleLab.Fleet), lab.Client, lab.Log, CancellationToken.None);
        await registration.ExecuteAsync(lab.Cluster(), GoogleLab.Fleet, _ => true, lab.Log, CancellationToken.None);
        using var file = new TemporaryKubeconfig("connectgateway_lab-fleet_us-central1_lab-1", "https://us-central1-connectgateway.googleapis.com/v1/projects/222222222222/locations/us-central1/gkeMemberships/lab-1");

        var cluster = Assert.Single(ClusterCatalog.Load([file.Path]));
        var name = await GkeIdentity.FindAsync(cluster, lab.Client, CancellationToken.None);
        var members = await FleetCatalog.ListAsync(lab.Client, GoogleLab.Fleet, [cluster with { Uid = "not asked" }], CancellationToken.None);

        Assert.Equal(new GkeName("lab-project", "us-central1-c", "lab-1"), name);
        Assert.NotNull(Assert.Single(members).Cluster);
    }

    [Theory]
    [InlineData("gke-gcloud-auth-plugin", true)]
    [InlineData("/opt/google-cloud-sdk/bin/gke-gcloud-auth-plugin", true)]
    [InlineData("C:\\sdk\\gke-gcloud-auth-plugin.exe", true)]
    [InlineData("aws", false)]
    [InlineData("my-gke-gcloud-auth-plugin", false)]
    public void Googles_plugin_is_known_by_its_name(string command, bool expected) => Assert.Equal(expected, GooglePlugin.IsGoogles(command));

    [Fact]
    public void The_account_that_it_acts_as_is_taken_over()
    {
        Assert.Equal("a@b", GooglePlugin.ImpersonatedBy(["--use_application_default_credentials", "--impersonate_service_account=a@b"]));
        Assert.Equal("a@b", GooglePlugin.ImpersonatedBy(["--impersonate_service_account", "a@b"]));
        Assert.Null(GooglePlugin.ImpersonatedBy(["--impersonate_service_account"]));
    }

    private sealed class TemporaryKubeconfig : IDisposable
    {
        public TemporaryKubeconfig(string context, string server) => File.WriteAllText(Path, $$"""
            apiVersion: v1
            kind: Config
            contexts:
            - name: {{context}}
              context: {cluster: c, user: u}
            clusters:
            - name: c
              cluster:
                server: {{server}}
            users:
            - name: u
              user:
                exec:
                  apiVersion: client.authentication.k8s.io/v1beta1
                  command: gke-gcloud-auth-plugin
                  provideClusterInfo: true
            """);

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
