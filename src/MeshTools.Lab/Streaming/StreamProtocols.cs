namespace MeshTools.Lab;

/// <summary>Choice of a WebSocket sub-protocol. The base64 and unversioned variants are old and not offered here.</summary>
internal static class StreamProtocols
{
    /// <summary>Exec: v5 knows how to close one channel (k8s.io/apimachinery remotecommand StreamProtocolV5Name).</summary>
    public const string V5 = "v5.channel.k8s.io";

    /// <summary>Exec and port-forward.</summary>
    public const string V4 = "v4.channel.k8s.io";

    /// <summary>The first of the client's protocols that exec speaks; null for none.</summary>
    public static string? ForExec(IEnumerable<string> requested) =>
        requested.FirstOrDefault(protocol => protocol is V5 or V4);

    /// <summary>The first of the client's protocols that port-forward speaks; null for none.</summary>
    public static string? ForPortForward(IEnumerable<string> requested) =>
        requested.FirstOrDefault(protocol => protocol is V4);
}
