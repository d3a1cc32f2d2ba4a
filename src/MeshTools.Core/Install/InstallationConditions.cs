using MeshTools.Kubernetes;
using MeshTools.Revisions;

namespace MeshTools.Install;

/// <summary>What keeps a revision from doing its work, as far as its objects show it.</summary>
internal static class InstallationConditions
{
    internal static IReadOnlyList<string> Of(RevisionReading reading, MeshRevision revision)
    {
        var problems = new List<string>();
        if (revision is { IsExternal: false, Ready: false })
            problems.Add($"{revision.ReadyReplicas} of {revision.Replicas} replicas of istiod are ready");
        var managed = reading.ManagedOf(revision.Revision);
        if (managed is { IsReady: false })
            problems.Add($"Google has not provided it: {managed.State}{(managed.Problem is { } why ? $" ({why})" : "")}");
        var injectors = reading.InjectorsOf(revision.Revision);
        if (injectors.Count == 0 && reading.InjectorsAreKnown && managed is not { IsReady: false })
            problems.Add("it has no injector: no pod gets a proxy of it");
        foreach (var webhook in injectors.Where(LacksAuthority))
            problems.Add($"{webhook.Name} has no CA bundle yet: calls of it would fail");
        if (reading.Deployments.Count(deployment => string.Equals(RevisionReading.RevisionOf(deployment), revision.Revision, StringComparison.Ordinal)) > 1)
            problems.Add("more than one Deployment of istiod has this revision");
        problems.AddRange(reading.Namespaces
            .Where(ns => ns.Labels.ContainsKey(RevisionLabels.Injection) && ns.Labels.GetValueOrDefault(RevisionLabels.Revision) is { } name
                && string.Equals(reading.Resolve(name), revision.Revision, StringComparison.Ordinal))
            .Select(ns => $"namespace {ns.Name} asks for it by {RevisionLabels.Revision}, but its label {RevisionLabels.Injection} hides that"));
        return problems;
    }

    // istiod fills it in when it runs; a webhook by URL may rely on a public authority.
    private static bool LacksAuthority(KubernetesObject webhook) => (webhook.Json.FindArray("webhooks") ?? []).Any(item =>
        item.Find("clientConfig", "service") is not null && item.FindString("clientConfig", "caBundle") is not { Length: > 0 });
}
