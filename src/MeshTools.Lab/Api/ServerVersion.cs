using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>The version of the API server whose behaviour the lab follows.</summary>
internal static class ServerVersion
{
    internal static JsonObject Document() => new()
    {
        ["major"] = "1",
        ["minor"] = "36",
        ["emulationMajor"] = "1",
        ["emulationMinor"] = "36",
        ["minCompatibilityMajor"] = "1",
        ["minCompatibilityMinor"] = "35",
        ["gitVersion"] = "v1.36.2",
        ["gitCommit"] = "lab",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "2026-08-21T00:00:00Z",
        ["goVersion"] = "go1.26.10",
        ["compiler"] = "gc",
        ["platform"] = "linux/amd64",
    };
}
