using System.Text.Json.Nodes;
using MeshTools.Kubernetes;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace MeshTools.Tests.Kubernetes;

public sealed class ExecPluginTests : IDisposable
{
    private const string Answer = """{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"TOKEN"}}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Log => Path.Combine(_folder.Path, "log");

    private int Runs => File.Exists(Log) ? File.ReadAllLines(Log).Length : 0;

    /// <summary>A plugin that counts its runs and gives token-1, token-2, ...</summary>
    private string Counting(string more = "") => _folder.WriteScript("plugin", $$"""
        {{more}}
        echo run >> "{{Log}}"
        n=$(wc -l < "{{Log}}" | tr -d ' ')
        echo '{{Answer}}' | sed "s/TOKEN/token-$n/"
        """);

    private static ClientConfiguration Configure(TestApiServer server, string command, string exec = "", string cluster = "")
    {
        var data = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(server.Authority.Pem));
        return Kubeconfig.Parse(KubeconfigTestData.One(
            $"server: \"{server.Url}\", certificate-authority-data: {data}{cluster}",
            $"exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: \"{command}\"{exec}}}")).CreateConfiguration();
    }

    private static async Task<TestApiServer> ServeAsync(Func<string?, bool>? accept = null) =>
        await TestApiServer.StartAsync(context => accept?.Invoke(context.Request.Headers.Authorization) is false
            ? TestApiServer.StatusAsync(context, 401, "Unauthorized", "Unauthorized")
            : TestApiServer.JsonAsync(context, """{"major":"1"}"""));

    private static void SkipOnWindows() => Skip.If(OperatingSystem.IsWindows(), "the plugins of these tests are shell scripts");

    [SkippableFact]
    public async Task Parallel_requests_of_several_clients_run_it_once()
    {
        SkipOnWindows();
        await using var server = await ServeAsync();
        var command = Counting();
        var clients = Enumerable.Range(0, 4).Select(_ => new KubernetesClient(Configure(server, command))).ToList();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => clients[i % 4].GetVersionAsync()));
        clients.ForEach(c => c.Dispose());
        Assert.Equal(1, Runs);
        Assert.All(server.Requests, r => Assert.Equal("Bearer token-1", r.Headers["Authorization"]));
    }

    [SkippableFact]
    public async Task A_401_runs_it_once_more()
    {
        SkipOnWindows();
        await using var server = await ServeAsync(token => token is not "Bearer token-1");
        using var client = new KubernetesClient(Configure(server, Counting()));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.GetVersionAsync()));
        Assert.Equal(2, Runs);
    }

    [SkippableFact]
    public async Task A_second_401_is_the_answer()
    {
        SkipOnWindows();
        await using var server = await ServeAsync(_ => false);
        using var client = new KubernetesClient(Configure(server, Counting()));
        var error = await Assert.ThrowsAsync<KubernetesApiException>(() => client.GetVersionAsync());
        Assert.True(error.IsUnauthorized);
        Assert.Equal((2, 2), (Runs, server.Requests.Count));
        Assert.DoesNotContain("token-", error.ToString(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Arguments_environment_and_cluster_arrive_as_configured()
    {
        SkipOnWindows();
        await using var server = await ServeAsync();
        var seen = Path.Combine(_folder.Path, "seen");
        var command = _folder.WriteScript("plugin", $$"""
            printf '%s\n' "$#" "$1" "$2" "$PLUGIN_SETTING" "$KUBERNETES_EXEC_INFO" > "{{seen}}"
            cat >> "{{seen}}"
            echo '{{Answer}}'
            """);
        var configuration = Configure(
            server, command, ", args: [\"one two\", \"\\\"q\\\" $HOME\"], env: [{name: PLUGIN_SETTING, value: \"a b\"}], provideClusterInfo: true",
            ", tls-server-name: localhost, extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: x}}]");
        using var client = new KubernetesClient(configuration);
        await client.GetVersionAsync();

        var lines = await File.ReadAllLinesAsync(seen);
        Assert.Equal(["2", "one two", "\"q\" $HOME", "a b"], lines[..4]);
        Assert.Equal(5, lines.Length);
        var info = JsonNode.Parse(lines[4])!;
        Assert.Equal("ExecCredential", (string?)info["kind"]);
        Assert.Equal("client.authentication.k8s.io/v1", (string?)info["apiVersion"]);
        Assert.False((bool)info["spec"]!["interactive"]!);
        var cluster = info["spec"]!["cluster"]!;
        Assert.Equal(server.Url.AbsoluteUri.TrimEnd('/'), (string?)cluster["server"]);
        Assert.Equal("localhost", (string?)cluster["tls-server-name"]);
        Assert.Equal("x", (string?)cluster["config"]!["audience"]);
        Assert.Equal(server.Authority.Pem, System.Text.Encoding.UTF8.GetString(Convert.FromBase64String((string)cluster["certificate-authority-data"]!)));
    }

    [SkippableFact]
    public async Task An_expired_credential_is_asked_for_again()
    {
        SkipOnWindows();
        await using var server = await ServeAsync();
        var clock = new ManualClock();
        var command = _folder.WriteScript("plugin", $$$"""
            echo run >> "{{{Log}}}"
            echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"t","expirationTimestamp":"2026-01-01T00:10:00Z"}}'
            """);
        using var client = new KubernetesClient(Configure(server, command), new KubernetesClientOptions { TimeProvider = clock });
        await client.GetVersionAsync();
        clock.Advance(TimeSpan.FromMinutes(9));
        await client.GetVersionAsync();
        Assert.Equal(1, Runs);
        clock.Advance(TimeSpan.FromMinutes(1));
        await client.GetVersionAsync();
        Assert.Equal(2, Runs);
    }

    [SkippableFact]
    public async Task A_certificate_from_it_authenticates()
    {
        SkipOnWindows();
        await using var server = await ServeAsync();
        using var certificate = server.Authority.IssueClient("jane");
        var json = new JsonObject
        {
            ["kind"] = "ExecCredential",
            ["apiVersion"] = "client.authentication.k8s.io/v1",
            ["status"] = new JsonObject
            {
                ["clientCertificateData"] = certificate.ExportCertificatePem(),
                ["clientKeyData"] = System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(certificate)!.ExportPkcs8PrivateKeyPem(),
            },
        };
        var file = _folder.Write("answer", json.ToJsonString());
        using var client = new KubernetesClient(Configure(server, _folder.WriteScript("plugin", $"cat '{file}'")));
        await client.GetVersionAsync();
        Assert.Equal("CN=jane", server.Requests.Single().ClientSubject);
    }

    [Fact]
    public async Task A_missing_plugin_says_how_to_install_it()
    {
        await using var server = await ServeAsync();
        using var client = new KubernetesClient(Configure(server, "no-such-plugin-here", ", installHint: \"run: install it\""));
        var error = await Assert.ThrowsAsync<ExecPluginException>(() => client.GetVersionAsync());
        Assert.Equal((ExecPluginProblem.NotFound, "no-such-plugin-here", "run: install it", "x"), (error.Problem, error.Command, error.InstallHint, error.ContextName));
        Assert.Contains("run: install it", error.Message, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [SkippableTheory]
    [InlineData("echo oops >&2; exit 3", ExecPluginProblem.Failed, "exit code 3")]
    [InlineData("echo hello", ExecPluginProblem.BadOutput, "no JSON object")]
    [InlineData("echo '{\"kind\":\"X\"}'", ExecPluginProblem.BadOutput, "no ExecCredential")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\",\"status\":{\"token\":\"t\"}}'", ExecPluginProblem.UnsupportedVersion, "v1beta1")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\"}'", ExecPluginProblem.BadOutput, "no status")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{}}'", ExecPluginProblem.BadOutput, "neither")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"clientKeyData\":\"k\"}}'", ExecPluginProblem.BadOutput, "only one")]
    public async Task A_failing_plugin_says_what_is_wrong(string body, ExecPluginProblem problem, string text)
    {
        SkipOnWindows();
        await using var server = await ServeAsync();
        using var client = new KubernetesClient(Configure(server, _folder.WriteScript("plugin", body)));
        var error = await Assert.ThrowsAsync<ExecPluginException>(() => client.GetVersionAsync());
        Assert.Equal(problem, error.Problem);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        if (problem == ExecPluginProblem.Failed)
            Assert.Equal("oops\n", error.Stderr);
    }

    [SkippableFact]
    public async Task What_a_working_plugin_says_is_passed_on()
    {
        SkipOnWindows();
        await using var server = await ServeAsync();
        var said = new List<string>();
        using var client = new KubernetesClient(
            Configure(server, Counting("echo please wait >&2")), new KubernetesClientOptions { OnCredentialPluginMessage = said.Add });
        await client.GetVersionAsync();
        Assert.Equal(["please wait"], said);
    }

    [SkippableFact]
    public async Task Cancellation_kills_it()
    {
        SkipOnWindows();
        await using var server = await ServeAsync();
        var pid = Path.Combine(_folder.Path, "pid");
        var fifo = Path.Combine(_folder.Path, "started");
        var command = _folder.WriteScript("plugin", $"echo $$ > '{pid}.new'; mv '{pid}.new' '{pid}'; echo > '{fifo}'; exec sleep 600");
        using var watcher = new FileSystemWatcher(_folder.Path);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        watcher.Created += (_, e) => Signal(e.Name);
        watcher.EnableRaisingEvents = true;
        using var client = new KubernetesClient(Configure(server, command));
        using var stop = new CancellationTokenSource();
        var request = client.GetVersionAsync(stop.Token);
        await started.Task.WaitAsync(TimeSpan.FromSeconds(30));
        using var process = System.Diagnostics.Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(pid), System.Globalization.CultureInfo.InvariantCulture));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));

        void Signal(string? name)
        {
            if (name is "started")
                started.TrySetResult();
        }
    }

    [SkippableFact]
    public async Task One_caller_giving_up_does_not_fail_the_others()
    {
        SkipOnWindows();
        await using var server = await ServeAsync();
        var gate = Path.Combine(_folder.Path, "gate");
        using (var make = System.Diagnostics.Process.Start("mkfifo", [gate]))
            await make.WaitForExitAsync();
        using var client = new KubernetesClient(Configure(server, Counting($"read line < '{gate}'")));
        using var stop = new CancellationTokenSource();
        var impatient = client.GetVersionAsync(stop.Token);
        var patient = client.GetVersionAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        await File.WriteAllTextAsync(gate, "go\n");
        await patient.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(1, Runs);
    }

    [SkippableFact]
    public async Task An_interactive_plugin_needs_a_terminal()
    {
        Skip.IfNot(Console.IsInputRedirected, "standard input is a terminal");
        var plugin = new ExecPlugin { Command = "a", ApiVersion = "client.authentication.k8s.io/v1", InteractiveMode = ExecInteractiveMode.Always };
        var error = await Assert.ThrowsAsync<ExecPluginException>(() => ExecPluginProcess.RunAsync(plugin, new CredentialContext(TimeProvider.System, null), default));
        Assert.Equal(ExecPluginProblem.NotInteractive, error.Problem);
    }

    [SkippableFact]
    public async Task A_plugin_is_never_run_for_plain_http()
    {
        SkipOnWindows();
        await using var server = await TestApiServer.StartAsync(context => TestApiServer.JsonAsync(context, "{}"), tls: false);
        var yaml = KubeconfigTestData.One(
            $"server: \"{server.Url}\"", $"exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: \"{Counting()}\"}}");
        using var client = new KubernetesClient(Kubeconfig.Parse(yaml).CreateConfiguration());
        await client.GetVersionAsync();
        Assert.Equal(0, Runs);
        Assert.DoesNotContain("Authorization", server.Requests.Single().Headers.Keys);
    }
}
