using System.Text.Json.Nodes;
using MeshTools.Errors;
using MeshTools.Fleet;
using MeshTools.Install;
using MeshTools.Kubernetes;
using MeshTools.Tests.Discovery;
using Xunit;

namespace MeshTools.Tests.Install;

/// <summary>What is built equals, by meaning, what asmcli layers.</summary>
public sealed class OperatorGoldenTests
{
    [Theory]
    [MemberData(nameof(Cases))]
    public void It_equals_what_asmcli_layers(string golden)
    {
        var built = OperatorConfiguration.Build(Settings(golden));

        var expected = KubernetesYaml.ParseAll(ProjectData.Text(golden))[0];
        // asmcli's has no name; what that does to other people's gateways, InstallTests shows.
        expected["metadata"] = new JsonObject { ["name"] = "meshtools" };
        Assert.True(JsonNode.DeepEquals(Sorted(expected), Sorted(built.Document)), $"expected:\n{KubernetesYaml.Write(Sorted(expected))}\nbuilt:\n{KubernetesYaml.Write(Sorted(built.Document))}");
        Assert.Empty(built.Warnings);
        Assert.True(JsonNode.DeepEquals(built.Document, KubernetesYaml.ParseAll(built.ToYaml())[0]));
        Assert.True(JsonNode.DeepEquals(built.Document, JsonNode.Parse(built.ToJson())));
    }

    [Theory]
    [InlineData("1.23.3-asm.2", "asm-1233-2")]
    [InlineData("1.19.10-asm.9", "asm-11910-9")]
    [InlineData("1.22.6-asm.2", "asm-1226-2")]
    [InlineData("1.23.4-asm.7", "asm-1234-7")]
    [InlineData("1.7.3-asm.3", "asm-173-3")]
    [InlineData("1.28.5-asm.12", "asm-1285-12")]
    [InlineData("1.30.3", "1-30-3")]
    public void A_release_names_its_revision(string release, string revision) => Assert.Equal(revision, IstioRelease.Parse(release).DefaultRevision);

    [Fact]
    public void Names_are_those_of_asmcli()
    {
        Assert.Equal("proj-111111111111", FleetNames.MeshId("111111111111"));
        Assert.Equal("cn-my-proj-us-central1-c-cluster-1", FleetNames.ClusterId("my-proj", "us-central1-c", "cluster-1"));
        Assert.Equal("cn-my-fleet-global-eks-1", FleetNames.ClusterId("my-fleet", "global", "eks-1"));
        Assert.Equal("cn-my-fleet-global-awsClusters-eks-1", FleetNames.ClusterId("my-fleet", "global", "awsClusters/eks-1"));
        Assert.Equal("my-proj-default", FleetNames.Network("my-proj", "default"));
    }

    [Fact]
    public void Aliases_are_told_apart_whole_and_keep_those_of_a_running_control_plane()
    {
        // "proj" is part of "my-proj", which once made it disappear.
        var aliases = MeshNaming.TrustDomainAliases(MeshAuthority.MeshCA, "my-proj", "proj", ["old.svc.id.goog", "my-proj.svc.id.goog"], ["extra"]);
        Assert.Equal(["my-proj.svc.id.goog", "my-proj.hub.id.goog", "proj.svc.id.goog", "old.svc.id.goog", "extra"], aliases);
        Assert.Equal(["my-fleet.svc.id.goog"], MeshNaming.TrustDomainAliases(MeshAuthority.IstioCA, "my-fleet", "my-proj", [], []));
        Assert.Empty(MeshNaming.TrustDomainAliases(MeshAuthority.IstioCA, null, null, [], []));
    }

    [Theory]
    [InlineData("projects/p/locations/l/caPools/n", true)]
    [InlineData("projects/p/locations/l/caPools/n:projects/p/locations/l/certificateTemplates/t", true)]
    [InlineData("projects/example.com:p/locations/l/caPools/n", true)]
    [InlineData("projects/p/locations/l/caPools/", false)]
    [InlineData("projects/p/locations/l/caPools/n:projects/p/locations/l/caPools/t", false)]
    [InlineData("", false)]
    public void A_pool_has_one_form(string pool, bool valid)
    {
        if (valid)
            MeshNaming.RequireCaPool(pool);
        else
            Assert.Equal("CaPoolInvalid", Assert.Throws<MeshException>(() => MeshNaming.RequireCaPool(pool)).ErrorId);
    }

    [Theory]
    [InlineData("Rev")]
    [InlineData("-a")]
    [InlineData("a_b")]
    [InlineData("a123456789012345678901234567890123456789012345678901234567")]
    public void A_revision_that_no_object_could_be_named_after_is_refused(string revision) =>
        Assert.Equal("RevisionInvalid", Assert.Throws<MeshException>(() => IstioRelease.RequireRevision(revision)).ErrorId);

    [Fact]
    public void Without_a_fleet_nothing_of_Google_Cloud_is_in_it()
    {
        var text = OperatorConfiguration.Build(new OperatorSettings { Release = IstioRelease.Parse("1.30.3"), Revision = "default", ClusterId = "c1", MeshId = "m", Network = "n" }).ToYaml();
        Assert.DoesNotContain("goog", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("GKE", text, StringComparison.Ordinal);
        Assert.DoesNotContain("revision", text, StringComparison.Ordinal);
    }

    public static TheoryData<string> Cases() => new(Goldens);

    internal static string[] Goldens { get; } =
        ["iop-gcp-citadel.yaml", "iop-gcp-mesh_ca.yaml", "iop-gcp-crossproject-gcp_cas.yaml", "iop-multicloud-citadel-prometheus.yaml", "iop-multicloud-mesh_ca.yaml"];

    internal static OperatorSettings Settings(string golden)
    {
        var google = golden.StartsWith("iop-gcp", StringComparison.Ordinal);
        var cross = golden.Contains("crossproject", StringComparison.Ordinal);
        var authority = golden.Contains("citadel", StringComparison.Ordinal) ? MeshAuthority.IstioCA : golden.Contains("gcp_cas", StringComparison.Ordinal) ? MeshAuthority.CaService : MeshAuthority.MeshCA;
        const string Fleet = "my-fleet";
        var project = cross ? "my-proj" : Fleet;
        var location = !google ? "global" : cross ? "us-central1" : "us-central1-c";
        var name = google ? "cluster-1" : "eks-1";
        return new OperatorSettings
        {
            Release = IstioRelease.Parse("1.28.5-asm.12"),
            Revision = IstioRelease.Parse("1.28.5-asm.12").DefaultRevision,
            Authority = authority,
            CaPool = authority is MeshAuthority.CaService ? "projects/capool-proj/locations/us-central1/caPools/pool-1" : null,
            FleetProject = Fleet,
            TrustDomainAliases = MeshNaming.TrustDomainAliases(authority, Fleet, google ? project : null, [], []),
            ClusterId = FleetNames.ClusterId(project, location, name),
            MeshId = FleetNames.MeshId("111111111111"),
            Network = google ? FleetNames.Network(project, "default") : MeshNaming.DefaultNetwork,
            IdentityProvider = (google, cross, authority) switch
            {
                (true, false, _) => "https://container.googleapis.com/v1/projects/my-fleet/locations/us-central1-c/clusters/cluster-1",
                (_, _, MeshAuthority.IstioCA) => null,
                _ => $"https://gkehub.googleapis.com/projects/my-fleet/locations/global/memberships/{name}",
            },
            Metadata = new GoogleClusterMetadata(project, cross ? "222222222222" : "111111111111", name, location),
            IsOnGoogleCloud = google,
            Options = golden.Contains("prometheus", StringComparison.Ordinal) ? ["prometheus"] : [],
        };
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, Sorted(pair.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
