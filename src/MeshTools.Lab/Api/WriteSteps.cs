using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// Creates, updates, patches, applies and deletes as the generic registry does: decode, own, admit, prepare, validate, store, in that order, and again from the
/// start when another write came between.
/// </summary>
internal sealed partial class WriteSteps(ObjectStore store)
{
    private const string NameLetters = "bcdfghjklmnpqrstvwxz2456789";
    private const int Retries = 50;

    private static readonly HashSet<string> AnsweredWithObject = new(StringComparer.Ordinal)
    {
        "pods", "services", "serviceaccounts", "podtemplates", "persistentvolumes", "persistentvolumeclaims", "resourcequotas", "storageclasses.storage.k8s.io",
        "csidrivers.storage.k8s.io",
    };

    internal static bool AnswersWithObject(ServedResource resource) => AnsweredWithObject.Contains(resource.QualifiedPlural);

    /// <summary>Creates a decoded object.</summary>
    internal JsonObject Create(ServedResource resource, string? @namespace, JsonObject value, RequestOptions options)
    {
        var metadata = Metadata.Of(value);
        var name = JsonTree.Text(metadata["name"]) ?? "";
        var prefix = JsonTree.Text(metadata["generateName"]) ?? "";
        if (JsonTree.Text(metadata["resourceVersion"]) is { Length: > 0 })
        {
            throw new ApiStatusException(500, null, "resourceVersion should not be set on objects to be created");
        }

        for (var attempt = 1; ; attempt++)
        {
            var chosen = name.Length > 0 || prefix.Length == 0 ? name : prefix[..Math.Min(prefix.Length, 248)] + string.Concat(RandomNumberGenerator.GetItems<char>(NameLetters, 5));
            metadata["name"] = chosen;
            if (resource is { QualifiedKind: "Namespace" } && name.Length == 0)
            {
                Defaults.Child(metadata, "labels")["kubernetes.io/metadata.name"] = chosen;
            }

            try
            {
                return CreateNamed(
                    resource,
                    resource.Key(@namespace, chosen),
                    fresh => FieldOwnership.RecordUpdate(
                        resource,
                        ObjectDecoder.Empty(resource),
                        fresh,
                        options.EffectiveManager,
                        "",
                        Strategy.Ignored(resource, ""),
                        store.Clock.GetUtcNow()),
                    value,
                    options);
            }
            catch (ApiStatusException taken) when (taken.Reason is "AlreadyExists" && name.Length == 0 && attempt < 8)
            {
                // A generated name that is taken: another one.
            }
        }
    }

    internal JsonObject Update(ServedResource resource, ResourceKey key, JsonObject value, RequestOptions options, string subresource)
    {
        var uid = JsonTree.FindText(value, "metadata", "uid");
        return Write(resource, key, options, subresource, before =>
        {
            if (!string.IsNullOrEmpty(uid) && !string.Equals(uid, JsonTree.FindText(before, "metadata", "uid"), StringComparison.Ordinal))
            {
                throw ApiStatusException.Conflict(
                    key.Group,
                    key.Plural,
                    key.Name,
                    $"Precondition failed: UID in precondition: {uid}, UID in object meta: {JsonTree.FindText(before, "metadata", "uid")}");
            }

            if (resource.IsCustom && string.IsNullOrEmpty(JsonTree.FindText(value, "metadata", "resourceVersion")))
            {
                // The registry knows the resource here, not the kind, and says so.
                throw ApiStatusException.Invalid(
                    resource.Group,
                    resource.Plural,
                    key.Name,
                    [new StatusCause("FieldValueInvalid", "Invalid value: 0: must be specified for an update", "metadata.resourceVersion")]);
            }

            return value;
        }, mustMatchVersion: true);
    }

    internal JsonObject Patch(
        ServedResource resource,
        ResourceKey key,
        Func<JsonObject, JsonObject> patch,
        RequestOptions options,
        string subresource,
        Action<List<string>> complain)
    {
        if (store.Find(key) is null)
        {
            throw ApiStatusException.NotFound(resource.Group, resource.Plural, key.Name);
        }

        var complained = false;
        return Write(resource, key, options, subresource, before =>
        {
            var patched = patch(before);
            CheckIdentity(resource, before, patched);
            var unknown = new List<string>();
            JsonObject decoded;
            try
            {
                decoded = Strategy.Decode(resource, patched, unknown);
            }
            catch (FormatException fault)
            {
                var shown = JsonValue.Create(patched.ToJsonString(Wire.SerializerOptions)).ToJsonString(Wire.SerializerOptions);
                throw ApiStatusException.Invalid("", "", "", [new StatusCause("FieldValueInvalid", $"Invalid value: {shown}: {fault.Message}", "patch")]);
            }

            if (!complained)
            {
                complained = true;
                complain(unknown);
            }

            return decoded;
        }, mustMatchVersion: true);
    }

    internal (JsonObject Value, bool Created) Apply(ServedResource resource, ResourceKey key, JsonObject configuration, RequestOptions options, string subresource)
    {
        var force = options.Force == true;
        var now = store.Clock.GetUtcNow();
        for (var attempt = 0; ; attempt++)
        {
            var current = store.Find(key);
            if (current is null)
            {
                if (subresource.Length > 0 || !string.IsNullOrEmpty(JsonTree.FindText(configuration, "metadata", "uid")))
                {
                    throw ApiStatusException.NotFound(resource.Group, resource.Plural, key.Name);
                }

                if (JsonTree.FindText(configuration, "metadata", "resourceVersion") is { Length: > 0 })
                {
                    throw ApiStatusException.NotFound(resource.Group, resource.Plural, key.Name);
                }

                var applied = FieldOwnership.Apply(
                    resource,
                    ObjectDecoder.Empty(resource),
                    configuration,
                    options.FieldManager!,
                    subresource,
                    Strategy.Ignored(resource, subresource),
                    force,
                    now);
                try
                {
                    return (CreateNamed(resource, key, fresh => fresh, Strategy.Decode(resource, applied), options), true);
                }
                catch (ApiStatusException taken) when (taken.Reason is "AlreadyExists" && attempt < Retries)
                {
                    continue;
                }
            }

            var before = Representations.FromStored(resource, current.Json);
            var version = JsonTree.FindText(configuration, "metadata", "resourceVersion");
            if (!string.IsNullOrEmpty(version) && !string.Equals(version, Version(current), StringComparison.Ordinal))
            {
                throw ApiStatusException.Conflict(new ResourceKey(resource.Group, resource.Plural, key.Namespace, key.Name));
            }

            var after = FieldOwnership.Apply(
                resource,
                before,
                configuration,
                options.FieldManager!,
                subresource,
                Strategy.Ignored(resource, subresource),
                force,
                now);
            after = Finish(resource, before, Decode(resource, after), subresource);
            if (Strategy.IsSame(before, after))
            {
                return (before, false);
            }

            if (options.DryRun)
            {
                return (after, false);
            }

            if (Replace(current, resource, after, out var stored))
            {
                return (Representations.FromStored(resource, stored.Json), false);
            }

            if (attempt == Retries)
            {
                throw ApiStatusException.Conflict(key);
            }
        }
    }

    /// <summary>The version of a stored object as clients see it.</summary>
    internal static string Version(StoredObject stored) => stored.ResourceVersion.ToString(CultureInfo.InvariantCulture);

    private static JsonObject Decode(ServedResource resource, JsonObject value)
    {
        try
        {
            return Strategy.Decode(resource, value);
        }
        catch (FormatException fault)
        {
            throw ApiStatusException.BadRequest($"{resource.Kind} in version \"{resource.Version}\" cannot be handled as a {resource.Kind}: {fault.Message}");
        }
    }

    private static void CheckIdentity(ServedResource resource, JsonObject before, JsonObject patched)
    {
        var name = JsonTree.FindText(before, "metadata", "name") ?? "";
        var now = JsonTree.FindText(patched, "metadata", "name") ?? "";
        if (!string.Equals(name, now, StringComparison.Ordinal))
        {
            throw ApiStatusException.BadRequest($"the name of the object ({now}) does not match the name on the URL ({name})");
        }

        if (!string.Equals(JsonTree.FindText(before, "metadata", "namespace"), JsonTree.FindText(patched, "metadata", "namespace"), StringComparison.Ordinal))
        {
            throw ApiStatusException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }

        if (!string.Equals(JsonTree.Text(patched["kind"]), resource.Kind, StringComparison.Ordinal)
            || !string.Equals(JsonTree.Text(patched["apiVersion"]), resource.ApiVersion, StringComparison.Ordinal))
        {
            throw ApiStatusException.BadRequest(
                $"the API version in the data ({JsonTree.Text(patched["apiVersion"])}) does not match the expected API version ({resource.ApiVersion})");
        }
    }

    private JsonObject CreateNamed(ServedResource resource, ResourceKey key, Func<JsonObject, JsonObject> own, JsonObject value, RequestOptions options)
    {
        if (key.Name.Length == 0)
        {
            throw ApiStatusException.Invalid(
                resource.Group,
                resource.Kind,
                "",
                [new StatusCause("FieldValueRequired", "Required value: name or generateName is required", "metadata.name")]);
        }

        CheckNamespace(resource, key);
        if (resource is { QualifiedKind: "Pod" } && store.PodAdmission?.Admit(key.Namespace!, value) is { } admitted)
        {
            value = Strategy.Decode(resource, admitted);
        }

        var owned = own(value);
        Metadata.CompleteForCreate(owned, key, store.Clock);
        Metadata.Of(owned).Remove("resourceVersion");
        Strategy.PrepareForCreate(resource, owned, keepStatus: false);
        Validation.Create(resource, owned);
        store.WriteAdmission?.Check("create", resource.Group, resource.Plural, key.Name);
        if (resource is { QualifiedKind: "Service" })
        {
            ServiceAddresses.Allocate(store, owned);
        }

        if (options.DryRun)
        {
            return store.Find(key) is null ? owned : throw ApiStatusException.AlreadyExists(new ResourceKey(resource.Group, resource.Plural, key.Namespace, key.Name));
        }

        var stored = store.Insert(key, Representations.ToStored(resource, owned));
        if (DefinitionNames.IsDefinition(key))
        {
            DefinitionNames.Establish(store, key);
        }

        return Representations.FromStored(resource, stored.Json);
    }

    private void CheckNamespace(ServedResource resource, ResourceKey key)
    {
        if (!resource.Namespaced)
        {
            return;
        }

        var home = store.Find(new ResourceKey("", "namespaces", null, key.Namespace!)) ?? throw ApiStatusException.NotFound("", "namespaces", key.Namespace!);
        if (home.IsTerminating)
        {
            throw ApiStatusException.Forbidden(
                resource.Group,
                resource.Plural,
                key.Name,
                $"unable to create new content in namespace {key.Namespace} because it is being terminated",
                new StatusCause("NamespaceTerminating", $"namespace {key.Namespace} is being terminated", "metadata.namespace"));
        }
    }

    private JsonObject Write(
        ServedResource resource,
        ResourceKey key,
        RequestOptions options,
        string subresource,
        Func<JsonObject, JsonObject> change,
        bool mustMatchVersion)
    {
        for (var attempt = 0; ; attempt++)
        {
            var current = store.Find(key) ?? throw ApiStatusException.NotFound(resource.Group, resource.Plural, key.Name);
            var before = Representations.FromStored(resource, current.Json);
            var changed = change(before);
            var version = JsonTree.FindText(changed, "metadata", "resourceVersion");
            if (mustMatchVersion && !string.IsNullOrEmpty(version) && version is not "0" && !string.Equals(version, Version(current), StringComparison.Ordinal))
            {
                throw ApiStatusException.Conflict(new ResourceKey(resource.Group, resource.Plural, key.Namespace, key.Name));
            }

            var owned = FieldOwnership.RecordUpdate(
                resource,
                before,
                changed,
                options.EffectiveManager,
                subresource,
                Strategy.Ignored(resource, subresource),
                store.Clock.GetUtcNow());
            var after = Finish(resource, before, owned, subresource);
            if (Strategy.IsSame(before, after))
            {
                return before;
            }

            if (options.DryRun)
            {
                return after;
            }

            if (Replace(current, resource, after, out var stored))
            {
                return Representations.FromStored(resource, stored.Json);
            }

            if (attempt == Retries)
            {
                throw ApiStatusException.Conflict(key);
            }
        }
    }

    private JsonObject Finish(ServedResource resource, JsonObject before, JsonObject after, string subresource)
    {
        after = Strategy.PrepareForUpdate(resource, before, after, subresource, inCluster: false);
        Metadata.Of(after)["resourceVersion"] = JsonTree.Clone(Metadata.Of(before)["resourceVersion"]);
        Validation.Update(resource, before, after);
        if (subresource.Length == 0)
        {
            store.WriteAdmission?.Check("update", resource.Group, resource.Plural, JsonTree.FindText(after, "metadata", "name") ?? "");
        }

        if (resource is { QualifiedKind: "Service" } && subresource.Length == 0)
        {
            ServiceAddresses.Allocate(store, after);
        }

        return after;
    }

    private bool Replace(StoredObject current, ServedResource resource, JsonObject after, out StoredObject stored)
    {
        if (!store.TryReplace(current, Representations.ToStored(resource, after), out stored))
        {
            return false;
        }

        if (DefinitionNames.IsDefinition(current.Key))
        {
            DefinitionNames.Establish(store, current.Key);
        }

        return true;
    }
}
