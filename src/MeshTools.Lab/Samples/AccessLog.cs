using System.Globalization;

namespace MeshTools.Lab;

/// <summary>
/// The access log of one proxy, in Istio's default format, with Envoy's response flags: UH no healthy upstream, UF connection failed, UC
/// connection ended. The last 200 lines are kept.
/// </summary>
internal sealed class AccessLog(TimeProvider clock)
{
    private const int Capacity = 200;

    private readonly object gate = new();
    private readonly Queue<string> lines = new();

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (gate)
            {
                return [.. lines];
            }
        }
    }

    public void Write(Call call, CallResult result, string flags, string? upstream, string cluster, long milliseconds)
    {
        var details = flags is "-" ? "via_upstream - \"-\"" : $"- - \"{result.Body}\"";
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"[{clock.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'}] \"{call.Method} {call.Path} HTTP/1.1\" {result.Status} {flags} {details} 0 {result.Body.Length} {milliseconds} - \"-\" \"curl\" \"-\" \"{call.Authority}\" \"{upstream ?? "-"}\" {cluster} - - - - default");
        lock (gate)
        {
            if (lines.Count == Capacity)
            {
                lines.Dequeue();
            }

            lines.Enqueue(line);
        }
    }
}
