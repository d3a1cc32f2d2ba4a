using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// Tells of an object in Events, as the programs inside a cluster do (client-go tools/record): the same news again is counted, not told anew.
/// </summary>
internal static class Events
{
    /// <summary>Records news.</summary>
    /// <param name="store">The cluster.</param>
    /// <param name="about">What it is about.</param>
    /// <param name="type"><c>Normal</c> or <c>Warning</c>.</param>
    /// <param name="reason">One word.</param>
    /// <param name="message">One sentence.</param>
    /// <param name="component">Who says it.</param>
    public static void Record(ObjectStore store, StoredObject about, string type, string reason, string message, string component)
    {
        var home = about.Key.Namespace ?? "default";
        var now = Metadata.Timestamp(store.Clock);
        var known = store.List("", "events", home).Items.FirstOrDefault(item =>
            string.Equals(item.Json.Text("involvedObject", "uid"), about.Uid, StringComparison.Ordinal) &&
            string.Equals(item.Json.Text("reason"), reason, StringComparison.Ordinal) &&
            string.Equals(item.Json.Text("message"), message, StringComparison.Ordinal));
        if (known is not null)
        {
            store.Mutate(
                known.Key,
                json =>
                {
                    json["count"] = json.Number(1, "count") + 1;
                    json["lastTimestamp"] = now;
                    return json;
                },
                component);
            return;
        }

        var name = string.Create(CultureInfo.InvariantCulture, $"{about.Key.Name}.{Random.Shared.NextInt64(0x1000_0000_0000, 0x7fff_ffff_ffff):x16}");
        Namespaces.CreateIfAbsent(
            store,
            new ResourceKey("", "events", home, name),
            new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Event",
                ["metadata"] = new JsonObject(),
                ["involvedObject"] = new JsonObject
                {
                    ["apiVersion"] = about.Json.Text("apiVersion"),
                    ["kind"] = about.Json.Text("kind"),
                    ["name"] = about.Key.Name,
                    ["namespace"] = about.Key.Namespace,
                    ["uid"] = about.Uid,
                    ["resourceVersion"] = about.ResourceVersion.ToString(CultureInfo.InvariantCulture),
                },
                ["type"] = type,
                ["reason"] = reason,
                ["message"] = message,
                ["count"] = 1,
                ["firstTimestamp"] = now,
                ["lastTimestamp"] = now,
                ["source"] = new JsonObject { ["component"] = component },
                ["reportingComponent"] = component,
                ["reportingInstance"] = string.Empty,
            },
            component);
    }
}
