namespace MeshTools.Revisions;

/// <summary>The labels by which control planes, their webhooks and the namespaces they inject find each other (istio.io/api/label).</summary>
internal static class RevisionLabels
{
    /// <summary>The revision of an object; on a namespace, the revision or tag that injects its pods.</summary>
    internal const string Revision = "istio.io/rev";

    /// <summary>The tag that an object belongs to.</summary>
    internal const string Tag = "istio.io/tag";

    /// <summary>Injection by whatever is the default; hides <see cref="Revision"/> whatever its value.</summary>
    internal const string Injection = "istio-injection";

    /// <summary>The tag behind <c>istio-injection=enabled</c>.</summary>
    internal const string DefaultTag = "default";
}
