using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>Questions about namespaces that most controllers ask.</summary>
internal static class Namespaces
{
    public static ResourceKey Key(string name) => new("", "namespaces", null, name);

    /// <summary>True while objects may be made in it.</summary>
    public static bool IsActive(ObjectStore store, string? name) => name is not null && store.Find(Key(name)) is { IsTerminating: false };

    /// <summary>Creates an object unless it is there; also quiet when its namespace is going.</summary>
    public static void CreateIfAbsent(ObjectStore store, ResourceKey key, JsonObject json, string manager)
    {
        if ((key.Namespace is not null && !IsActive(store, key.Namespace)) || store.Find(key) is not null)
        {
            return;
        }

        try
        {
            store.Create(key, json, manager);
        }
        catch (ApiStatusException exception) when (exception.Code == 409)
        {
            // Someone else made it in between, which is as good.
        }
    }

    /// <summary>Deletes an object unless it is gone already.</summary>
    public static void DeleteIfPresent(ObjectStore store, ResourceKey key, string? uid = null)
    {
        try
        {
            store.Delete(key, uid is null ? null : new DeletePreconditions(uid));
        }
        catch (ApiStatusException exception) when (exception.Code is 404 or 409)
        {
            // Gone, or another object has its name by now.
        }
    }
}
