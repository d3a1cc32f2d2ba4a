using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace MeshTools.Lab;

/// <summary>The verbs on resources and their objects (k8s.io/apiserver/pkg/endpoints/handlers).</summary>
internal sealed class ResourceRequests(ObjectStore store)
{
    private const string JsonPatchType = "application/json-patch+json";
    private const string MergePatchType = "application/merge-patch+json";
    private const string StrategicPatchType = "application/strategic-merge-patch+json";
    private const string ApplyPatchType = "application/apply-patch+yaml";

    private readonly WriteSteps _writes = new(store);
    private readonly WatchRequests _watches = new(store);

    internal Task HandleAsync(HttpContext context, ServedResource resource, RequestPath path)
    {
        if (!resource.Verbs.Contains(path.Verb))
        {
            throw ApiStatusException.MethodNotAllowed();
        }

        return path.Verb switch
        {
            "get" => GetAsync(context, resource, path),
            "list" => ListAsync(context, resource, path),
            "watch" => _watches.HandleAsync(context, resource, path),
            "create" => CreateAsync(context, resource, path),
            "update" => UpdateAsync(context, resource, path, ""),
            "patch" => PatchAsync(context, resource, path, ""),
            "delete" => DeleteAsync(context, resource, path),
            "deletecollection" => DeleteCollectionAsync(context, resource, path),
            _ => throw ApiStatusException.MethodNotAllowed(),
        };
    }

    internal async Task GetAsync(HttpContext context, ServedResource resource, RequestPath path)
    {
        var accepted = Accepted.Read(context.Request);
        var stored = Require(resource, path.Namespace, path.Name);
        if (accepted.Representation == Representation.Whole && !accepted.Yaml && Representations.IsKeptAs(resource, stored))
        {
            await Responses.BytesAsync(context, 200, stored.Utf8).ConfigureAwait(false);
            return;
        }

        await AnswerAsync(context, 200, resource, Representations.FromStored(resource, stored.Json), accepted).ConfigureAwait(false);
    }

    internal StoredObject Require(ServedResource resource, string? @namespace, string name) =>
        store.Find(resource.Key(@namespace, name)) ?? throw ApiStatusException.NotFound(resource.Group, resource.Plural, name);

    internal async Task UpdateAsync(HttpContext context, ServedResource resource, RequestPath path, string subresource)
    {
        var accepted = Accepted.Read(context.Request);
        var options = RequestOptions.Read(context.Request, "UpdateOptions");
        var value = await ReadObjectAsync(context, resource, options).ConfigureAwait(false);
        CheckNames(resource, path, value);
        var current = Require(resource, path.Namespace, path.Name);
        var result = _writes.Update(resource, current.Key, value, options, subresource);
        await AnswerAsync(context, 200, resource, result, accepted).ConfigureAwait(false);
    }

    internal async Task PatchAsync(HttpContext context, ServedResource resource, RequestPath path, string subresource)
    {
        var type = RequestBody.MediaType(context.Request);
        string[] known = resource.IsCustom
            ? [JsonPatchType, MergePatchType, ApplyPatchType]
            : [JsonPatchType, MergePatchType, StrategicPatchType, ApplyPatchType];
        if (!known.Contains(type))
        {
            throw type is StrategicPatchType ? RequestBody.UnknownFormat(known) : new ApiStatusException(415, "UnsupportedMediaType", "415: Unsupported Media Type", []);
        }

        var accepted = Accepted.Read(context.Request);
        var options = RequestOptions.Read(context.Request, "PatchOptions");
        var body = await RequestBody.ReadAsync(context).ConfigureAwait(false);
        if (type is ApplyPatchType)
        {
            await ApplyAsync(context, resource, path, subresource, options, body, accepted).ConfigureAwait(false);
            return;
        }

        if (options.Force is not null)
        {
            throw ApiStatusException.Invalid("meta.k8s.io", "PatchOptions", "", [new StatusCause("FieldValueForbidden", "Forbidden: may not be specified for non-apply patch", "force")]);
        }

        var duplicates = new List<DuplicateField>();
        var patch = ReadPatch(body.Span, duplicates);
        var result = _writes.Patch(
            resource,
            resource.Key(path.Namespace, path.Name),
            before => Patched(resource, type, before, patch),
            options,
            subresource,
            unknown => Complain(context, resource, options, unknown, duplicates, "strict decoding error: "));
        await AnswerAsync(context, 200, resource, result, accepted).ConfigureAwait(false);
    }

    internal static Task AnswerAsync(HttpContext context, int status, ServedResource resource, JsonObject value, Accepted accepted)
    {
        var shown = accepted.Representation switch
        {
            Representation.Table => TableDocuments.ForObject(resource, value, accepted.Version, IncludeObject(context), DateTimeOffset.UtcNow),
            Representation.MetadataOnly => TableDocuments.MetadataOnly(value, accepted.Version),
            _ => value,
        };
        return accepted.Yaml
            ? Responses.BytesAsync(context, status, YamlBody.Write(shown), YamlBody.MediaType)
            : Responses.JsonAsync(context, status, shown);
    }

    internal static string IncludeObject(HttpContext context) => context.Request.Query["includeObject"].ToString() is { Length: > 0 } wanted ? wanted : "Metadata";

    /// <summary>Reads, checks the type of, and decodes the object of a create or update.</summary>
    internal static async Task<JsonObject> ReadObjectAsync(HttpContext context, ServedResource resource, RequestOptions options)
    {
        var body = await RequestBody.ReadAsync(context).ConfigureAwait(false);
        var duplicates = new List<DuplicateField>();
        JsonObject value;
        try
        {
            value = RequestBody.ParseObject(RequestBody.MediaType(context.Request), body.Span, duplicates);
        }
        catch (ApiStatusException fault) when (fault.Code == 400)
        {
            throw ApiStatusException.BadRequest($"the object provided is unrecognized (must be of type {resource.Kind}): {fault.Message} ({RequestBody.Summary(body.Span)})");
        }

        CheckType(resource, value);
        var unknown = new List<string>();
        JsonObject decoded;
        try
        {
            decoded = Strategy.Decode(resource, value, unknown);
        }
        catch (FormatException fault)
        {
            throw ApiStatusException.BadRequest($"{resource.Kind} in version \"{resource.Version}\" cannot be handled as a {resource.Kind}: {fault.Message}");
        }

        var prefix = $"{resource.Kind} in version \"{resource.Version}\" cannot be handled as a {resource.Kind}: strict decoding error: ";
        Complain(context, resource, options, unknown, duplicates, prefix);
        return decoded;
    }

    private static void CheckType(ServedResource resource, JsonObject value)
    {
        var kind = JsonTree.Text(value["kind"]) ?? "";
        var apiVersion = JsonTree.Text(value["apiVersion"]) ?? "";
        if (kind.Length == 0 && apiVersion.Length == 0)
        {
            value["kind"] = resource.Kind;
            value["apiVersion"] = resource.ApiVersion;
            return;
        }

        if (kind.Length == 0)
        {
            throw ApiStatusException.BadRequest($"Object 'Kind' is missing in '{value.ToJsonString(Wire.SerializerOptions)}'");
        }

        if (string.Equals(kind, resource.Kind, StringComparison.Ordinal) && string.Equals(apiVersion, resource.ApiVersion, StringComparison.Ordinal))
        {
            return;
        }

        if (string.Equals(apiVersion, resource.ApiVersion, StringComparison.Ordinal) && !resource.IsCustom)
        {
            var typed = BuiltInTypes.Instance.All.ContainsKey(ResourceCatalog.TypeName(resource.Group, resource.Version, kind));
            var package = resource.Group.Length == 0 ? "core" : resource.Group.Split('.')[0];
            throw ApiStatusException.BadRequest(typed
                ? $"{kind} in version \"{resource.Version}\" cannot be handled as a {resource.Kind}: converting ({resource.Version}.{kind}) to ({package}.{resource.Kind}): unknown conversion"
                : Unregistered(kind, resource.Version, apiVersion));
        }

        if (!resource.IsCustom)
        {
            throw ApiStatusException.BadRequest(Unregistered(kind, apiVersion[(apiVersion.LastIndexOf('/') + 1)..], apiVersion));
        }

        throw ApiStatusException.BadRequest(
            $"the API version in the data ({apiVersion}) does not match the expected API version ({resource.ApiVersion})");

        string Unregistered(string unknownKind, string version, string groupVersion) =>
            $"{unknownKind} in version \"{version}\" cannot be handled as a {resource.Kind}: no kind \"{unknownKind}\" is registered for version \"{groupVersion}\" in scheme \"pkg/runtime/scheme.go:111\"";
    }

    private static void Complain(
        HttpContext context,
        ServedResource resource,
        RequestOptions options,
        List<string> unknown,
        List<DuplicateField> duplicates,
        string prefix)
    {
        if (options.Validation == FieldValidation.Ignore || (unknown.Count == 0 && duplicates.Count == 0))
        {
            return;
        }

        var complaints = duplicates.Select(duplicate => $"duplicate field \"{duplicate.Path}\"").Concat(unknown.Select(field => $"unknown field \"{field}\"")).ToArray();
        if (options.Validation == FieldValidation.Strict)
        {
            throw ApiStatusException.BadRequest(prefix + string.Join(", ", complaints));
        }

        foreach (var complaint in complaints)
        {
            Responses.Warn(context, complaint);
        }
    }

    private static JsonNode? ReadPatch(ReadOnlySpan<byte> body, List<DuplicateField> duplicates)
    {
        try
        {
            return JsonTree.Parse(body, duplicates);
        }
        catch (JsonException fault)
        {
            throw ApiStatusException.BadRequest("error decoding patch: " + RequestBody.Describe(body, fault));
        }
    }

    private static JsonObject Patched(ServedResource resource, string type, JsonObject before, JsonNode? patch)
    {
        switch (type)
        {
            case JsonPatchType:
                if (patch is not JsonArray operations)
                {
                    throw ApiStatusException.BadRequest("error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp");
                }

                if (operations.Count > 10000)
                {
                    throw new ApiStatusException(413, "RequestEntityTooLarge", $"The allowed maximum operations in a JSON patch is 10000, got {operations.Count}", []);
                }

                try
                {
                    return JsonPatch.Apply(before, operations) as JsonObject ?? throw new InvalidOperationException("no object is left");
                }
                catch (InvalidOperationException)
                {
                    throw new ApiStatusException(422, "Invalid", "the server rejected our request due to an error in our request", []);
                }

            case MergePatchType:
                return MergePatch.Apply(before, patch as JsonObject ?? throw ApiStatusException.BadRequest("error decoding patch: the patch is no object"));
            default:
                return StrategicPatch.Apply(resource.Schema, before, patch as JsonObject ?? throw ApiStatusException.BadRequest("error decoding patch: the patch is no object"));
        }
    }

    private static void CheckNames(ServedResource resource, RequestPath path, JsonObject value)
    {
        var name = JsonTree.FindText(value, "metadata", "name") ?? "";
        if (name.Length == 0)
        {
            Metadata.Of(value)["name"] = path.Name;
        }
        else if (!string.Equals(name, path.Name, StringComparison.Ordinal))
        {
            throw ApiStatusException.BadRequest($"the name of the object ({name}) does not match the name on the URL ({path.Name})");
        }

        CheckNamespace(resource, path, value);
    }

    private static void CheckNamespace(ServedResource resource, RequestPath path, JsonObject value)
    {
        var @namespace = JsonTree.FindText(value, "metadata", "namespace") ?? "";
        if (!resource.Namespaced)
        {
            Metadata.Of(value).Remove("namespace");
        }
        else if (@namespace.Length == 0)
        {
            Metadata.Of(value)["namespace"] = path.Namespace;
        }
        else if (!string.Equals(@namespace, path.Namespace, StringComparison.Ordinal))
        {
            throw ApiStatusException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }
    }

    private async Task CreateAsync(HttpContext context, ServedResource resource, RequestPath path)
    {
        if (path.Name.Length > 0)
        {
            throw ApiStatusException.MethodNotAllowed();
        }

        var accepted = Accepted.Read(context.Request);
        var options = RequestOptions.Read(context.Request, "CreateOptions");
        var value = await ReadObjectAsync(context, resource, options).ConfigureAwait(false);
        CheckNamespace(resource, path, value);
        var result = _writes.Create(resource, path.Namespace, value, options);
        await AnswerAsync(context, 201, resource, result, accepted).ConfigureAwait(false);
    }

    private async Task ApplyAsync(
        HttpContext context,
        ServedResource resource,
        RequestPath path,
        string subresource,
        RequestOptions options,
        ReadOnlyMemory<byte> body,
        Accepted accepted)
    {
        if (options.FieldManager is null)
        {
            throw ApiStatusException.Invalid("meta.k8s.io", "PatchOptions", "", [new StatusCause("FieldValueRequired", "Required value: is required for apply patch", "fieldManager")]);
        }

        var duplicates = new List<DuplicateField>();
        var node = RequestBody.ParseYaml(body.Span, duplicates, "error decoding YAML: ");
        if (node is not JsonObject configuration)
        {
            throw ApiStatusException.BadRequest("error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal value into Go value of type map[string]interface {}");
        }

        Complain(context, resource, options, [], duplicates, "error strict decoding YAML: ");
        if (JsonTree.Find(configuration, "metadata", "managedFields") is JsonArray { Count: > 0 })
        {
            throw ApiStatusException.BadRequest("metadata.managedFields must be nil");
        }

        var apiVersion = JsonTree.Text(configuration["apiVersion"]) ?? "";
        var kind = JsonTree.Text(configuration["kind"]) ?? "";
        if (!string.Equals(apiVersion, resource.ApiVersion, StringComparison.Ordinal) || !string.Equals(kind, resource.Kind, StringComparison.Ordinal))
        {
            throw ApiStatusException.BadRequest($"invalid object type: {apiVersion}, Kind={kind}");
        }

        CheckNames(resource, path, JsonTree.CloneObject(configuration));
        var (result, created) = _writes.Apply(resource, resource.Key(path.Namespace, path.Name), configuration, options, subresource);
        await AnswerAsync(context, created ? 201 : 200, resource, result, accepted).ConfigureAwait(false);
    }

    private async Task DeleteAsync(HttpContext context, ServedResource resource, RequestPath path)
    {
        Accepted.Read(context.Request);
        var wish = await DeleteWish.ReadAsync(context).ConfigureAwait(false);
        Require(resource, path.Namespace, path.Name);
        var outcome = _writes.Delete(resource, resource.Key(path.Namespace, path.Name), wish);
        if (outcome.Removed && !WriteSteps.AnswersWithObject(resource))
        {
            await Responses.JsonAsync(context, 200, new JsonObject
            {
                ["kind"] = "Status",
                ["apiVersion"] = "v1",
                ["metadata"] = new JsonObject(),
                ["status"] = "Success",
                ["details"] = WithUid(ApiStatusException.DetailsOf(path.Name, resource.Group, resource.Plural), outcome.Object.Uid),
            }).ConfigureAwait(false);
            return;
        }

        await Responses.JsonAsync(context, 200, Representations.FromStored(resource, outcome.Object.Json)).ConfigureAwait(false);
    }

    private static JsonObject WithUid(JsonObject details, string uid)
    {
        details["uid"] = uid;
        return details;
    }

    private async Task DeleteCollectionAsync(HttpContext context, ServedResource resource, RequestPath path)
    {
        var wish = await DeleteWish.ReadAsync(context).ConfigureAwait(false);
        var query = ListQuery.Read(resource, context.Request);
        var matching = store.List(resource.StorageGroup, resource.Plural, resource.Namespaced ? path.Namespace : null);
        var deleted = matching.Items.Where(item => query.Matches(item.Json)).ToArray();
        foreach (var item in deleted)
        {
            try
            {
                _writes.Delete(resource, item.Key, wish);
            }
            catch (ApiStatusException gone) when (gone.Code == 404)
            {
                // Somebody else was faster, which is as good.
            }
        }

        await WriteListAsync(context, resource, deleted, store.ResourceVersion, null, null, Accepted.Read(context.Request)).ConfigureAwait(false);
    }

    private async Task ListAsync(HttpContext context, ServedResource resource, RequestPath path)
    {
        var accepted = Accepted.Read(context.Request);
        var query = ListQuery.Read(resource, context.Request);
        var scope = resource.Namespaced ? path.Namespace : null;
        StoreList list;
        ContinueToken? token = null;
        if (query.Continue.Length > 0)
        {
            token = ContinueToken.Decode(query.Continue);
            list = store.ListAt(resource.StorageGroup, resource.Plural, scope, token.ResourceVersion);
        }
        else
        {
            CheckVersion(query);
            list = query.ExactVersion is { } exact
                ? store.ListAt(resource.StorageGroup, resource.Plural, scope, exact)
                : store.List(resource.StorageGroup, resource.Plural, scope);
        }

        var items = list.Items;
        if (token is not null)
        {
            items = items.Where(item => string.CompareOrdinal(Place(item), token.Start) > 0).ToArray();
        }

        var page = new List<StoredObject>();
        string? next = null;
        long? remaining = null;
        for (var i = 0; i < items.Count; i++)
        {
            if (query.Matches(items[i].Json))
            {
                page.Add(items[i]);
            }

            if (page.Count == query.Limit && query.Limit > 0 && i + 1 < items.Count)
            {
                next = new ContinueToken(list.ResourceVersion, Place(items[i])).Encode();
                remaining = query.IsFiltering ? null : items.Count - i - 1;
                break;
            }
        }

        if (accepted.Representation == Representation.Table)
        {
            var table = TableDocuments.ForList(
                resource,
                page.Select(item => Representations.IsKeptAs(resource, item) ? item.Json : Representations.FromStored(resource, item.Json)),
                accepted.Version,
                IncludeObject(context),
                store.Clock.GetUtcNow(),
                ListMeta(list.ResourceVersion, next, remaining));
            await Responses.JsonAsync(context, 200, table).ConfigureAwait(false);
            return;
        }

        if (accepted.Representation == Representation.MetadataOnly)
        {
            var partial = new JsonObject
            {
                ["kind"] = "PartialObjectMetadataList",
                ["apiVersion"] = "meta.k8s.io/" + accepted.Version,
                ["metadata"] = ListMeta(list.ResourceVersion, next, remaining),
                ["items"] = new JsonArray([.. page.Select(item => (JsonNode)TableDocuments.MetadataOnly(item.Json, accepted.Version))]),
            };
            await Responses.JsonAsync(context, 200, partial).ConfigureAwait(false);
            return;
        }

        await WriteListAsync(context, resource, page, list.ResourceVersion, next, remaining, accepted).ConfigureAwait(false);
    }

    private void CheckVersion(ListQuery query)
    {
        if (query.ResourceVersion > store.ResourceVersion)
        {
            throw VersionTooLarge(query.ResourceVersion.Value, store.ResourceVersion);
        }
    }

    internal static ApiStatusException VersionTooLarge(long wanted, long current) => new(
        504,
        "Timeout",
        string.Create(CultureInfo.InvariantCulture, $"Timeout: Too large resource version: {wanted}, current: {current}"),
        new JsonObject
        {
            ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ResourceVersionTooLarge", ["message"] = "Too large resource version" }),
            ["retryAfterSeconds"] = 1,
        });

    private static string Place(StoredObject item) => item.Key.Namespace is null ? item.Key.Name : item.Key.Namespace + "/" + item.Key.Name;

    private static JsonObject ListMeta(long version, string? next, long? remaining)
    {
        var meta = new JsonObject { ["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture) };
        if (next is not null)
        {
            meta["continue"] = next;
        }

        if (remaining is not null)
        {
            meta["remainingItemCount"] = remaining;
        }

        return meta;
    }

    private static Task WriteListAsync(HttpContext context, ServedResource resource, IReadOnlyList<StoredObject> items, long version, string? next, long? remaining, Accepted accepted)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        Write(buffer, $"{{\"kind\":\"{resource.ListKind}\",\"apiVersion\":\"{resource.ApiVersion}\",\"metadata\":");
        buffer.Write(JsonTree.ToUtf8(ListMeta(version, next, remaining)));
        Write(buffer, ",\"items\":[");
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
            {
                Write(buffer, ",");
            }

            var item = items[i];
            var kept = Representations.IsKeptAs(resource, item);
            if (resource.IsCustom)
            {
                buffer.Write(kept ? item.Utf8.Span : JsonTree.ToUtf8(Representations.FromStored(resource, item.Json)));
            }
            else if (kept)
            {
                buffer.Write(item.ListItemUtf8.Span);
            }
            else
            {
                var shown = Representations.FromStored(resource, item.Json);
                shown.Remove("kind");
                shown.Remove("apiVersion");
                buffer.Write(JsonTree.ToUtf8(shown));
            }
        }

        Write(buffer, "]}");
        if (accepted.Yaml)
        {
            return Responses.BytesAsync(context, 200, YamlBody.Write(JsonTree.Parse(buffer.WrittenSpan)!), YamlBody.MediaType);
        }

        return Responses.BytesAsync(context, 200, buffer.WrittenMemory);
    }

    private static void Write(ArrayBufferWriter<byte> buffer, string text) => Encoding.UTF8.GetBytes(text, buffer);
}
