using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace MeshTools.Lab;

/// <summary>Reads request bodies.</summary>
internal static class RequestBody
{
    private const int Limit = 3 * 1024 * 1024;

    /// <exception cref="ApiStatusException">413 for a body that is too large.</exception>
    internal static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext context)
    {
        if (context.Request.ContentLength > Limit)
        {
            throw TooLarge();
        }

        var buffer = new ArrayBufferWriter<byte>((int)Math.Max(256, context.Request.ContentLength ?? 0));
        while (true)
        {
            var read = await context.Request.Body.ReadAsync(buffer.GetMemory(4096), context.RequestAborted).ConfigureAwait(false);
            if (read == 0)
            {
                return buffer.WrittenMemory;
            }

            buffer.Advance(read);
            if (buffer.WrittenCount > Limit)
            {
                throw TooLarge();
            }
        }
    }

    internal static string MediaType(HttpRequest request)
    {
        var header = request.ContentType ?? "";
        var semicolon = header.IndexOf(';', StringComparison.Ordinal);
        return (semicolon < 0 ? header : header[..semicolon]).Trim();
    }

    /// <summary>415 in the words of the handlers.</summary>
    internal static ApiStatusException UnknownFormat(params string[] accepted) => new(
        415,
        "UnsupportedMediaType",
        "the body of the request was in an unknown format - accepted media types include: " + string.Join(", ", accepted));

    /// <summary>Reads an object in JSON or YAML.</summary>
    /// <exception cref="ApiStatusException">400 for a body that cannot be read, 415 for one in another format.</exception>
    internal static JsonObject ParseObject(string mediaType, ReadOnlySpan<byte> body, List<DuplicateField>? duplicates)
    {
        switch (mediaType)
        {
            case "" or "application/json":
                try
                {
                    return Expect(JsonTree.Parse(body, duplicates));
                }
                catch (JsonException fault)
                {
                    throw ApiStatusException.BadRequest("couldn't get version/kind; json parse error: " + Describe(body, fault));
                }

            case "application/yaml":
                return Expect(ParseYaml(body, duplicates, "couldn't get version/kind; json parse error: "));
            default:
                throw UnknownFormat("application/json", "application/yaml");
        }
    }

    internal static JsonNode? ParseYaml(ReadOnlySpan<byte> body, List<DuplicateField>? duplicates, string prefix)
    {
        // JSON is YAML, and what most clients send.
        if (body.TrimStart(" \t\r\n"u8) is [(byte)'{', ..])
        {
            try
            {
                return JsonTree.Parse(body, duplicates);
            }
            catch (JsonException)
            {
                // Flow-style YAML, or a fault that the YAML reader tells in the server's words.
            }
        }

        try
        {
            return YamlBody.Parse(Encoding.UTF8.GetString(body));
        }
        catch (FormatException fault)
        {
            throw ApiStatusException.BadRequest(prefix + "error converting YAML to JSON: " + fault.Message);
        }
    }

    /// <summary>A JSON fault as Go words it.</summary>
    internal static string Describe(ReadOnlySpan<byte> body, JsonException fault)
    {
        var position = 0;
        var line = fault.LineNumber ?? 0;
        for (var i = 0; i < body.Length && line > 0; i++)
        {
            if (body[i] == (byte)'\n')
            {
                line--;
                position = i + 1;
            }
        }

        position += (int)(fault.BytePositionInLine ?? 0);
        return position >= body.Length
            ? "unexpected end of JSON input"
            : $"invalid character '{(char)body[position]}' looking for beginning of value";
    }

    /// <summary>The start of a body, as messages show it: text when it looks like JSON, else its bytes.</summary>
    internal static string Summary(ReadOnlySpan<byte> body)
    {
        const int Longest = 30;
        if (body.IsEmpty)
        {
            return "<empty>";
        }

        var start = body.Length > Longest ? body[..Longest] : body;
        var more = body.Length > Longest ? " ..." : "";
        return (body[0] == (byte)'{' ? Encoding.UTF8.GetString(start) : Convert.ToHexString(start).ToLowerInvariant()) + more;
    }

    private static JsonObject Expect(JsonNode? node) => node as JsonObject
        ?? throw ApiStatusException.BadRequest("couldn't get version/kind; json parse error: json: cannot unmarshal "
            + (node is JsonArray ? "array" : "value") + " into Go value of type struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }");

    private static ApiStatusException TooLarge() =>
        new(413, "RequestEntityTooLarge", $"Request entity too large: limit is {Limit}", []);
}
