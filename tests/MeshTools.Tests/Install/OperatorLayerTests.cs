using System.Text.Json.Nodes;
using MeshTools.Errors;
using MeshTools.Install;
using MeshTools.Kubernetes;
using Xunit;

namespace MeshTools.Tests.Install;

public sealed class OperatorLayerTests
{
    [Fact]
    public void Layers_are_in_the_order_of_asmcli()
    {
        var settings = Settings() with
        {
            Options = ["prometheus-and-stackdriver", "ENVOY-access-log.yaml"],
            Overlays = [OperatorOverlay.Parse("# a licence\n---\n" + Overlay("hub: example.com/a") + "---\n" + Overlay("hub: example.com/b"), "two.yaml")],
        };

        var built = OperatorConfiguration.Build(settings);

        Assert.Equal(
            ["base", "authority IstioCA", "option prometheus-and-stackdriver", "option envoy-access-log", "overlay two.yaml", "overlay two.yaml", "authority IstioCA"], built.Layers);
        Assert.Equal("example.com/b", built.Document.FindString("spec", "hub"));
        Assert.Equal("/dev/stdout", built.Document.FindString("spec", "meshConfig", "accessLogFile"));
    }

    [Fact]
    public void The_authority_has_the_last_word_and_says_so()
    {
        var built = OperatorConfiguration.Build(Settings() with { Overlays = [OperatorOverlay.Parse(Overlay("meshConfig: {trustDomain: mine}"), "mine.yaml")] });

        Assert.Equal("cluster.local", built.Document.FindString("spec", "meshConfig", "trustDomain"));
        Assert.StartsWith("spec.meshConfig.trustDomain:", Assert.Single(built.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.28.5-asm.12", null)]
    [InlineData("1.23.3-asm.2", 2)]
    public void Lists_are_replaced_since_1_24_and_gateways_merged_by_name_before(string release, int? minimum)
    {
        var settings = Settings() with { Release = IstioRelease.Parse(release), Options = ["legacy-default-ingressgateway"] };

        var gateways = OperatorConfiguration.Build(settings).Document.FindArray("spec", "components", "ingressGateways")!;

        var gateway = Assert.Single(gateways);
        Assert.True(gateway.FindBoolean("enabled"));
        Assert.Equal(minimum, (int?)gateway.FindInt64("k8s", "hpaSpec", "minReplicas"));
    }

    [Theory]
    [InlineData("1.23.3-asm.2", new[] { "my-fleet.svc.id.goog", "cluster.local" })]
    [InlineData("1.28.5-asm.12", new[] { "cluster.local" })]
    public void Aliases_of_an_option_add_to_those_there_are_only_where_istioctl_does_so(string release, string[] aliases)
    {
        var settings = Settings() with { Release = IstioRelease.Parse(release), TrustDomainAliases = ["my-fleet.svc.id.goog"], Options = ["ca-migration-meshca"] };

        Assert.Equal(aliases, OperatorConfiguration.Build(settings).Document.FindStrings("spec", "meshConfig", "trustDomainAliases"));
    }

    [Theory]
    [InlineData("multiproject", "profile")]
    [InlineData("v1beta1-crds", "1.15")]
    [InlineData("hub-meshca", "no effect")]
    [InlineData("audit-authorizationpolicy", "ended with Istio 1.20")]
    [InlineData("nonsense", "there is no option")]
    public void An_option_that_is_no_more_says_why(string name, string reason)
    {
        var refused = Assert.Throws<MeshException>(() => OperatorConfiguration.Build(Settings() with { Options = [name] }));
        Assert.Equal("OptionUnknown", refused.ErrorId);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://example.com/overlay.yaml", "is an address")]
    [InlineData("/no/such/file.yaml", "does not exist")]
    public void What_is_no_file_is_refused(string path, string reason)
    {
        var refused = Assert.Throws<MeshException>(() => OperatorOverlay.Read(path));
        Assert.Equal("OverlayInvalid", refused.ErrorId);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("apiVersion: v1\nkind: Secret\n", "document 1 is a Secret")]
    [InlineData("apiVersion: install.istio.io/v1beta1\nkind: IstioOperator\n", "apiVersion install.istio.io/v1beta1")]
    [InlineData("# only this\n", "holds no document")]
    [InlineData("just text", "no IstioOperator")]
    public void What_is_no_IstioOperator_is_refused(string text, string reason)
    {
        var refused = Assert.Throws<MeshException>(() => OperatorOverlay.Parse(text, "x.yaml"));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_spec_changes_nothing()
    {
        var plain = OperatorConfiguration.Build(Settings());
        var with = OperatorConfiguration.Build(Settings() with { Overlays = [OperatorOverlay.Parse("apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec:\n", "x")] });
        Assert.True(JsonNode.DeepEquals(plain.Document, with.Document));
    }

    [Fact]
    public void Whatever_overlays_are_called_the_document_keeps_its_name()
    {
        var overlay = OperatorOverlay.Parse("apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: {name: eastwest, labels: {team: a}}\n", "x");

        var built = OperatorConfiguration.Build(Settings() with { Authority = MeshAuthority.IstioCA, Overlays = [overlay] });

        Assert.Equal("meshtools", built.Document.FindString("metadata", "name"));
        Assert.Empty(built.Warnings);
    }

    internal static OperatorSettings Settings() => new()
    {
        Release = IstioRelease.Parse("1.28.5-asm.12"), Revision = "asm-1285-12", ClusterId = "c1", MeshId = "m1", Network = "n1",
    };

    private static string Overlay(string spec) => $"apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {{{spec}}}\n";
}
