using System.Text.Json.Nodes;
using Xunit;

namespace MeshTools.Tests.Lab.Wire;

/// <summary>The lab answers as a real kube-apiserver 1.36.2 was recorded to answer.</summary>
public sealed class RecordingTests(RecordedSession session) : IClassFixture<RecordedSession>
{
    /// <summary>Recordings that the lab does not serve, by name.</summary>
    private static readonly string[] NotServed = [];

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
        SameAnswer.Assert(name, expected, answer);
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
}
