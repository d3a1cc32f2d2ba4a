namespace MeshTools.Lab;

/// <summary>The releases that a lab offers for download.</summary>
public sealed record ReleaseOptions
{
    /// <summary>The versions: of Istio, and with <c>-asm.N</c> behind them of Cloud Service Mesh.</summary>
    public IReadOnlyList<string> Versions { get; init; } = ["1.30.3", "1.29.2", "1.28.5-asm.12", "1.27.8-asm.3"];

    /// <summary>Bytes that an archive holds besides the stand-in, so that there is something to cut off and to wait for; at least 0.</summary>
    public int Ballast { get; init; } = 1024 * 1024;
}
