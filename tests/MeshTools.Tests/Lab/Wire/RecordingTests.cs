using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;

namespace MeshTools.Tests.Lab.Wire;

/// <summary>The lab answers as a real kube-apiserver 1.36.2 was recorded to answer.</summary>
public sealed partial class RecordingTests(RecordedSession session) : IClassFixture<RecordedSession>
{
    /// <summary>Recordings that the lab does not serve, by name.</summary>
    private static readonly string[] NotServed = [];

    /// <summary>Values that are another each time: only that they are there counts.</summary>
    private static readonly HashSet<string> Volatile = new(StringComparer.Ordinal)
    {
        "uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "time", "clusterIP", "clusterIPs", "nodePort", "token", "ca.crt", "expirationTimestamp",
    };

    public static TheoryData<string> Names()
    {
        var data = new TheoryData<string>();
        foreach (var recording in Recording.All.Where(recording => !NotServed.Contains(recording.Name)))
        {
            data.Add(recording.Name);
        }

        return data;
    }

    [Fact]
    public void Every_recording_is_there() => Assert.Equal(65, Recording.All.Count);

    [Theory]
    [MemberData(nameof(Names))]
    public void Answers_as_recorded(string name)
    {
        var expected = Recording.All.Single(recording => string.Equals(recording.Name, name, StringComparison.Ordinal)).Expected;
        var answer = session.AnswerTo(name);
        Assert.True((int)expected["status"]! == answer.Status, $"{expected["status"]} was recorded, the lab says {answer.Status}: {answer.Body}");
        Assert.Equal((string?)expected["contentType"], answer.ContentType);
        Assert.Equal((string?)expected["warning"], answer.Warnings.SingleOrDefault());
        if (expected["message"] is not null)
        {
            Assert.Equal((string?)expected["reason"], (string?)answer.Json["reason"]);
            Assert.Equal(Message((string)expected["message"]!), Message((string)answer.Json["message"]!));
            Assert.Equal(Text(expected["details"]), Text(answer.Json["details"]));
            Assert.Equal((int)expected["status"]!, (int)answer.Json["code"]!);
        }

        if (expected["document"] is { } document)
        {
            var actual = answer.Json;
            if (name is "ns-terminating")
            {
                // How far the deletion has come by then is a matter of time.
                ((JsonObject)actual["status"]!).Remove("conditions");
            }

            Assert.Equal(Text(document), Text(actual));
        }

        if (expected["columns"] is { } columns)
        {
            Assert.Equal(Text(columns), Text(answer.Json["columnDefinitions"]));
        }

        if (expected["kind"] is { } kind)
        {
            Assert.Equal((string?)kind, (string?)answer.Json["kind"]);
            Assert.Equal((string?)expected["apiVersion"], (string?)answer.Json["apiVersion"]);
        }

        if (expected["text"] is { } text)
        {
            Assert.Equal((string?)text, answer.Body);
        }
    }

    [Fact]
    public void Pages_of_a_list_say_how_much_is_left()
    {
        var page = session.AnswerTo("list-page1").Json;
        Assert.Equal(2, ((JsonArray)page["items"]!).Count);
        Assert.NotEmpty((string)page["metadata"]!["continue"]!);
        Assert.True((int)page["metadata"]!["remainingItemCount"]! > 0);
    }

    [Fact]
    public void A_strategic_patch_starts_a_new_generation()
    {
        var deployment = session.AnswerTo("strategic-patch").Json;
        Assert.Equal(2, (int)deployment["metadata"]!["generation"]!);
        var managers = ((JsonArray)deployment["metadata"]!["managedFields"]!).OfType<JsonObject>().ToDictionary(entry => (string)entry["manager"]! + "/" + (string?)entry["subresource"], StringComparer.Ordinal);
        Assert.Equal(
            """{"f:spec":{"f:template":{"f:metadata":{"f:annotations":{".":{},"f:kubectl.kubernetes.io/restartedAt":{}}}}}}""",
            managers["curl/"]["fieldsV1"]!.ToJsonString());
        Assert.True(managers["kubectl-client-side-apply/"]["fieldsV1"]!["f:spec"]!["f:template"]!["f:spec"]!["f:containers"]!["k:{\"name\":\"c\"}"] is JsonObject);
    }

    [Fact]
    public void A_watch_from_no_version_lists_first_and_says_where_that_ends()
    {
        var lines = session.AnswerTo("watch-bookmarks").Body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (JsonObject)JsonNode.Parse(line)!).ToArray();
        Assert.All(lines[..^1], line => Assert.Equal("ADDED", (string?)line["type"]));
        Assert.Equal("BOOKMARK", (string?)lines[^1]["type"]);
        Assert.Equal("true", (string?)lines[^1]["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]);
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
