using System.Net.Http.Json;
using System.Text.Json;

namespace MeshTools.Lab;

/// <summary>Talks to the control server of a running lab, found through its state file.</summary>
internal sealed class ControlClient : IDisposable
{
    private readonly HttpClient client;

    public ControlClient(LabState state)
    {
        client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = state.ControlUrl, Timeout = TimeSpan.FromSeconds(10) };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + state.ControlToken);
    }

    /// <summary>Connects to the lab whose state file <c>--lab</c> names, or that runs in this directory.</summary>
    public static ControlClient For(Arguments parsed) =>
        new(LabState.Read(parsed.Text("--lab") ?? ServeOptions.StateFileFor(ServeOptions.DefaultKubeconfig)));

    public async Task<ControlStatus> StatusAsync(CancellationToken cancellationToken) =>
        await client.GetFromJsonAsync<ControlStatus>("status", ControlServer.Format, cancellationToken).ConfigureAwait(false)
        ?? throw new JsonException("The lab answered nothing.");

    public Task<string> CommandAsync(ControlRequest request, CancellationToken cancellationToken) => PostAsync("command", request, cancellationToken);

    public Task<string> StopAsync(CancellationToken cancellationToken) => PostAsync("stop", new { }, cancellationToken);

    public void Dispose() => client.Dispose();

    private async Task<string> PostAsync(string path, object body, CancellationToken cancellationToken)
    {
        using var response = await client.PostAsJsonAsync(path, body, ControlServer.Format, cancellationToken).ConfigureAwait(false);
        var answer = await response.Content.ReadFromJsonAsync<ControlAnswer>(ControlServer.Format, cancellationToken).ConfigureAwait(false);
        return response.IsSuccessStatusCode
            ? answer?.Message ?? string.Empty
            : throw new UsageException(answer?.Message ?? $"The lab answered {(int)response.StatusCode}.");
    }
}
