using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>The last part of an image's repository, whatever registry it is mirrored in: <c>mirror.example:5000/x/curl:8.16.0</c> is <c>curl</c>.</summary>
internal static class ImageName
{
    public static string Of(JsonNode container) => (container.Text("image") ?? string.Empty).Split('@')[0].Split('/')[^1].Split(':')[0];
}
