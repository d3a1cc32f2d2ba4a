using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>
/// Fills Secrets of type <c>kubernetes.io/service-account-token</c>, and deletes those whose account is not there or is another one of
/// the same name (k8s pkg/controller/serviceaccount/tokens_controller.go).
/// </summary>
internal sealed class TokenController(ObjectStore store, ServiceAccountTokens tokens, string authorityPem, TokenFilling filling) : IController
{
    private const string SecretType = "kubernetes.io/service-account-token";
    private const string NameAnnotation = "kubernetes.io/service-account.name";
    private const string UidAnnotation = "kubernetes.io/service-account.uid";

    public IEnumerable<ResourceKey> KeysFor(StoreEvent change)
    {
        var key = change.Object.Key;
        if (key is { Group: "", Plural: "secrets" } && change.Type is not StoreEventType.Deleted && IsToken(change.Object))
        {
            yield return key;
        }
        else if (key is { Group: "", Plural: "serviceaccounts" } && change.Type is not StoreEventType.Modified)
        {
            foreach (var secret in store.List("", "secrets", key.Namespace).Items)
            {
                if (IsToken(secret) && string.Equals(secret.Json.Annotation(NameAnnotation), key.Name, StringComparison.Ordinal))
                {
                    yield return secret.Key;
                }
            }
        }
    }

    public ValueTask<TimeSpan?> ReconcileAsync(ResourceKey key, CancellationToken cancellationToken) => ValueTask.FromResult(Reconcile(key));

    private static bool IsToken(StoredObject secret) => string.Equals(secret.Json.Text("type"), SecretType, StringComparison.Ordinal);

    private TimeSpan? Reconcile(ResourceKey key)
    {
        if (store.Find(key) is not { IsTerminating: false } secret || secret.Json.Annotation(NameAnnotation) is not { Length: > 0 } name)
        {
            return null;
        }

        var account = store.Find(new ResourceKey("", "serviceaccounts", key.Namespace, name));
        var uid = secret.Json.Annotation(UidAnnotation);
        if (account is null || (uid is { Length: > 0 } && !string.Equals(uid, account.Uid, StringComparison.Ordinal)))
        {
            Namespaces.DeleteIfPresent(store, key, secret.Uid);
            return null;
        }

        if (filling.Delay is not { } delay)
        {
            return null;
        }

        var wait = delay == TimeSpan.Zero ? TimeSpan.Zero : Created(secret) + delay - store.Clock.GetUtcNow();
        if (wait > TimeSpan.Zero)
        {
            return wait;
        }

        store.Mutate(key, json => Fill(json, key, name, account.Uid), FieldManagers.ControllerManager);
        return null;
    }

    private JsonObject Fill(JsonObject json, ResourceKey key, string account, string accountUid)
    {
        var data = json.Child("data");
        data["ca.crt"] = Base64(authorityPem);
        data["namespace"] = Base64(key.Namespace!);
        if (data.Text("token") is not { Length: > 0 })
        {
            data["token"] = Base64(tokens.IssueSecretToken(key.Namespace!, account, accountUid, key.Name));
        }

        json.Child("metadata").Child("annotations")[UidAnnotation] = accountUid;
        return json;
    }

    // A creation time is whole seconds, so a delay may end up to a second early; it is never late.
    private static DateTimeOffset Created(StoredObject secret) =>
        DateTimeOffset.Parse(secret.Json.Text("metadata", "creationTimestamp")!, CultureInfo.InvariantCulture);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
