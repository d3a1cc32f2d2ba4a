using MeshTools.Errors;
using MeshTools.Operations;

namespace MeshTools.Demo;

/// <summary>Keeps what goes wrong until the step that caused it is over; milestones are the report's own.</summary>
internal sealed class DemoLog : IOperationLog
{
    private readonly Lock _gate = new();
    private readonly List<string> _said = [];

    public void Verbose(string text)
    {
        // The report says the same in its own words.
    }

    public void Progress(OperationProgress progress)
    {
        // Every link is printed as it is finished.
    }

    public void Warning(string text) => Add(text);

    public void Failed(Exception error, object? target)
    {
        var described = ErrorCatalog.Describe(error, target);
        Add($"{described.Id}: {described.Message}");
    }

    /// <summary>Hands over what was said since the last time.</summary>
    internal IReadOnlyList<string> Take()
    {
        lock (_gate)
        {
            string[] taken = [.. _said];
            _said.Clear();
            return taken;
        }
    }

    private void Add(string text)
    {
        lock (_gate)
        {
            _said.Add(text);
        }
    }
}
