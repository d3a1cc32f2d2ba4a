using System.Text.Json.Nodes;

namespace MeshTools.Tests.Clusters;

/// <summary>names.json: names as asmcli, gcloud and aws make them, and what becomes of them.</summary>
internal static class NameTable
{
    private static readonly JsonNode s_table = Read();

    public static IEnumerable<JsonNode> Rows(string table) => s_table[table]!.AsArray().Select(row => row!);

    private static JsonNode Read()
    {
        using var stream = typeof(NameTable).Assembly.GetManifestResourceStream("names.json")!;
        return JsonNode.Parse(stream)!;
    }
}
