using System.Text.Json.Nodes;
using MeshTools.Kubernetes;

namespace MeshTools.Managed;

/// <summary>The ControlPlaneRevision that is applied, as asmcli's (asm/control-plane-revision). What somebody else said and nobody asked to change stays as it is.</summary>
internal static class ManagedManifest
{
    private const string Creator = "meshtools";

    internal static KubernetesObject Of(ManagedReading reading, ManagedDecision decision, ManagedInstallOptions options)
    {
        var live = reading.Revisions.FirstOrDefault(revision => string.Equals(revision.Name, decision.Revision, StringComparison.Ordinal))?.Live;
        var perimeter = options.UseVpcServiceControls is { } wished ? (wished ? "true" : "false") : live?.Annotations.GetValueOrDefault(ManagedRevision.VpcScAnnotation) ?? "false";
        var annotations = new JsonObject { [ManagedRevision.VpcScAnnotation] = perimeter };
        if (TagsOf(live, decision.Tag) is { } tags)
            annotations[ManagedRevision.TagsAnnotation] = tags;
        var manifest = KubernetesObject.Create(ManagedRevision.Type.ApiVersion, ManagedRevision.Type.Kind, decision.Revision, ManagedReading.Namespace);
        manifest.Json["metadata"]!["labels"] = new JsonObject
        {
            [ManagedRevision.ManagedCniLabel] = "true",
            [ManagedRevision.CreatedByLabel] = live?.Labels.GetValueOrDefault(ManagedRevision.CreatedByLabel) ?? Creator,
        };
        manifest.Json["metadata"]!["annotations"] = annotations;
        manifest.Json["spec"] = new JsonObject { ["type"] = "managed_service", ["channel"] = ManagedChannels.NameOf(decision.Channel) };
        return manifest;
    }

    // Other names that the control plane has already go on leading to it: namespaces may carry them.
    private static string? TagsOf(KubernetesObject? live, string? tag)
    {
        string[] known = [.. (live?.Annotations.GetValueOrDefault(ManagedRevision.TagsAnnotation) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        string[] all = tag is null || known.Contains(tag, StringComparer.Ordinal) ? known : [.. known, tag];
        return all.Length == 0 ? null : string.Join(',', all);
    }
}
