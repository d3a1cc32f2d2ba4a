using System.Globalization;

namespace MeshTools.Lab;

/// <summary>How a lab's release server can misbehave.</summary>
public enum ReleaseFault
{
    /// <summary>Connections are cut without an answer.</summary>
    Down,

    /// <summary>Connections are cut in the middle of an archive.</summary>
    CutOff,

    /// <summary>Signatures and checksums are those of something else.</summary>
    WrongSignature,

    /// <summary>There are archives, and no signatures or checksums.</summary>
    NoSignature,

    /// <summary>Pieces of an archive come with pauses between them.</summary>
    Slow,

    /// <summary>Parts of archives are not served: who asks for one gets all of it.</summary>
    NoRanges,

    /// <summary>Each answer is of an archive made anew, with another entity tag.</summary>
    Changing,

    /// <summary>503.</summary>
    ServerError,

    /// <summary>429 with Retry-After.</summary>
    Throttle,
}

/// <summary>How a lab's release server misbehaves now. Safe for use from many threads.</summary>
public sealed class ReleaseFaults
{
    private readonly object gate = new();
    private readonly Dictionary<ReleaseFault, int?> active = [];

    /// <summary>The pause of <see cref="ReleaseFault.Slow"/>.</summary>
    public TimeSpan Delay { get; private set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>What holds now, in words.</summary>
    public IReadOnlyList<string> Active
    {
        get
        {
            lock (gate)
            {
                return [.. active.OrderBy(pair => pair.Key).Select(pair => NameOf(pair.Key) + (pair.Value is { } left ? string.Create(CultureInfo.InvariantCulture, $" ({left} more)") : string.Empty))];
            }
        }
    }

    /// <summary>Faults by the names they have on the command line.</summary>
    internal static IReadOnlyDictionary<string, ReleaseFault> Names { get; } = Enum.GetValues<ReleaseFault>().ToDictionary(NameOf, StringComparer.Ordinal);

    /// <summary>Misbehaves from now on.</summary>
    /// <param name="fault">How.</param>
    /// <param name="times">How often; null for ever.</param>
    /// <param name="delay">For <see cref="ReleaseFault.Slow"/>, the pause between two pieces.</param>
    public void Add(ReleaseFault fault, int? times = null, TimeSpan? delay = null)
    {
        lock (gate)
        {
            active[fault] = times;
            Delay = delay ?? Delay;
        }
    }

    /// <summary>All is well again.</summary>
    public void Clear()
    {
        lock (gate)
        {
            active.Clear();
        }
    }

    /// <summary>Whether a fault hits this request.</summary>
    internal bool Hits(ReleaseFault fault)
    {
        lock (gate)
        {
            if (!active.TryGetValue(fault, out var left))
            {
                return false;
            }

            if (left is 1)
            {
                active.Remove(fault);
            }
            else if (left is { } more)
            {
                active[fault] = more - 1;
            }

            return true;
        }
    }

    private static string NameOf(ReleaseFault fault) => fault switch
    {
        ReleaseFault.CutOff => "cut-off",
        ReleaseFault.WrongSignature => "wrong-signature",
        ReleaseFault.NoSignature => "no-signature",
        ReleaseFault.NoRanges => "no-ranges",
        ReleaseFault.ServerError => "server-error",
        _ => fault.ToString().ToLowerInvariant(),
    };
}
