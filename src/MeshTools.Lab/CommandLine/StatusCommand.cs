using System.Globalization;
using System.Text.Json;

namespace MeshTools.Lab;

/// <summary><c>status</c>: what a running lab is doing.</summary>
internal static class StatusCommand
{
    public const string Help = """
        Says what a running lab is doing: its clusters, their faults, and what each istiod sees of the others.

        Usage: meshtools-lab status [--lab FILE] [--json]

        Options:
          --lab FILE   the lab's state file (./lab.kubeconfig.state.json)
          --json       for programs

        """;

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, TextWriter output, CancellationToken cancellationToken)
    {
        var parsed = Arguments.Parse(arguments, ["--lab"], ["--json"]);
        if (parsed.Positional.Count > 0)
        {
            throw new UsageException($"\"{parsed.Positional[0]}\" is not an option of status.");
        }

        using var client = ControlClient.For(parsed);
        var status = await client.StatusAsync(cancellationToken).ConfigureAwait(false);
        if (parsed.Has("--json"))
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(status, Indented)).ConfigureAwait(false);
            return 0;
        }

        if (status.GoogleCloud is { } google)
        {
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"google-cloud  {google.Address}  {google.Requests} requests, {google.Writes} writes")).ConfigureAwait(false);
            foreach (var fault in google.Faults)
            {
                await output.WriteLineAsync("  fault: " + fault).ConfigureAwait(false);
            }
        }

        if (status.ReleaseServer is { } releases)
        {
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"releases  {releases.Source}  {releases.Requests} requests")).ConfigureAwait(false);
            foreach (var fault in releases.Faults)
            {
                await output.WriteLineAsync("  fault: " + fault).ConfigureAwait(false);
            }
        }

        foreach (var cluster in status.Clusters)
        {
            var state = cluster.Listening ? "up" : "stopped";
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{cluster.Name}  {cluster.Server.ToString().TrimEnd('/')}  {state}  {cluster.Requests} requests, {cluster.Writes} writes")).ConfigureAwait(false);
            foreach (var fault in cluster.Faults)
            {
                await output.WriteLineAsync("  fault: " + fault).ConfigureAwait(false);
            }

            foreach (var remote in cluster.Remotes)
            {
                await output.WriteLineAsync($"  {remote.Pod} sees {remote.ClusterId}: {remote.Status}").ConfigureAwait(false);
            }
        }

        return 0;
    }
}
