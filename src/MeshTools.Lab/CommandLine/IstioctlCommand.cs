using System.Text.Json;
using MeshTools.Kubernetes;

namespace MeshTools.Lab;

/// <summary>
/// <c>istioctl</c>: a stand-in for Istio's own program, for rehearsals without it. It knows the commands that this project runs, and makes of an IstioOperator what a lab's
/// control plane is made of; it has no charts.
/// </summary>
internal static class IstioctlCommand
{
    /// <summary>The variable that says which version the stand-in is of.</summary>
    public const string VersionVariable = "MESHTOOLS_STANDIN_VERSION";

    public const string DefaultVersion = "1.30.3";

    public const string Help = """
        A stand-in for istioctl, for lab clusters. It is not Istio's.

        Usage:
          meshtools-lab istioctl version [--remote=false] [-o json]
          meshtools-lab istioctl manifest generate [-f FILE|-]
          meshtools-lab istioctl install [-f FILE|-] [-y] [--readiness-timeout 300s] [--context NAME] [--kubeconfig FILE]

        MESHTOOLS_STANDIN_VERSION says which version it is of (1.30.3).

        """;

    private static readonly string[] s_valued = ["--remote", "-o", "--output", "-f", "--filename", "--readiness-timeout", "--context", "--kubeconfig", "-c"];
    private static readonly string[] s_switches = ["-y", "--skip-confirmation", "--cluster-specific", "--force"];

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, TextReader input, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        var version = Environment.GetEnvironmentVariable(VersionVariable) is { Length: > 0 } named ? named : DefaultVersion;
        try
        {
            var parsed = Arguments.Parse(arguments, s_valued, s_switches);
            switch (parsed.Positional)
            {
                case ["version"]:
                    var answer = new { clientVersion = new { version, revision = "stand-in", golang_version = "none", status = "Stand-in", tag = version } };
                    await output.WriteLineAsync(
                        (parsed.Text("-o") ?? parsed.Text("--output")) is "json" ? JsonSerializer.Serialize(answer) : $"client version: {version} (a stand-in)").ConfigureAwait(false);
                    return 0;
                case ["manifest", "generate"]:
                    var rendered = StandInObjects.Render(await ReadAsync(parsed, input, version, cancellationToken).ConfigureAwait(false));
                    await output.WriteAsync(KubernetesYaml.WriteAll(rendered.Select(obj => obj.Json))).ConfigureAwait(false);
                    return 0;
                case ["install"]:
                    await InstallAsync(parsed, await ReadAsync(parsed, input, version, cancellationToken).ConfigureAwait(false), version, output, cancellationToken).ConfigureAwait(false);
                    return 0;
                default:
                    throw new UsageException($"unknown command \"{string.Join(' ', parsed.Positional)}\" for \"istioctl\"");
            }
        }
        catch (Exception exception) when (exception is UsageException or StandInException or KubernetesException or IOException)
        {
            await error.WriteLineAsync($"Error: {exception.Message}").ConfigureAwait(false);
            return 1;
        }
    }

    private static async Task<StandInConfiguration> ReadAsync(Arguments parsed, TextReader input, string version, CancellationToken cancellationToken)
    {
        var file = parsed.Text("-f") ?? parsed.Text("--filename");
        var text = file switch
        {
            null => "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {}\n",
            "-" => await input.ReadToEndAsync(cancellationToken).ConfigureAwait(false),
            _ => await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false),
        };
        return StandInConfiguration.Read(text, version);
    }

    private static async Task InstallAsync(Arguments parsed, StandInConfiguration configuration, string version, TextWriter output, CancellationToken cancellationToken)
    {
        var patience = parsed.Duration("--readiness-timeout") ?? TimeSpan.FromSeconds(300);
        var kubeconfig = Kubeconfig.Load(parsed.Text("--kubeconfig") ?? parsed.Text("-c"));
        using var client = new KubernetesClient(kubeconfig.CreateConfiguration(parsed.Text("--context")));
        await new StandInInstallation(client, configuration, version, output).RunAsync(patience, cancellationToken).ConfigureAwait(false);
    }
}
