using System.Globalization;

namespace MeshTools.Lab;

/// <summary>The log of one replica, in istiod's format: time, level, scope and message between tabs. The last thousand lines are kept.</summary>
internal sealed class IstiodLog(TimeProvider clock)
{
    private const int Capacity = 1000;

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

    /// <summary>Adds a line; istiod's own scope "default" is the one that is not written out.</summary>
    public void Write(string level, string message, string? scope = "multicluster")
    {
        var time = clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        lock (gate)
        {
            if (lines.Count == Capacity)
            {
                lines.Dequeue();
            }

            lines.Enqueue(scope is null ? $"{time}\t{level}\t{message}" : $"{time}\t{level}\t{scope}\t{message}");
        }
    }
}
