using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using MeshTools.Clusters;
using MeshTools.Kubernetes;

namespace MeshTools.Cmdlets;

/// <summary>Completes contexts of the kubeconfig that the command line names, or of the default one. Reads files; sends nothing and starts no credential plugin.</summary>
public sealed class ContextCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var typed = CompletionText.Typed(wordToComplete ?? string.Empty);
        var takesWildcards = !string.Equals(parameterName, "Cluster", StringComparison.OrdinalIgnoreCase)
            && !string.Equals(parameterName, "Destination", StringComparison.OrdinalIgnoreCase);
        return
        [
            .. from cluster in Clusters(fakeBoundParameters)
               where cluster.Context.StartsWith(typed, StringComparison.OrdinalIgnoreCase)
               group cluster by cluster.Context into same
               orderby same.Key
               let name = takesWildcards ? WildcardPattern.Escape(same.Key) : same.Key
               select new CompletionResult(
                   CompletionText.Quote(name, wordToComplete ?? string.Empty), same.Key, CompletionResultType.ParameterValue, Tooltip(same.First())),
        ];
    }

    private static string Tooltip(MeshCluster cluster) => cluster.Server?.ToString().TrimEnd('/') ?? cluster.Context;

    // A kubeconfig that is missing or broken completes nothing: the command itself will say what is wrong.
    private static IReadOnlyList<MeshCluster> Clusters(IDictionary? bound)
    {
        try
        {
            return ClusterCatalog.Load([.. Paths(bound?["Kubeconfig"])]);
        }
        catch (Exception e) when (e is KubernetesException or IOException or UnauthorizedAccessException or RuntimeException)
        {
            return [];
        }
    }

    private static IEnumerable<string> Paths(object? kubeconfig)
    {
        if (kubeconfig is null || LanguagePrimitives.ConvertTo<string[]>(kubeconfig) is not { Length: > 0 } paths)
            return [];
        // Only the session knows its current location and its drives.
        using var session = PowerShell.Create(RunspaceMode.CurrentRunspace);
        var engine = session.AddCommand("Microsoft.PowerShell.Utility\\Get-Variable").AddParameter("Name", "ExecutionContext").AddParameter("ValueOnly")
            .Invoke<EngineIntrinsics>()[0];
        return [.. paths.Select(engine.SessionState.Path.GetUnresolvedProviderPathFromPSPath)];
    }
}
