using System.Text.Json.Nodes;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Install;

/// <summary>The IstioOperator of one cluster, complete: what <c>istioctl install</c> is given.</summary>
public sealed class OperatorConfiguration
{
    private OperatorConfiguration(OperatorSettings settings, JsonObject document, IReadOnlyList<string> layers, IReadOnlyList<string> warnings)
    {
        Settings = settings;
        Document = document;
        Layers = layers;
        Warnings = warnings;
    }

    /// <summary>What it was made from.</summary>
    public OperatorSettings Settings { get; }

    /// <summary>The layers that it was made of, in order.</summary>
    public IReadOnlyList<string> Layers { get; }

    /// <summary>What somebody who gave overlays should know.</summary>
    public IReadOnlyList<string> Warnings { get; }

    internal JsonObject Document { get; }

    /// <summary>Builds and layers, in the order in which asmcli does: base, authority, options, overlays; and for Istio CA its layer again, so that no overlay can take trust apart.</summary>
    /// <param name="settings">What decides.</param>
    /// <returns>The configuration.</returns>
    /// <exception cref="MeshException">A revision, pool or option cannot be used.</exception>
    public static OperatorConfiguration Build(OperatorSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        IstioRelease.RequireRevision(settings.Revision);
        if (settings.Authority is MeshAuthority.CaService)
            MeshNaming.RequireCaPool(settings.CaPool);
        var document = OperatorDocument.Base(settings);
        var layers = new List<string> { "base" };
        var authority = OperatorDocument.Authority(settings);
        if (authority is not null)
            Lay($"authority {settings.Authority}", authority);
        foreach (var option in settings.Options.Select(OperatorOptions.Find))
        {
            if (!option.IsIn(settings.Release))
                throw new MeshException(ErrorCatalog.OptionUnknown, $"option {option.Name} cannot be used with {settings.Release}: it ended with Istio 1.{option.LastMinor}", option.Name);
            Lay($"option {option.Name}", OperatorDocument.Of(option.Spec!(settings)));
        }

        foreach (var overlay in settings.Overlays)
        {
            foreach (var part in overlay.Documents)
                Lay($"overlay {overlay.Source}", part);
        }

        var warnings = new List<string>();
        if (settings.Authority is MeshAuthority.IstioCA)
        {
            var before = new KubernetesObject((JsonObject)document.DeepClone());
            Lay($"authority {settings.Authority}", authority!);
            warnings.AddRange(FieldDifference.Between(before, new KubernetesObject(document)).Select(field => $"{field}: the certificate authority decides over it, and not an option or overlay"));
        }

        if (IstioRelease.SpecRevision(settings.Revision) is { Length: > 0 } revision)
            document["spec"]!["revision"] = revision;
        else
            document["spec"]!.AsObject().Remove("revision");
        // Whatever overlays are called: what an earlier run made must still be known as the installation's own.
        if (document["metadata"] is not JsonObject metadata)
            document["metadata"] = metadata = [];
        metadata["name"] = OperatorDocument.Name;
        return new OperatorConfiguration(settings, document, layers, warnings);

        void Lay(string name, JsonObject layer)
        {
            OperatorMerge.Over(document, layer, settings.Release);
            layers.Add(name);
        }
    }

    /// <summary>As YAML.</summary>
    /// <returns>One document.</returns>
    public string ToYaml() => KubernetesYaml.Write(Document);

    /// <summary>As JSON, which istioctl reads as well.</summary>
    /// <returns>One document.</returns>
    public string ToJson() => Document.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true });
}
