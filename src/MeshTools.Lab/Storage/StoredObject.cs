using System.Text.Json;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>One version of one object: a snapshot that never changes once it is in the store.</summary>
public sealed class StoredObject
{
    private byte[]? _utf8;
    private byte[]? _listItemUtf8;

    internal StoredObject(ResourceKey key, long resourceVersion, JsonObject json)
    {
        Key = key;
        ResourceVersion = resourceVersion;
        Json = json;
    }

    /// <summary>Where the object lives.</summary>
    public ResourceKey Key { get; }

    /// <summary>The cluster-wide version of the write that left this snapshot.</summary>
    public long ResourceVersion { get; }

    /// <summary>The object. Shared between readers: never change it, take <see cref="ToJson"/> for that.</summary>
    public JsonObject Json { get; }

    /// <summary><c>metadata.uid</c>.</summary>
    public string Uid => Json["metadata"]?["uid"]?.GetValue<string>() ?? "";

    /// <summary>True once deletion was asked for and finalizers (or a grace period) still hold the object.</summary>
    public bool IsTerminating => Json["metadata"]?["deletionTimestamp"] is not null;

    /// <summary>A copy that the caller may change.</summary>
    public JsonObject ToJson() => JsonTree.CloneObject(Json);

    /// <summary>The object as UTF-8 JSON, serialised once.</summary>
    internal ReadOnlyMemory<byte> Utf8 => _utf8 ??= Serialise(Json, withType: true);

    /// <summary>The object as an item of a list of its own kind, where built-in kinds leave out <c>kind</c> and <c>apiVersion</c>.</summary>
    internal ReadOnlyMemory<byte> ListItemUtf8 => _listItemUtf8 ??= Serialise(Json, withType: false);

    private static byte[] Serialise(JsonObject json, bool withType)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, Wire.WriterOptions))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in json)
            {
                if (!withType && name is ("kind" or "apiVersion"))
                {
                    continue;
                }

                writer.WritePropertyName(name);
                if (value is null)
                {
                    writer.WriteNullValue();
                }
                else
                {
                    value.WriteTo(writer);
                }
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
