using System.Text.Encodings.Web;
using System.Text.Json;

namespace MeshTools.Lab;

/// <summary>How JSON leaves the server: compact, and with no escaping beyond what JSON itself asks for.</summary>
internal static class Wire
{
    internal static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    internal static readonly JsonSerializerOptions SerializerOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
