using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MeshTools.Tests.Lab.Wire;

/// <summary>Compares an answer with a recorded one: by meaning, and without what is another each time.</summary>
internal static partial class SameAnswer
{
    /// <summary>Values that are another each time: only that they are there counts.</summary>
    private static readonly HashSet<string> Volatile = new(StringComparer.Ordinal)
    {
        "uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "time", "clusterIP", "clusterIPs", "nodePort", "token", "ca.crt", "expirationTimestamp", "lastTransitionTime", "lastUpdateTime",
    };

    internal static void Assert(string name, JsonObject expected, Answer answer)
    {
        Xunit.Assert.True((int)expected["status"]! == answer.Status, $"{expected["status"]} was recorded, the lab says {answer.Status}: {answer.Body}");
        Xunit.Assert.Equal((string?)expected["contentType"], answer.ContentType);
        Xunit.Assert.Equal((string?)expected["warning"], answer.Warnings.SingleOrDefault());
        if (expected["message"] is not null)
        {
            Xunit.Assert.Equal((string?)expected["reason"], (string?)answer.Json["reason"]);
            Xunit.Assert.Equal(Message((string)expected["message"]!), Message((string)answer.Json["message"]!));
            Xunit.Assert.Equal(Text(expected["details"]), Text(answer.Json["details"]));
            Xunit.Assert.Equal((int)expected["status"]!, (int)answer.Json["code"]!);
        }

        if (expected["document"] is { } document)
        {
            var actual = answer.Json;
            if (name is "ns-terminating")
            {
                // How far the deletion has come by then is a matter of time.
                ((JsonObject)actual["status"]!).Remove("conditions");
            }

            Xunit.Assert.Equal(Text(document), Text(actual));
        }

        if (expected["columns"] is { } columns)
        {
            Xunit.Assert.Equal(Text(columns), Text(answer.Json["columnDefinitions"]));
        }

        if (expected["kind"] is { } kind)
        {
            Xunit.Assert.Equal((string?)kind, (string?)answer.Json["kind"]);
            Xunit.Assert.Equal((string?)expected["apiVersion"], (string?)answer.Json["apiVersion"]);
        }

        if (expected["text"] is { } text)
        {
            Xunit.Assert.Equal((string?)text, answer.Body);
        }
    }

    private static string Message(string text) => Guids().Replace(text, "UID").Replace(", application/vnd.kubernetes.protobuf", "", StringComparison.Ordinal);

    private static string Text(JsonNode? node)
    {
        var copy = node?.DeepClone();
        return Canonical(copy)?.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) ?? "null";
    }

    private static JsonNode? Canonical(JsonNode? node, string? field = null)
    {
        if (node is not null && field is not null && Volatile.Contains(field))
        {
            return JsonValue.Create("*");
        }

        switch (node)
        {
            case JsonObject obj:
                var result = new JsonObject();
                foreach (var (name, value) in obj.OrderBy(entry => entry.Key, StringComparer.Ordinal))
                {
                    result[name] = Canonical(value, name);
                }

                return result;
            case JsonArray list when field is "managedFields":
                // Their order follows the second in which each was written.
                return new JsonArray([.. list.Select(item => Canonical(item)).OrderBy(item => item!.ToJsonString(), StringComparer.Ordinal)]);
            case JsonArray list:
                return new JsonArray([.. list.Select(item => Canonical(item))]);
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                return JsonValue.Create(Guids().Replace(value.GetValue<string>(), "UID"));
            default:
                return node?.DeepClone();
        }
    }

    [GeneratedRegex("([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})|((?<=X509SHA256=).*$)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Guids();
}
