using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace MeshTools.Cmdlets;

/// <summary>Completes the ids of labs from the names of their folders; asks no lab.</summary>
public sealed class LabCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var typed = CompletionText.Typed(wordToComplete ?? string.Empty);
        return
        [
            .. from folder in LabFolder.All()
               where folder.Id.StartsWith(typed, StringComparison.OrdinalIgnoreCase)
               select new CompletionResult(
                   folder.Id, folder.Id, CompletionResultType.ParameterValue, string.Create(CultureInfo.InvariantCulture, $"started {folder.StartedAt.ToLocalTime():HH:mm:ss}")),
        ];
    }
}
