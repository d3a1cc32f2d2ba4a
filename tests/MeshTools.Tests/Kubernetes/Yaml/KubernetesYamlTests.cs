using MeshTools.Kubernetes;
using Xunit;

namespace MeshTools.Tests.Kubernetes;

public class KubernetesYamlTests
{
    private static string Json(string yaml) => KubernetesYaml.ParseAll(yaml)[0].ToJsonString();

    /// <summary>Each expectation is what kubectl 1.32 makes of the scalar (kubectl label --local -o json).</summary>
    [Theory]
    [InlineData("yes", "true")]
    [InlineData("y", "true")]
    [InlineData("On", "true")]
    [InlineData("OFF", "false")]
    [InlineData("N", "false")]
    [InlineData("nULL", "\"nULL\"")]
    [InlineData("~", "null")]
    [InlineData("Null", "null")]
    [InlineData("", "null")]
    [InlineData("\"yes\"", "\"yes\"")]
    [InlineData("'10'", "\"10\"")]
    [InlineData("010", "8")]
    [InlineData("08", "8")]
    [InlineData("0o14", "12")]
    [InlineData("0o8", "\"0o8\"")]
    [InlineData("0x1F", "31")]
    [InlineData("0X1f", "31")]
    [InlineData("-0x1F", "-31")]
    [InlineData("0b11", "3")]
    [InlineData("1_000", "1000")]
    [InlineData("0_8", "8")]
    [InlineData("+12", "12")]
    [InlineData("-0", "0")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("-9223372036854775808", "-9223372036854775808")]
    [InlineData("18446744073709551615", "18446744073709551615")]
    [InlineData("1.0", "1")]
    [InlineData("1.", "1")]
    [InlineData(".5", "0.5")]
    [InlineData("+.5", "0.5")]
    [InlineData(".5e3", "500")]
    [InlineData("1e3", "1000")]
    [InlineData("1e+3", "1000")]
    [InlineData("1_0.5", "10.5")]
    [InlineData("1e400", "\"1e400\"")]
    [InlineData("2001-01-01", "\"2001-01-01\"")]
    [InlineData("12:30:45", "\"12:30:45\"")]
    [InlineData("<<", "\"\\u003C\\u003C\"")]
    [InlineData("=", "\"=\"")]
    [InlineData("!!str 12", "\"12\"")]
    [InlineData("!!int \"12\"", "12")]
    [InlineData("!!float 3", "3")]
    [InlineData("!!binary aGVsbG8=", "\"hello\"")]
    [InlineData("!foo 12", "\"12\"")]
    [InlineData("*.example.com", null)]
    public void Scalars_are_read_as_kubectl_reads_them(string scalar, string? expected)
    {
        if (expected is null)
            Assert.Throws<KubernetesYamlException>(() => Json($"a: {scalar}"));
        else
            Assert.Equal($$"""{"a":{{expected}}}""", Json($"a: {scalar}"));
    }

    [Theory]
    [InlineData("yes: k", """{"true":"k"}""")]
    [InlineData("12: k", """{"12":"k"}""")]
    [InlineData("1.5: k", """{"1.5":"k"}""")]
    [InlineData("b: &b {p: 1, q: 2}\nm: {<<: *b, q: 3}", """{"b":{"p":1,"q":2},"m":{"p":1,"q":3}}""")]
    [InlineData("b: &b {p: 1, q: 2}\nm: {q: 3, <<: *b}", """{"b":{"p":1,"q":2},"m":{"q":2,"p":1}}""")]
    [InlineData("m: {<<: [{p: 9}, {p: 8, r: 7}]}", """{"m":{"p":9,"r":7}}""")]
    [InlineData("a: &x [1]\nb: *x", """{"a":[1],"b":[1]}""")]
    public void Keys_anchors_and_merges_are_read_as_kubectl_reads_them(string yaml, string expected) => Assert.Equal(expected, Json(yaml));

    [Fact]
    public void A_byte_order_mark_and_windows_line_ends_change_nothing() =>
        Assert.Equal("""{"a":"x","b":[1]}""", Json("\uFEFFa: x\r\nb:\r\n- 1\r\n"));

    [Theory]
    [InlineData("a: 1\nb:\n  c: 1\n  c: 2\n", 4, 3)]
    [InlineData("{\"a\": 1,\n  \"a\": 2}", 2, 3)]
    [InlineData("a: [", 1, 5)]
    [InlineData("a: 1\nb: c: d", 2, 5)]
    [InlineData("a: *missing", 1, 4)]
    [InlineData("a: &a [*a]", 1, 8)]
    public void An_error_says_line_and_column(string yaml, int line, int column)
    {
        var error = Assert.Throws<KubernetesYamlException>(() => KubernetesYaml.ParseAll(yaml, "file.yaml"));
        Assert.Equal((line, column), (error.Line, error.Column));
        Assert.StartsWith($"file.yaml: line {line}, column {column}: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bomb_of_aliases_is_refused()
    {
        var yaml = "a: &a [x,x,x,x,x,x,x,x,x,x]\n";
        for (var c = 'b'; c <= 'i'; c++)
            yaml += $"{c}: &{c} [*{(char)(c - 1)},*{(char)(c - 1)},*{(char)(c - 1)},*{(char)(c - 1)},*{(char)(c - 1)},*{(char)(c - 1)},*{(char)(c - 1)},*{(char)(c - 1)},*{(char)(c - 1)}]\n";
        var error = Assert.Throws<KubernetesYamlException>(() => KubernetesYaml.ParseAll(yaml));
        Assert.Contains("excessive aliasing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_is_bounded() => Assert.Throws<KubernetesYamlException>(() => KubernetesYaml.ParseAll(new string('[', 2000) + new string(']', 2000)));

    [Fact]
    public void Documents_and_lists_become_objects()
    {
        const string Yaml = """
            # nothing
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: one}
            ---
            ---
            apiVersion: v1
            kind: List
            items:
            - {apiVersion: v1, kind: ConfigMap, metadata: {name: two}}
            - apiVersion: v1
              kind: SecretList
              items:
              - metadata: {name: three}
            ...
            """;
        var objects = KubernetesYaml.ReadObjects(Yaml);
        Assert.Equal(["Secret one", "ConfigMap two", "Secret three"], objects.Select(o => o.ToString()));
        Assert.Equal("v1", objects[2].ApiVersion);
    }

    [Theory]
    [InlineData("kind: Secret", "apiVersion")]
    [InlineData("apiVersion: v1", "kind")]
    [InlineData("- 1", "must be a map")]
    public void What_is_no_object_is_refused(string yaml, string problem) =>
        Assert.Contains(problem, Assert.Throws<KubernetesYamlException>(() => KubernetesYaml.ReadObjects(yaml)).Message, StringComparison.Ordinal);

    [Fact]
    public void Json_values_in_a_row_are_read() =>
        Assert.Equal(["{\"a\":1}", "{\"b\":2}"], KubernetesYaml.ParseAll("{\"a\":1}\n{\"b\":2}\n").Select(n => n.ToJsonString()));

    [Fact]
    public void Writing_is_readable()
    {
        var node = KubernetesYaml.ParseAll("""
            {"apiVersion":"v1","data":{"on":"yes","n":"010","text":"a\nb\n","empty":"","date":"2026-01-01","ip":"10.0.0.1"},"list":[{"a":1,"b":[]},[1,"2"]],"nothing":null}
            """)[0];
        Assert.Equal("""
            apiVersion: v1
            data:
              "on": "yes"
              "n": "010"
              text: |
                a
                b
              empty: ""
              date: "2026-01-01"
              ip: 10.0.0.1
            list:
            - a: 1
              b: []
            - - 1
              - "2"
            nothing: null

            """.ReplaceLineEndings("\n"), KubernetesYaml.Write(node));
    }
}
