using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>Who owns fields: a manager as <c>metadata.managedFields</c> tells them apart. An applier is the same whatever version it applies in.</summary>
internal sealed record FieldManager(string Name, bool IsApplier, string ApiVersion, string Subresource)
{
    /// <summary>The manager in conflict messages (k8s.io/apimachinery/pkg/util/managedfields/internal/conflict.go).</summary>
    internal string Display
    {
        get
        {
            var text = "\"" + Name + "\"";
            if (Subresource.Length > 0)
            {
                text += " with subresource \"" + Subresource + "\"";
            }

            return IsApplier ? text : text + " using " + ApiVersion;
        }
    }
}

/// <summary>What one manager owns.</summary>
internal sealed record ManagedEntry(FieldSet Fields, string ApiVersion, DateTimeOffset? Time);

/// <summary>The owners of an object's fields, read from and written to <c>metadata.managedFields</c>.</summary>
internal sealed class ManagedFields
{
    private const int MaxUpdaters = 10;
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    internal Dictionary<FieldManager, ManagedEntry> Entries { get; } = [];

    /// <exception cref="FormatException">An entry is not as it should be.</exception>
    internal static ManagedFields Read(JsonArray? entries)
    {
        var result = new ManagedFields();
        foreach (var entry in entries?.OfType<JsonObject>() ?? [])
        {
            if (JsonTree.Text(entry["fieldsType"]) is not "FieldsV1")
            {
                throw new FormatException("invalid fieldsType: " + JsonTree.Text(entry["fieldsType"]));
            }

            var operation = JsonTree.Text(entry["operation"]);
            if (operation is not ("Apply" or "Update"))
            {
                throw new FormatException("invalid operation: " + operation);
            }

            var version = JsonTree.Text(entry["apiVersion"]) ?? "";
            var manager = new FieldManager(
                JsonTree.Text(entry["manager"]) ?? "unknown",
                operation is "Apply",
                operation is "Apply" ? "" : version,
                JsonTree.Text(entry["subresource"]) ?? "");
            DateTimeOffset? time = DateTimeOffset.TryParse(JsonTree.Text(entry["time"]), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var read) ? read : null;
            result.Entries[manager] = new ManagedEntry(FieldSet.FromFieldsV1(entry["fieldsV1"] as JsonObject ?? []), version, time);
        }

        return result;
    }

    internal JsonArray Write()
    {
        var result = new JsonArray();
        var ordered = Entries
            .OrderBy(e => e.Key.IsApplier ? 0 : 1)
            .ThenBy(e => e.Value.Time?.ToUnixTimeSeconds() ?? 0)
            .ThenBy(e => e.Key.Name, StringComparer.Ordinal)
            .ThenBy(e => e.Value.ApiVersion, StringComparer.Ordinal)
            .ThenBy(e => e.Key.Subresource, StringComparer.Ordinal);
        foreach (var (manager, entry) in ordered)
        {
            var item = new JsonObject
            {
                ["manager"] = manager.Name,
                ["operation"] = manager.IsApplier ? "Apply" : "Update",
                ["apiVersion"] = entry.ApiVersion,
            };
            if (entry.Time is { } time)
            {
                item["time"] = time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);
            }

            item["fieldsType"] = "FieldsV1";
            item["fieldsV1"] = entry.Fields.ToFieldsV1();
            if (manager.Subresource.Length > 0)
            {
                item["subresource"] = manager.Subresource;
            }

            result.Add((JsonNode)item);
        }

        return result;
    }

    /// <summary>Folds the oldest updaters into one, so that the list stays short.</summary>
    internal void Cap()
    {
        var updaters = Entries.Where(e => !e.Key.IsApplier).OrderBy(e => e.Value.Time).ThenBy(e => e.Key.Name, StringComparer.Ordinal).ToArray();
        for (var i = 0; i < updaters.Length - MaxUpdaters; i++)
        {
            var (manager, entry) = updaters[i];
            var ancient = new FieldManager("ancient-changes", IsApplier: false, entry.ApiVersion, "");
            if (manager == ancient)
            {
                continue;
            }

            Entries.Remove(manager);
            var known = Entries.TryGetValue(ancient, out var older) ? older.Fields : FieldSet.Empty;
            Entries[ancient] = new ManagedEntry(known.Union(entry.Fields), entry.ApiVersion, entry.Time);
        }
    }
}
