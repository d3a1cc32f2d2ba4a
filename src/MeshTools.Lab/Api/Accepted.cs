using Microsoft.AspNetCore.Http;

namespace MeshTools.Lab;

/// <summary>The shape in which an answer is wanted.</summary>
internal enum Representation
{
    Whole,
    Table,
    MetadataOnly,
}

/// <summary>What a request accepts (k8s.io/apiserver/pkg/endpoints/handlers/negotiation).</summary>
/// <param name="Representation">The shape.</param>
/// <param name="Version">The meta version of a Table: v1 or v1beta1.</param>
/// <param name="Yaml">YAML in place of JSON.</param>
internal sealed record Accepted(Representation Representation, string Version, bool Yaml)
{
    private static readonly Accepted Json = new(Representation.Whole, "v1", Yaml: false);

    /// <exception cref="ApiStatusException">406 when nothing the request accepts is at hand.</exception>
    internal static Accepted Read(HttpRequest request)
    {
        var header = request.Headers.Accept.ToString();
        if (header.Length == 0)
        {
            return Json;
        }

        foreach (var clause in header.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = clause.Split(';', StringSplitOptions.TrimEntries);
            var yaml = parts[0] is "application/yaml";
            if (!yaml && parts[0] is not ("application/json" or "*/*" or "application/*"))
            {
                continue;
            }

            var shape = Parameter(parts, "as");
            var version = Parameter(parts, "v") ?? "v1";
            if (shape is null)
            {
                return new Accepted(Representation.Whole, "v1", yaml);
            }

            if (Parameter(parts, "g") is "meta.k8s.io" && version is "v1" or "v1beta1")
            {
                switch (shape)
                {
                    case "Table":
                        return new Accepted(Representation.Table, version, yaml);
                    case "PartialObjectMetadata" or "PartialObjectMetadataList":
                        return new Accepted(Representation.MetadataOnly, version, yaml);
                    default:
                        break;
                }
            }
        }

        throw new ApiStatusException(406, "NotAcceptable", "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml", []);
    }

    private static string? Parameter(string[] parts, string name)
    {
        foreach (var part in parts.AsSpan(1))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && part.AsSpan(0, equals).Trim().SequenceEqual(name))
            {
                return part[(equals + 1)..].Trim();
            }
        }

        return null;
    }
}
