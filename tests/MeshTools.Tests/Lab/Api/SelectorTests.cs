using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using MeshTools.Lab;
using Xunit;

namespace MeshTools.Tests.Lab.Api;

public sealed class SelectorTests
{
    private static readonly JsonObject Labels = (JsonObject)JsonNode.Parse("""{"app":"web","tier":"front","n":"5","example.com/x":""}""")!;

    [Theory]
    [InlineData("", true)]
    [InlineData("app=web", true)]
    [InlineData("app==web,tier=front", true)]
    [InlineData("app!=web", false)]
    [InlineData("none!=web", true)]
    [InlineData("app in (web, api)", true)]
    [InlineData("app notin (web,api)", false)]
    [InlineData("none notin (web)", true)]
    [InlineData("app", true)]
    [InlineData("!app", false)]
    [InlineData("!none", true)]
    [InlineData("n>4", true)]
    [InlineData("n<5", false)]
    [InlineData("app>4", false)]
    [InlineData("example.com/x=", true)]
    [InlineData("example.com/x in ()", true)]
    [InlineData(" app = web , tier ", true)]
    public void Labels_match(string selector, bool matches) => Assert.Equal(matches, LabelSelector.Parse(selector).Matches(Labels));

    [Theory]
    [InlineData("==")]
    [InlineData("app=web,")]
    [InlineData("app in (web")]
    [InlineData("app web")]
    [InlineData("-app=web")]
    [InlineData("app=we b")]
    [InlineData("n>x")]
    [InlineData("a/b/c=d")]
    [InlineData("app=-")]
    public void What_is_no_selector_is_refused(string selector) => Assert.Throws<FormatException>(() => LabelSelector.Parse(selector));

    [Fact]
    public void Any_text_is_a_selector_or_a_format_error() => Check.QuickThrowOnFailure(Prop.ForAll(
        ArbMap.Default.ArbFor<string>(),
        text =>
        {
            try
            {
                LabelSelector.Parse(text ?? "");
            }
            catch (FormatException)
            {
                // As it should.
            }

            return true;
        }));

    [Theory]
    [InlineData("0.5", "500m")]
    [InlineData("1000m", "1")]
    [InlineData("1024Mi", "1Gi")]
    [InlineData("0.5Gi", "512Mi")]
    [InlineData("100k", "100k")]
    [InlineData("1e3", "1e3")]
    [InlineData("0", "0")]
    [InlineData("1500", "1500")]
    public void Quantities_have_one_form(string given, string canonical)
    {
        Assert.True(Quantities.TryCanonicalise(given, out var actual));
        Assert.Equal(canonical, actual);
    }
}
