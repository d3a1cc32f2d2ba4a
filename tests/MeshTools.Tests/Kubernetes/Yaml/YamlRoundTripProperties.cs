using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using MeshTools.Kubernetes;
using Xunit;

namespace MeshTools.Tests.Kubernetes;

public class YamlRoundTripProperties
{
    private static readonly string[] s_nasty =
    [
        "yes", "no", "on", "null", "~", "010", "0x1f", "1e3", "1_000", ".5", "-", "- a", "a: b", "a #b", "#", "'", "\"", "\\", "|", ">", "*a", "&a", "!t", "%", "@", "`",
        "<<", "=", "?", "? a", "{", "[", "]", ",", ":", "a:", " a", "a ", "\t", "a\tb", "\n", "a\n", "a\nb", "a\n\n", "\na", " a\nb", "a\n b\n", "a \nb", "a\n \nb", "a\r\nb",
        "---", "...", "--- a", "\u0085", "\u2028", "\uFEFF", "\0", "\u001b[0m", "ä€😀", "2026-01-01", "12:30", "1.2.3.4", "", "a\n\tb", "\ta\nb", "key\n---\nvalue", "a\n\n\nb\n\n",
    ];

    private static readonly Gen<string> s_text = Gen.OneOf(
        Gen.Elements(s_nasty),
        ArbMap.Default.GeneratorFor<NonNull<string>>().Select(s => WellFormed(s.Get)),
        Gen.Elements(s_nasty).Two().Select(p => p.Item1 + p.Item2));

    private static readonly Gen<JsonNode?> s_leaf = Gen.OneOf(
        s_text.Select(JsonNode? (s) => JsonValue.Create(s)),
        ArbMap.Default.GeneratorFor<long>().Select(JsonNode? (n) => JsonValue.Create(n)),
        ArbMap.Default.GeneratorFor<NormalFloat>().Select(JsonNode? (n) => JsonValue.Create(n.Get + 0.0)),
        ArbMap.Default.GeneratorFor<bool>().Select(JsonNode? (b) => JsonValue.Create(b)),
        Gen.Constant<JsonNode?>(null));

    [Fact]
    public void What_is_broken_is_refused_with_its_place() =>
        Prop.ForAll(Broken().ToArbitrary(), yaml =>
        {
            if (Record.Exception(() => KubernetesYaml.Read(yaml, null)) is { } error)
            {
                var refusal = Assert.IsType<KubernetesYamlException>(error);
                Assert.InRange(refusal.Line, 1, yaml.Count(c => c is '\n' or '\r' or '\u0085' or '\u2028' or '\u2029') + 2);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    [Fact]
    public void An_unclosed_brace_is_refused_with_its_place()
    {
        var error = Assert.Throws<KubernetesYamlException>(() => KubernetesYaml.ParseAll("clusters:\n- cluster: {server: \"https://x\"\n  name: a\n", "kubeconfig"));
        Assert.Equal(3, error.Line);
    }

    // A text that was right until somebody cut it, or put something in.
    private static Gen<string> Broken() =>
        from node in Tree(3)
        from flow in Gen.Elements(true, false)
        let yaml = flow ? Text(node) : KubernetesYaml.Write(node)
        from at in Gen.Choose(0, Math.Max(0, yaml.Length - 1))
        from cut in Gen.Choose(0, 3)
        from put in Gen.Elements("", "{", "}", "[", "]", "\"", "'", ":", ": ", "\n", "\n  ", "- ", "&a ", "*a", "? ", "|", "\t", "#", ",", "%", "\0")
        select yaml[..at] + put + yaml[Math.Min(yaml.Length, at + cut)..];

    [Fact]
    public void What_is_written_reads_back() =>
        Prop.ForAll(Tree(4).ToArbitrary(), node =>
        {
            var yaml = KubernetesYaml.Write(node);
            var error = Record.Exception(() => KubernetesYaml.Read(yaml, null));
            Assert.True(error is null, $"{error?.Message}\n{yaml}");
            var document = Assert.Single(KubernetesYaml.Read(yaml, null));
            Assert.True(JsonNode.DeepEquals(node, document.Root), $"{Text(node)}\n{yaml}\n{Text(document.Root)}");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1500));

    [Fact]
    public void Json_reads_as_itself() =>
        Prop.ForAll(Tree(3).Where(n => n is JsonObject).ToArbitrary(), node =>
        {
            var document = Assert.Single(KubernetesYaml.Read(node!.ToJsonString(), null));
            Assert.True(JsonNode.DeepEquals(node, document.Root), Text(node));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static string Text(JsonNode? node) => node?.ToJsonString() ?? "null";

    private static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static Gen<JsonNode?> Tree(int depth)
    {
        if (depth == 0)
            return s_leaf;
        var child = Tree(depth - 1);
        var array = child.ListOf().Resize(4).Select(JsonNode? (items) => new JsonArray([.. items.Select(i => i?.DeepClone())]));
        var map = s_text.Zip(child).ListOf().Resize(4).Select(JsonNode? (pairs) =>
        {
            var result = new JsonObject();
            foreach (var (key, value) in pairs)
                result[key] = value?.DeepClone();
            return result;
        });
        return Gen.Frequency((2, s_leaf), (2, array), (3, map));
    }
}
