using System.Globalization;
using System.Text;
using MeshTools.Kubernetes;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace MeshTools.Tests.Kubernetes;

public class WatchTests
{
    private readonly EagerClock _clock = new();

    private static string Item(string name, int version, string uid = "u") =>
        $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}","namespace":"ns","uid":"{{{uid}}}-{{{name}}}","resourceVersion":"{{{version}}}"}}""";

    private static string List(int version, params string[] items) => $$$"""{"metadata":{"resourceVersion":"{{{version}}}"},"items":[{{{string.Join(',', items)}}}]}""";

    private static string Event(string type, string item) => $$$"""{"type":"{{{type}}}","object":{{{item}}}}""" + "\n";

    private static string Error(int code, string reason, string extra = "") =>
        Event("ERROR", $$"""{"kind":"Status","status":"Failure","code":{{code}},"reason":"{{reason}}","message":"m"{{extra}}}""");

    private static bool IsWatch(HttpContext context) => context.Request.Query["watch"] == "true";

    private KubernetesClient Client(TestApiServer server) => server.Client(new KubernetesClientOptions { TimeProvider = _clock, RequestTimeout = EagerClock.Long });

    private static string Show(WatchEvent e) => e.Type == WatchEventType.Bookmark ? $"Bookmark {e.Object.ResourceVersion}" : $"{e.Type} {e.Object.Name}@{e.Object.ResourceVersion}";

    private async Task<List<string>> TakeAsync(TestApiServer server, int count, string? from = null)
    {
        using var client = Client(server);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var seen = new List<string>();
        await foreach (var change in client.WatchAsync(ResourceTypes.ConfigMap, "ns", new ListOptions { LabelSelector = "a=b", ResourceVersion = from }, patience.Token))
        {
            seen.Add(Show(change));
            if (seen.Count == count)
                break;
        }

        return seen;
    }

    /// <summary>Serves the lists in order, and each watch by the text scripted for it; further watches stay open.</summary>
    private static Task<TestApiServer> ScriptAsync(string[] lists, params string[] watches)
    {
        var list = -1;
        var watch = -1;
        return TestApiServer.StartAsync(async context =>
        {
            if (!IsWatch(context))
            {
                await TestApiServer.JsonAsync(context, lists[Math.Min(Interlocked.Increment(ref list), lists.Length - 1)]);
                return;
            }

            var index = Interlocked.Increment(ref watch);
            if (index < watches.Length && watches[index].StartsWith("HTTP ", StringComparison.Ordinal))
            {
                await TestApiServer.StatusAsync(context, int.Parse(watches[index][5..8], CultureInfo.InvariantCulture), "Expired", "m");
                return;
            }

            await context.Response.WriteAsync(index < watches.Length ? watches[index] : "");
            await context.Response.Body.FlushAsync();
            if (index >= watches.Length)
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
    }

    [Fact]
    public async Task From_a_version_nothing_is_listed_and_the_end_of_what_was_there_is_told()
    {
        await using var server = await ScriptAsync([], Event("DELETED", Item("a", 8)) + Event("ADDED", Item("b", 9)));
        Assert.Equal(["Deleted a@8", "Added b@9"], await TakeAsync(server, 2, from: "7"));
        Assert.Contains("resourceVersion=7", Assert.Single(server.Requests).Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task From_a_forgotten_version_the_list_is_read()
    {
        await using var server = await ScriptAsync([List(20, Item("a", 15))], "HTTP 410", Event("MODIFIED", Item("a", 21)));
        Assert.Equal(["Added a@15", "Bookmark 20", "Modified a@21"], await TakeAsync(server, 3, from: "7"));
    }

    [Fact]
    public async Task It_lists_then_watches_from_there()
    {
        await using var server = await ScriptAsync([List(5, Item("a", 3))], Event("ADDED", Item("b", 6)) + Event("MODIFIED", Item("a", 7)) + Event("BOOKMARK", Item("", 9)) + Event("DELETED", Item("b", 10)), "");
        Assert.Equal(["Added a@3", "Bookmark 5", "Added b@6", "Modified a@7", "Bookmark 9", "Deleted b@10"], await TakeAsync(server, 6));
        var requests = server.Requests.ToList();
        Assert.Equal("/api/v1/namespaces/ns/configmaps?labelSelector=a%3Db&limit=500", requests[0].PathAndQuery);
        Assert.StartsWith("/api/v1/namespaces/ns/configmaps?labelSelector=a%3Db&watch=true&allowWatchBookmarks=true&resourceVersion=5&timeoutSeconds=", requests[1].PathAndQuery, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_goes_on_from_the_last_event_or_bookmark_a_second_later()
    {
        await using var server = await ScriptAsync([List(5)], Event("ADDED", Item("a", 6)), Event("BOOKMARK", Item("", 20)), Event("ADDED", Item("b", 21)));
        Assert.Equal(["Bookmark 5", "Added a@6", "Bookmark 20", "Added b@21"], await TakeAsync(server, 4));
        Assert.Equal(["5", "6", "20"], server.Requests.Skip(1).Select(r => System.Web.HttpUtility.ParseQueryString(r.Query)["resourceVersion"]!));
        Assert.All(_clock.Delays, d => Assert.True(d >= TimeSpan.FromSeconds(1), d.ToString()));
    }

    [Theory]
    [InlineData("event")]
    [InlineData("answer")]
    public async Task Both_forms_of_410_lead_to_a_new_list_of_which_only_differences_are_told(string form)
    {
        await using var server = await ScriptAsync(
            [List(5, Item("same", 1), Item("gone", 2), Item("changed", 3), Item("remade", 4)), List(50, Item("same", 1), Item("changed", 30), Item("remade", 40, "v"), Item("new", 41))],
            form is "event" ? Error(410, "Expired") : "HTTP 410",
            Event("MODIFIED", Item("new", 51)));
        Assert.Equal(
            ["Added same@1", "Added gone@2", "Added changed@3", "Added remade@4", "Bookmark 5", "Deleted gone@2", "Modified changed@30", "Deleted remade@4", "Added remade@40", "Added new@41", "Modified new@51"],
            await TakeAsync(server, 11));
    }

    [Fact]
    public async Task A_server_error_in_the_stream_is_waited_out()
    {
        await using var server = await ScriptAsync([List(5)], Error(500, "InternalError", ""","details":{"retryAfterSeconds":7}"""), Error(504, "Timeout"), Event("ADDED", Item("a", 6)));
        Assert.Equal(["Bookmark 5", "Added a@6"], await TakeAsync(server, 2));
        Assert.Contains(TimeSpan.FromSeconds(7), _clock.Delays);
        Assert.Equal(1, server.Requests.Count(r => !r.Query.Contains("watch=true", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task A_refusal_ends_it(int code)
    {
        await using var server = await TestApiServer.StartAsync(context => IsWatch(context)
            ? TestApiServer.StatusAsync(context, code, code == 401 ? "Unauthorized" : "Forbidden", "no")
            : TestApiServer.JsonAsync(context, List(5)));
        var error = await Assert.ThrowsAsync<KubernetesApiException>(() => TakeAsync(server, 2));
        Assert.Equal((code, "watch"), ((int)error.StatusCode, error.Verb));
    }

    [Fact]
    public async Task An_unknown_error_in_the_stream_ends_it()
    {
        await using var server = await ScriptAsync([List(5)], Error(422, "Invalid"));
        Assert.True((await Assert.ThrowsAsync<KubernetesApiException>(() => TakeAsync(server, 2))).IsInvalid);
    }

    [Fact]
    public async Task A_failing_first_list_fails_the_watch()
    {
        await using var server = await TestApiServer.StartAsync(context => TestApiServer.StatusAsync(context, 403, "Forbidden", "no"));
        await Assert.ThrowsAsync<KubernetesApiException>(() => TakeAsync(server, 1));
    }

    [Fact]
    public async Task Empty_closes_in_a_row_lead_to_a_new_list()
    {
        await using var server = await ScriptAsync([List(5), List(60, Item("a", 59))], "", "", "", "");
        Assert.Equal(["Bookmark 5", "Added a@59"], await TakeAsync(server, 2));
        Assert.Equal(3, server.Requests.Count(r => r.Query.Contains("watch=true", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_event_of_any_length_in_any_pieces_is_read()
    {
        var big = new string('x', 300_000);
        var text = Event("ADDED", Item("a", 6).Replace("\"name\"", $"\"annotations\":{{\"big\":\"{big}\"}},\"name\"", StringComparison.Ordinal)) + "\n" + Event("ADDED", Item("b", 7));
        await using var server = await TestApiServer.StartAsync(async context =>
        {
            if (!IsWatch(context))
            {
                await TestApiServer.JsonAsync(context, List(5));
                return;
            }

            foreach (var piece in Encoding.UTF8.GetBytes(text).Chunk(70_001))
            {
                await context.Response.Body.WriteAsync(piece);
                await context.Response.Body.FlushAsync();
            }
        });
        Assert.Equal(["Bookmark 5", "Added a@6", "Added b@7"], await TakeAsync(server, 3));
    }

    /// <summary>A store that changes while every watch is cut after a few events, sometimes amid one, and every seventh answers 410.</summary>
    [Fact]
    public async Task Over_a_hundred_disconnects_nothing_is_lost_and_nothing_comes_twice()
    {
        const int Changes = 330;
        var watches = 0;
        var sent = 0;
        await using var server = await TestApiServer.StartAsync(async context =>
        {
            if (!IsWatch(context))
            {
                await TestApiServer.JsonAsync(context, List(sent, [.. State(sent).Select(p => Item(p.Key, p.Value))]));
                return;
            }

            var from = int.Parse(context.Request.Query["resourceVersion"]!, CultureInfo.InvariantCulture);
            var number = ++watches;
            if (number % 7 == 0)
            {
                await context.Response.WriteAsync(Error(410, "Expired"));
                return;
            }

            for (var version = from + 1; version <= Math.Min(from + 3, Changes); version++)
            {
                sent = Math.Max(sent, version);
                await context.Response.WriteAsync(Event("MODIFIED", Item($"n{version % 10}", version)));
            }

            await context.Response.WriteAsync(number % 2 == 0 ? "" : "{\"type\":\"MODIFIED\",\"obj");
            await context.Response.Body.FlushAsync();
            if (number % 3 == 0)
                context.Abort();
        });

        using var client = Client(server);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        await foreach (var change in client.WatchAsync(ResourceTypes.ConfigMap, "ns", null, patience.Token))
        {
            if (change.Type == WatchEventType.Bookmark)
                continue;
            var version = int.Parse(change.Object.ResourceVersion!, CultureInfo.InvariantCulture);
            Assert.True(version > seen.GetValueOrDefault(change.Object.Name), $"{change.Object.Name} went from {seen.GetValueOrDefault(change.Object.Name)} to {version}");
            seen[change.Object.Name] = version;
            if (version == Changes)
                break;
        }

        Assert.True(watches >= 100, $"{watches} watches");
        Assert.Equal(State(Changes).OrderBy(p => p.Key, StringComparer.Ordinal), seen.OrderBy(p => p.Key, StringComparer.Ordinal));

        static Dictionary<string, int> State(int version) =>
            Enumerable.Range(1, version).GroupBy(v => $"n{v % 10}").ToDictionary(g => g.Key, g => g.Last(), StringComparer.Ordinal);
    }
}
