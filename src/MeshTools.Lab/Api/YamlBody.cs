using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using MeshTools.Kubernetes;

namespace MeshTools.Lab;

/// <summary>YAML in requests and answers, read as Kubernetes reads it and with faults worded as Go's library words them.</summary>
internal static class YamlBody
{
    internal const string MediaType = "application/yaml";

    /// <exception cref="FormatException">Not YAML.</exception>
    internal static JsonNode? Parse(string text)
    {
        try
        {
            return KubernetesYaml.ParseAll(text) is [var only, ..] ? JsonTree.Clone(only) : null;
        }
        catch (KubernetesYamlException fault)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"yaml: line {LineOf(text, fault.Line)}: did not find expected node content"), fault);
        }
    }

    internal static byte[] Write(JsonNode node) => Encoding.UTF8.GetBytes(KubernetesYaml.Write(node));

    /// <summary>A fault at the end of the text belongs to its last line, not to the empty one after it.</summary>
    private static int LineOf(string text, int line) => Math.Clamp(line, 1, text.TrimEnd('\n').Count(c => c == '\n') + 1);
}
