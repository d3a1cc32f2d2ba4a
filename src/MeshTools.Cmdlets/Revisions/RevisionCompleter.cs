using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using MeshTools.Clusters;

namespace MeshTools.Cmdlets;

/// <summary>Completes revisions by what the clusters of the command line are known to have. Sends nothing: only clusters that were probed know.</summary>
public sealed class RevisionCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var typed = CompletionText.Typed(wordToComplete ?? string.Empty);
        return
        [
            .. from revision in Known(fakeBoundParameters?["Cluster"]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
               where revision.StartsWith(typed, StringComparison.OrdinalIgnoreCase)
               select new CompletionResult(CompletionText.Quote(revision, wordToComplete ?? string.Empty), revision, CompletionResultType.ParameterValue, revision),
        ];
    }

    private static IEnumerable<string> Known(object? clusters)
    {
        var given = clusters is PSObject wrapped ? wrapped.BaseObject : clusters;
        return given switch
        {
            MeshCluster one => one.Revisions,
            IEnumerable many and not string => many.Cast<object?>().SelectMany(Known),
            _ => [],
        };
    }
}
