namespace MeshTools.Kubernetes;

/// <summary>Where and how to open a WebSocket. A class, not a record: its headers hold the credential.</summary>
internal sealed class StreamingEndpoint(
    Uri address, IReadOnlyList<KeyValuePair<string, string>> headers, HttpMessageInvoker invoker, Credential credential)
{
    internal Uri Address { get; } = address;

    internal IReadOnlyList<KeyValuePair<string, string>> Headers { get; } = headers;

    internal HttpMessageInvoker Invoker { get; } = invoker;

    internal Credential Credential { get; } = credential;
}
