using System.Collections;
using System.Globalization;

namespace MeshTools.Cmdlets;

/// <summary>Labels and annotations as PowerShell writes them: a hashtable.</summary>
internal static class LabelTable
{
    internal static IReadOnlyDictionary<string, string> Read(Hashtable table) => table.Cast<DictionaryEntry>().ToDictionary(
        entry => Text(entry.Key), entry => entry.Value is bool flag ? (flag ? "true" : "false") : Text(entry.Value), StringComparer.Ordinal);

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
