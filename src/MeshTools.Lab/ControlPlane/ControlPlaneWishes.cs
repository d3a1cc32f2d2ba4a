namespace MeshTools.Lab;

/// <summary>What an installation asks of a control plane beyond what a lab's own have.</summary>
internal sealed record ControlPlaneWishes
{
    /// <summary>Where the images are.</summary>
    public string Hub { get; init; } = "docker.io/istio";

    /// <summary>Further environment of istiod.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
