using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>Waits for a CustomResourceDefinition: the condition comes first, discovery follows a moment later.</summary>
internal sealed class DefinitionWait(ClusterTransport transport, ClientConfiguration configuration, ResourceDiscovery discovery, TimeProvider clock)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    internal async Task<ResourceType> RunAsync(string definition, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        var pause = FirstPause;
        while (true)
        {
            var (found, seen, missing) = await CheckAsync(definition, cancellationToken).ConfigureAwait(false);
            if (found is not null)
                return found;
            var left = timeout - clock.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                throw new WaitTimeoutException(
                    new ObjectReference(ResourceTypes.CustomResourceDefinition.ApiVersion, "CustomResourceDefinition", definition, Namespace: null),
                    $"CustomResourceDefinition {definition} is not ready after {timeout.TotalSeconds:0.#} s: {missing}", seen, [missing])
                {
                    Endpoint = configuration.Server, ContextName = configuration.ContextName,
                };
            }

            await Task.Delay(pause < left ? pause : left, clock, cancellationToken).ConfigureAwait(false);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task<(ResourceType? Type, KubernetesObject? Seen, string Missing)> CheckAsync(string definition, CancellationToken cancellationToken)
    {
        var type = ResourceTypes.CustomResourceDefinition;
        JsonObject json;
        try
        {
            var response = await transport.SendAsync(
                new ApiRequest
                {
                    Method = HttpMethod.Get, PathAndQuery = ResourcePath.Of(type, null, definition), Verb = "get", ResourceType = type, Name = definition,
                },
                cancellationToken).ConfigureAwait(false);
            json = JsonAccess.TryParseObject(response.Body) ?? [];
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return (null, null, "it does not exist");
        }

        var seen = new KubernetesObject(json);
        foreach (var condition in (ReadOnlySpan<string>)["NamesAccepted", "Established"])
        {
            if (seen.FindCondition(condition) is not { } found || found.FindString("status") is not "True")
                return (null, seen, $"condition {condition} is not True{Because(seen.FindCondition(condition))}");
        }

        return await CheckServedAsync(seen, cancellationToken).ConfigureAwait(false);
    }

    private async Task<(ResourceType? Type, KubernetesObject? Seen, string Missing)> CheckServedAsync(KubernetesObject seen, CancellationToken cancellationToken)
    {
        var group = seen.FindString("spec", "group") ?? "";
        var kind = seen.FindString("spec", "names", "kind") ?? "";
        discovery.Invalidate();
        var types = await discovery.GetResourcesAsync(cancellationToken).ConfigureAwait(false);
        ResourceType? first = null;
        foreach (var version in seen.Json.FindArray("spec", "versions") ?? [])
        {
            if (version.FindBoolean("served") is not true)
                continue;
            var apiVersion = $"{group}/{version.FindString("name")}";
            var served = types.FirstOrDefault(
                t => string.Equals(t.ApiVersion, apiVersion, StringComparison.Ordinal) && string.Equals(t.Kind, kind, StringComparison.Ordinal));
            if (served is null)
                return (null, seen, $"discovery does not list {kind} of {apiVersion} yet");
            first ??= served;
        }

        return (first, seen, first is null ? "it serves no version" : "");
    }

    private static string Because(JsonObject? condition) =>
        condition.FindString("message") is { Length: > 0 } message ? $" ({message})" : "";
}
