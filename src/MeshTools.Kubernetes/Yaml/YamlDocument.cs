using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>One document of a text, with the place where it starts.</summary>
internal readonly record struct YamlDocument(JsonNode? Root, int Line, int Column);
