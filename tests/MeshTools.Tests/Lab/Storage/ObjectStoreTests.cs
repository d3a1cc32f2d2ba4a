using System.Text.Json.Nodes;
using MeshTools.Lab;
using Xunit;

namespace MeshTools.Tests.Lab.Storage;

public sealed class ObjectStoreTests
{
    private readonly ObjectStore _store = new();

    private static ResourceKey Key(string name, string @namespace = "ns") => new("", "configmaps", @namespace, name);

    private StoredObject Create(string name, string @namespace = "ns") =>
        _store.Create(Key(name, @namespace), (JsonObject)JsonNode.Parse("""{"apiVersion":"v1","kind":"ConfigMap","data":{"k":"1"}}""")!, "creator");

    private static JsonObject With(JsonObject json, string key, string value)
    {
        json["data"]![key] = value;
        return json;
    }

    [Fact]
    public void Every_write_raises_the_version_of_the_cluster()
    {
        var first = Create("a");
        var second = Create("b");
        Assert.True(second.ResourceVersion > first.ResourceVersion);
        var changed = _store.Mutate(Key("a"), json => With(json, "k", "2"), "changer")!;
        Assert.True(changed.ResourceVersion > second.ResourceVersion);
        Assert.Equal(changed.ResourceVersion, _store.ResourceVersion);
    }

    [Fact]
    public void A_change_that_changes_nothing_writes_nothing()
    {
        var created = Create("a");
        var same = _store.Mutate(Key("a"), json => With(json, "k", "1"), "changer")!;
        Assert.Equal(created.ResourceVersion, same.ResourceVersion);
    }

    [Fact]
    public void Creating_twice_is_a_conflict()
    {
        Create("a");
        var failure = Assert.Throws<ApiStatusException>(() => Create("a"));
        Assert.Equal((409, "AlreadyExists"), (failure.Code, failure.Reason));
    }

    [Fact]
    public void Readers_never_see_a_change_to_what_they_hold()
    {
        var before = Create("a");
        _store.Mutate(Key("a"), json => With(json, "k", "2"), "changer");
        Assert.Equal("1", (string?)before.Json["data"]!["k"]);
    }

    [Fact]
    public void Mutate_records_who_changed_which_field()
    {
        Create("a");
        var changed = _store.Mutate(Key("a"), json => With(json, "other", "2"), "changer")!;
        var entries = ((JsonArray)changed.Json["metadata"]!["managedFields"]!).ToDictionary(entry => (string)entry!["manager"]!, StringComparer.Ordinal);
        Assert.Equal("""{"f:data":{"f:other":{}}}""", entries["changer"]!["fieldsV1"]!.ToJsonString());
        Assert.Equal("""{"f:data":{".":{},"f:k":{}}}""", entries["creator"]!["fieldsV1"]!.ToJsonString());
    }

    [Fact]
    public async Task Parallel_changes_are_all_kept()
    {
        Create("a");
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => _store.Mutate(Key("a"), json => With(json, "k" + i, "x"), "changer"))));
        Assert.Equal(51, ((JsonObject)_store.Get(Key("a")).Json["data"]!).Count);
    }

    [Fact]
    public void Finalizers_hold_an_object_until_the_last_is_gone()
    {
        Create("a");
        _store.Mutate(Key("a"), json => { json["metadata"]!["finalizers"] = new JsonArray("example.com/x"); return json; }, "changer");
        Assert.False(_store.Delete(Key("a")).Removed);
        Assert.True(_store.Get(Key("a")).IsTerminating);
        _store.Mutate(Key("a"), json => { ((JsonObject)json["metadata"]!).Remove("finalizers"); return json; }, "changer");
        Assert.Null(_store.Find(Key("a")));
    }

    [Theory]
    [InlineData("00000000-0000-0000-0000-000000000000", null)]
    [InlineData(null, "1")]
    public void A_precondition_that_fails_deletes_nothing(string? uid, string? version)
    {
        Create("a");
        var failure = Assert.Throws<ApiStatusException>(() => _store.Delete(Key("a"), new DeletePreconditions(uid, version)));
        Assert.Equal(409, failure.Code);
        Assert.NotNull(_store.Find(Key("a")));
    }

    [Fact]
    public async Task A_watch_misses_nothing_from_the_version_it_starts_at()
    {
        var start = Create("a").ResourceVersion;
        Create("b");
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await using var watch = _store.WatchAsync("", "configmaps", "ns", start, timeout.Token).GetAsyncEnumerator(timeout.Token);
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal(("b", StoreEventType.Added), (watch.Current.Object.Key.Name, watch.Current.Type));
        Create("elsewhere", "other");
        _store.Delete(Key("a"));
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal(("a", StoreEventType.Deleted), (watch.Current.Object.Key.Name, watch.Current.Type));
    }

    [Fact]
    public async Task A_watch_from_a_compacted_version_is_expired()
    {
        var start = Create("a").ResourceVersion;
        Create("b");
        _store.CompactThrough(_store.ResourceVersion);
        await using var watch = _store.WatchAsync("", "configmaps", null, start).GetAsyncEnumerator();
        var failure = await Assert.ThrowsAsync<ApiStatusException>(async () => await watch.MoveNextAsync());
        Assert.Equal((410, "Expired"), (failure.Code, failure.Reason));
    }

    [Fact]
    public void History_is_bounded()
    {
        var small = new ObjectStore(historyCapacity: 2);
        for (var i = 0; i < 5; i++)
        {
            small.Create(Key("a" + i), (JsonObject)JsonNode.Parse("""{"apiVersion":"v1","kind":"ConfigMap"}""")!, "creator");
        }

        Assert.Throws<ApiStatusException>(() => small.OpenWatch("", "configmaps", null, 1));
    }

    [Fact]
    public void A_list_can_be_had_as_it_was()
    {
        Create("a");
        var then = Create("b").ResourceVersion;
        _store.Delete(Key("a"));
        Create("c");
        _store.Mutate(Key("b"), json => With(json, "k", "2"), "changer");
        var list = _store.ListAt("", "configmaps", "ns", then);
        Assert.Equal(["a", "b"], list.Items.Select(item => item.Key.Name));
        Assert.Equal("1", (string?)list.Items[1].Json["data"]!["k"]);
    }
}
