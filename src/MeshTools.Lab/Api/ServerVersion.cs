using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>The version of the API server whose behaviour the lab follows.</summary>
internal static class ServerVersion
{
    /// <summary>The version itself.</summary>
    internal const string Default = "v1.36.2";

    /// <summary>What <c>/version</c> answers.</summary>
    /// <param name="gitVersion">A version such as <c>v1.36.2</c> or <c>v1.33.5-gke.1080000</c>; only the answer changes with it, not what is served.</param>
    internal static JsonObject Document(string gitVersion)
    {
        var numbers = gitVersion.TrimStart('v').Split('.', '-', '+');
        var minor = numbers.Length > 1 && int.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 36;
        var text = minor.ToString(CultureInfo.InvariantCulture);
        return new JsonObject
        {
            ["major"] = numbers[0],
            ["minor"] = text,
            ["emulationMajor"] = numbers[0],
            ["emulationMinor"] = text,
            ["minCompatibilityMajor"] = numbers[0],
            ["minCompatibilityMinor"] = (minor - 1).ToString(CultureInfo.InvariantCulture),
            ["gitVersion"] = gitVersion,
            ["gitCommit"] = "lab",
            ["gitTreeState"] = "clean",
            ["buildDate"] = "2026-08-21T00:00:00Z",
            ["goVersion"] = "go1.26.10",
            ["compiler"] = "gc",
            ["platform"] = "linux/amd64",
        };
    }
}
