namespace MeshTools.Lab;

/// <summary><c>fault releases KIND</c>: makes a lab's server of release archives misbehave, or well again.</summary>
internal static class ReleaseFaultCommand
{
    public const string Target = "releases";

    private const string Clear = "clear";

    public static ControlRequest Request(Arguments parsed)
    {
        if (parsed.Positional is not [_, var kind] || (kind is not Clear && !ReleaseFaults.Names.ContainsKey(kind)))
        {
            throw new UsageException($"fault {Target} needs one of {string.Join(", ", ReleaseFaults.Names.Keys)}, {Clear}.");
        }

        return new ControlRequest(Target, kind) { Times = parsed.Number("--times", 1, int.MaxValue), DelaySeconds = parsed.Duration("--delay")?.TotalSeconds };
    }

    public static void Apply(ReleaseServer releases, ControlRequest request)
    {
        if (request.Action is Clear)
        {
            releases.Faults.Clear();
            return;
        }

        releases.Faults.Add(
            ReleaseFaults.Names.TryGetValue(request.Action, out var fault) ? fault : throw new ArgumentException($"The releases know no fault \"{request.Action}\".", nameof(request)),
            request.Times,
            request.DelaySeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
    }
}
