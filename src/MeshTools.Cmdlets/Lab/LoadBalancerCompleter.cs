using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace MeshTools.Cmdlets;

/// <summary>Completes the ways in which load balancers of a lab get addresses.</summary>
public sealed class LoadBalancerCompleter : IArgumentCompleter
{
    private static readonly (string Way, string Meaning)[] s_ways =
    [
        ("Immediate", "an IP address at once"),
        ("Hostname", "a host name, as on AWS"),
        ("Never", "no address, as without a load balancer"),
        ("Failing", "no address, and events say why"),
        ("5s", "an IP address after a while"),
    ];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var typed = CompletionText.Typed(wordToComplete ?? string.Empty);
        return
        [
            .. from way in s_ways
               where way.Way.StartsWith(typed, StringComparison.OrdinalIgnoreCase)
               select new CompletionResult(way.Way, way.Way, CompletionResultType.ParameterValue, way.Meaning),
        ];
    }
}
