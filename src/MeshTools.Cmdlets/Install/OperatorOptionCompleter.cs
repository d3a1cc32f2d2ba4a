using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using MeshTools.Install;

namespace MeshTools.Cmdlets;

/// <summary>Completes the names of options, with what each does.</summary>
public sealed class OperatorOptionCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var typed = CompletionText.Typed(wordToComplete ?? string.Empty);
        return
        [
            .. from option in OperatorOptions.All
               where option.Obsolete is null && option.Name.StartsWith(typed, StringComparison.OrdinalIgnoreCase)
               select new CompletionResult(CompletionText.Quote(option.Name, wordToComplete ?? string.Empty), option.Name, CompletionResultType.ParameterValue, option.Summary),
        ];
    }
}
