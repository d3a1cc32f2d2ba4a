using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using MeshTools.Lab;
using Xunit;

namespace MeshTools.Tests.Lab.Ownership;

public sealed class ServerSideApplyTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);
    private static readonly ServedResource ConfigMaps = new ResourceCatalog().Find("", "v1", "configmaps")!;
    private static readonly ServedResource Deployments = new ResourceCatalog().Find("apps", "v1", "deployments")!;
    private static readonly string[] Keys = ["a", "b", "c", "d", "e"];

    private static Gen<JsonObject> Configurations { get; } = Gen.Elements("1", "2", null).ListOf(Keys.Length).Select(
        values => Configuration(Keys.Zip(values).Where(pair => pair.Second is not null).Select(pair => (pair.First, pair.Second!))));

    private static JsonObject Configuration(IEnumerable<(string Key, string Value)> data)
    {
        var values = new JsonObject();
        foreach (var (key, value) in data)
        {
            values[key] = value;
        }

        return new JsonObject { ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = "x" }, ["data"] = values };
    }

    private static JsonObject Object(string json) => (JsonObject)JsonNode.Parse(json)!;

    private static JsonObject Live(ServedResource resource)
    {
        var empty = ObjectDecoder.Empty(resource);
        Metadata.Of(empty)["name"] = "x";
        return empty;
    }

    private static JsonObject Apply(ServedResource resource, JsonObject live, JsonObject configuration, string manager, bool force = false) =>
        Strategy.Decode(resource, FieldOwnership.Apply(resource, live, configuration, manager, "", Strategy.Ignored(resource, ""), force, Now));

    private static JsonObject Created(ServedResource resource, JsonObject configuration, string manager)
    {
        var created = Apply(resource, Live(resource), configuration, manager);
        Metadata.Of(created)["uid"] = "1";
        return created;
    }

    private static string? FieldsOf(JsonObject value, string manager) => ((JsonArray?)value["metadata"]!["managedFields"])?.OfType<JsonObject>()
        .SingleOrDefault(entry => (string?)entry["manager"] == manager)?["fieldsV1"]!.ToJsonString();

    [Fact]
    public void Applying_twice_changes_nothing() => Check.QuickThrowOnFailure(Prop.ForAll(Configurations.ToArbitrary(), configuration =>
    {
        var once = Created(ConfigMaps, configuration, "one");
        return JsonTree.AreEqual(once, Apply(ConfigMaps, once, configuration, "one"));
    }));

    [Fact]
    public void Managers_of_different_fields_can_come_in_any_order() => Check.QuickThrowOnFailure(Prop.ForAll(
        Configurations.ToArbitrary(),
        Configurations.ToArbitrary(),
        (first, second) =>
        {
            foreach (var (key, _) in (JsonObject)first["data"]!)
            {
                ((JsonObject)second["data"]!).Remove(key);
            }

            var start = Created(ConfigMaps, Configuration([("base", "0")]), "base");
            var oneWay = Apply(ConfigMaps, Apply(ConfigMaps, start, first, "one"), second, "two");
            var otherWay = Apply(ConfigMaps, Apply(ConfigMaps, start, second, "two"), first, "one");
            return JsonTree.AreEqual(oneWay, otherWay);
        }));

    [Fact]
    public void Force_takes_what_differs_and_shares_what_is_equal() => Check.QuickThrowOnFailure(Prop.ForAll(
        Configurations.ToArbitrary(),
        Configurations.ToArbitrary(),
        (first, second) =>
        {
            var before = Created(ConfigMaps, first, "one");
            var after = Apply(ConfigMaps, before, second, "two", force: true);
            var one = FieldsOf(after, "one") ?? "";
            return ((JsonObject)second["data"]!).All(field =>
                JsonTree.AreEqual(after["data"]?[field.Key], field.Value)
                && FieldsOf(after, "two")!.Contains($"\"f:{field.Key}\"", StringComparison.Ordinal)
                && (first["data"]![field.Key] is not { } mine || one.Contains($"\"f:{field.Key}\"", StringComparison.Ordinal) == JsonTree.AreEqual(mine, field.Value)));
        }));

    [Fact]
    public void A_conflict_names_managers_and_fields()
    {
        var before = Created(ConfigMaps, Configuration([("a", "1"), ("b", "1")]), "one");
        before = FieldOwnership.RecordUpdate(ConfigMaps, before, With(before, "c", "1"), "editor", "", FieldSet.Empty, Now);
        var failure = Assert.Throws<ApiStatusException>(() => Apply(ConfigMaps, before, Configuration([("a", "2"), ("b", "2"), ("c", "2")]), "two"));
        Assert.Equal((409, "Conflict"), (failure.Code, failure.Reason));
        Assert.Equal("Apply failed with 3 conflicts: conflicts with \"editor\" using v1:\n- .data.c\nconflicts with \"one\":\n- .data.a\n- .data.b", failure.Message);
        var causes = ((JsonArray)failure.Details!["causes"]!).Select(cause => ((string?)cause!["message"], (string?)cause["field"]));
        Assert.Equal([("conflict with \"editor\" using v1", ".data.c"), ("conflict with \"one\"", ".data.a"), ("conflict with \"one\"", ".data.b")], causes);
    }

    [Fact]
    public void A_field_goes_when_its_only_owner_drops_it_and_stays_while_another_has_it()
    {
        var shared = Configuration([("a", "1"), ("b", "1")]);
        var live = Apply(ConfigMaps, Created(ConfigMaps, shared, "one"), Configuration([("a", "1")]), "two");
        live = Apply(ConfigMaps, live, Configuration([]), "one");
        Assert.Equal("""{"a":"1"}""", live["data"]!.ToJsonString());
        live = Apply(ConfigMaps, live, Configuration([]), "two");
        Assert.Null(live["data"]);
    }

    [Fact]
    public void Associative_lists_are_owned_item_by_item()
    {
        static JsonObject Deployment(string containers) => Object(
            """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"x"},"spec":{"template":{"spec":{"containers":[CONTAINERS]}}}}""".Replace("CONTAINERS", containers, StringComparison.Ordinal));

        var live = Created(Deployments, Deployment("""{"name":"a","image":"1","ports":[{"containerPort":80}]}"""), "one");
        live = Apply(Deployments, live, Deployment("""{"name":"b","image":"2"},{"name":"a","env":[{"name":"X","value":"y"}]}"""), "two");
        var containers = (JsonArray)live["spec"]!["template"]!["spec"]!["containers"]!;
        Assert.Equal(["b", "a"], containers.Select(container => (string)container!["name"]!));
        Assert.Equal("1", (string?)containers[1]!["image"]);
        Assert.Contains("""k:{\u0022containerPort\u0022:80,\u0022protocol\u0022:\u0022TCP\u0022}""", FieldsOf(live, "one"), StringComparison.Ordinal);

        live = Apply(Deployments, live, Deployment("""{"name":"b","image":"2"}"""), "two");
        containers = (JsonArray)live["spec"]!["template"]!["spec"]!["containers"]!;
        Assert.Null(containers.Single(container => (string?)container!["name"] == "a")!["env"]);
    }

    [Fact]
    public void The_first_apply_leaves_what_was_there_to_whoever_wrote_it()
    {
        var live = Strategy.Decode(ConfigMaps, Configuration([("a", "1")]));
        Metadata.Of(live)["uid"] = "1";
        var after = Apply(ConfigMaps, live, Configuration([("b", "2")]), "one");
        Assert.Contains("f:a", FieldsOf(after, "before-first-apply"), StringComparison.Ordinal);
        Assert.Throws<ApiStatusException>(() => Apply(ConfigMaps, live, Configuration([("a", "2")]), "one"));
    }

    [Fact]
    public void A_client_may_hand_over_its_managed_fields()
    {
        var created = FieldOwnership.RecordUpdate(
            ConfigMaps,
            ObjectDecoder.Empty(ConfigMaps),
            Configuration([("a", "1")]),
            "kubectl-client-side-apply",
            "",
            FieldSet.Empty,
            Now);
        Metadata.Of(created)["uid"] = "1";
        var edited = JsonTree.CloneObject(created);
        var entry = (JsonObject)edited["metadata"]!["managedFields"]![0]!;
        entry["manager"] = "kubectl";
        entry["operation"] = "Apply";
        var after = FieldOwnership.RecordUpdate(ConfigMaps, created, edited, "kubectl", "", FieldSet.Empty, Now);
        var managed = ((JsonArray)after["metadata"]!["managedFields"]!).Single()!;
        Assert.Equal(("kubectl", "Apply"), ((string?)managed["manager"], (string?)managed["operation"]));
    }

    [Fact]
    public void Field_sets_survive_being_written_and_read()
    {
        var json = """{"f:data":{".":{},"f:a":{}},"f:list":{"k:{\"name\":\"c\"}":{".":{},"f:image":{}},"v:\"x\"":{}}}""";
        var set = FieldSet.FromFieldsV1(Object(json));
        Assert.True(JsonTree.AreEqual(Object(json), set.ToFieldsV1()));
        Assert.Equal([".data", ".data.a", ".list[name=\"c\"]", ".list[=\"x\"]", ".list[name=\"c\"].image"], set.Paths());
    }

    private static JsonObject With(JsonObject value, string key, string text)
    {
        var copy = JsonTree.CloneObject(value);
        copy["data"]![key] = text;
        return copy;
    }
}
