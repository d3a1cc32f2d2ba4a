using System.Collections;
using System.Globalization;
using MeshTools.Errors;
using MeshTools.Gateways;

namespace MeshTools.Cmdlets;

/// <summary>Hash tables of a command line as the tables of texts that a gateway takes.</summary>
internal static class GatewayTables
{
    internal static IReadOnlyDictionary<string, string> Strings(IDictionary? table)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in table ?? new Hashtable())
            result[Text(entry.Key)] = Text(entry.Value);
        return result;
    }

    /// <exception cref="MeshException">A key other than requests and limits, or a value that is no table.</exception>
    internal static GatewayResources? Resources(IDictionary? table)
    {
        if (table is null)
            return null;
        IReadOnlyDictionary<string, string> requests = Strings(null), limits = Strings(null);
        foreach (DictionaryEntry entry in table)
        {
            var inner = (entry.Value is System.Management.Automation.PSObject wrapped ? wrapped.BaseObject : entry.Value) as IDictionary;
            switch (Text(entry.Key).ToUpperInvariant())
            {
                case "REQUESTS" when inner is not null:
                    requests = Strings(inner);
                    break;
                case "LIMITS" when inner is not null:
                    limits = Strings(inner);
                    break;
                default:
                    throw new MeshException(
                        ErrorCatalog.GatewayOptionUnsupported, $"-Resources takes the tables requests and limits, not {Text(entry.Key)}", entry.Key, "Write @{ requests = @{ cpu = '500m' }; limits = @{ memory = '2Gi' } }.");
            }
        }

        return new GatewayResources(requests, limits);
    }

    // A switch of an annotation is written as Kubernetes has it.
    private static string Text(object? value) => value switch
    {
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
