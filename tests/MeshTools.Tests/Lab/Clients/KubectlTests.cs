using System.Diagnostics;
using System.Text;
using MeshTools.Lab;
using MeshTools.Tests.Lab.Wire;
using Xunit;

namespace MeshTools.Tests.Lab.Clients;

/// <summary>kubectl takes the lab for a cluster.</summary>
public sealed class KubectlTests : IAsyncLifetime
{
    private const string Deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop, labels: {app: web}}
        spec:
          replicas: 1
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - {name: c, image: "nginx:1.25", ports: [{containerPort: 80}]}
        """;

    private readonly string _home = Directory.CreateTempSubdirectory("kubectl-").FullName;
    private LabHost? _lab;

    public async Task InitializeAsync()
    {
        if (Find() is null)
        {
            return;
        }

        _lab = await LabClient.StartLabAsync();
        await File.WriteAllTextAsync(Path.Combine(_home, "config"), _lab.Clusters[0].AdminKubeconfigYaml);
    }

    public async Task DisposeAsync()
    {
        if (_lab is not null)
        {
            await _lab.DisposeAsync();
        }

        Directory.Delete(_home, recursive: true);
    }

    [SkippableFact]
    public async Task Kubectl_version_get_and_api_resources()
    {
        Assert.Contains("Server Version: v1.36.2", await RunAsync("version"), StringComparison.Ordinal);
        Assert.Matches(@"default\s+Active\s+\d+s", await RunAsync("get", "ns"));
        Assert.Contains("name: kube-system", await RunAsync("get", "ns", "kube-system", "-o", "yaml"), StringComparison.Ordinal);
        Assert.Matches(@"deployments\s+deploy\s+apps/v1\s+true\s+Deployment", await RunAsync("api-resources"));
        Assert.Contains("(NotFound)", await FailAsync("get", "ns", "none"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Kubectl_create_apply_diff_wait_and_delete()
    {
        await WriteAsync("ns.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n");
        await WriteAsync("web.yaml", Deployment);
        Assert.Equal("namespace/shop created\n", await RunAsync("create", "-f", "ns.yaml"));
        Assert.Contains("(AlreadyExists)", await FailAsync("create", "-f", "ns.yaml"), StringComparison.Ordinal);
        Assert.Equal("deployment.apps/web created\n", await RunAsync("apply", "-f", "web.yaml"));
        Assert.Equal("deployment.apps/web unchanged\n", await RunAsync("apply", "-f", "web.yaml"));
        Assert.Equal("", await RunAsync("diff", "-f", "web.yaml"));
        await WriteAsync("web.yaml", Deployment.Replace("1.25", "1.26", StringComparison.Ordinal));
        Assert.Contains("+      - image: nginx:1.26", await FailAsync("diff", "-f", "web.yaml"), StringComparison.Ordinal);
        Assert.Equal("deployment.apps/web configured\n", await RunAsync("apply", "-f", "web.yaml"));
        Assert.Equal("deployment.apps/web condition met\n", await RunAsync("wait", "--for=condition=Available", "-n", "shop", "deploy/web", "--timeout=20s"));
        Assert.Equal("namespace/shop condition met\n", await RunAsync("wait", "--for=jsonpath={.status.phase}=Active", "ns/shop", "--timeout=20s"));
        Assert.Matches(@"web\s+1/1\s+1\s+1", await RunAsync("get", "deploy", "-n", "shop"));
        Assert.Matches(@"Replicas:\s+1 desired \| 1 updated", await RunAsync("describe", "deploy", "web", "-n", "shop"));
        Assert.Contains("unknown field \"spec.replica\"", await FailAsync("apply", "-f", await WriteAsync("bad.yaml", Deployment.Replace("replicas:", "replica:", StringComparison.Ordinal))), StringComparison.Ordinal);
        Assert.Equal("deployment.apps \"web\" deleted\n", await RunAsync("delete", "-f", "web.yaml"));
        Assert.Equal("namespace \"shop\" deleted\n", await RunAsync("delete", "ns", "shop", "--timeout=30s"));
    }

    [SkippableFact]
    public async Task Kubectl_server_side_apply_conflicts_and_takes_over()
    {
        await RunAsync("create", "-f", await WriteAsync("ns.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"));
        await WriteAsync("one.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: shop}\ndata: {k: \"1\"}\n");
        await WriteAsync("two.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: shop}\ndata: {k: \"2\"}\n");
        Assert.Equal("configmap/c serverside-applied\n", await RunAsync("apply", "--server-side", "-f", "one.yaml"));
        Assert.Contains("Apply failed with 1 conflict: conflict with \"kubectl\": .data.k", await FailAsync("apply", "--server-side", "--field-manager=other", "-f", "two.yaml"), StringComparison.Ordinal);
        await RunAsync("apply", "--server-side", "--field-manager=other", "--force-conflicts", "-f", "two.yaml");
        Assert.Equal("2", await RunAsync("get", "cm", "c", "-n", "shop", "-o", "jsonpath={.data.k}"));
    }

    [SkippableFact]
    public async Task Kubectl_moves_from_client_side_to_server_side_apply()
    {
        await RunAsync("create", "-f", await WriteAsync("ns.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"));
        await RunAsync("apply", "-f", await WriteAsync("web.yaml", Deployment));
        Assert.Equal("deployment.apps/web serverside-applied\n", await RunAsync("apply", "--server-side", "-f", "web.yaml"));
        var managers = await RunAsync("get", "deploy", "web", "-n", "shop", "-o", "jsonpath={.metadata.managedFields[*].manager}");
        Assert.Contains("kubectl", managers.Split(' '));
        Assert.DoesNotContain("kubectl-client-side-apply", managers.Split(' '));
    }

    [SkippableFact]
    public async Task Kubectl_labels_and_annotates()
    {
        Assert.Equal("namespace/default labeled\n", await RunAsync("label", "ns", "default", "a=b"));
        Assert.Equal("namespace/default annotated\n", await RunAsync("annotate", "ns", "default", "x=y"));
        Assert.Matches(@"default\s+Active", await RunAsync("get", "ns", "-l", "a=b"));
        Assert.Contains("Labels:       a=b", await RunAsync("describe", "ns", "default"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Kubectl_commands_that_send_protobuf_are_declined() =>
        Assert.Contains("(UnsupportedMediaType)", await FailAsync("auth", "can-i", "create", "pods"), StringComparison.Ordinal);

    private static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "kubectl.exe" : "kubectl"))
        .FirstOrDefault(File.Exists);

    private async Task<string> WriteAsync(string name, string text)
    {
        await File.WriteAllTextAsync(Path.Combine(_home, name), text);
        return name;
    }

    private async Task<string> RunAsync(params string[] arguments)
    {
        var (code, output, error) = await StartAsync(arguments);
        Assert.True(code == 0, $"kubectl {string.Join(' ', arguments)} ended with {code}: {output}{error}");
        return output;
    }

    private async Task<string> FailAsync(params string[] arguments)
    {
        var (code, output, error) = await StartAsync(arguments);
        Assert.True(code != 0, $"kubectl {string.Join(' ', arguments)} should fail: {output}");
        return output + error;
    }

    private async Task<(int Code, string Output, string Error)> StartAsync(string[] arguments)
    {
        var kubectl = Find();
        Skip.If(kubectl is null, "kubectl is not on the PATH.");
        var start = new ProcessStartInfo(kubectl!) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _home, StandardOutputEncoding = Encoding.UTF8 };
        start.ArgumentList.Add("--cache-dir");
        start.ArgumentList.Add(Path.Combine(_home, "cache"));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["HOME"] = _home;
        start.Environment["KUBECONFIG"] = Path.Combine(_home, "config");
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await process.WaitForExitAsync(deadline.Token);
        return (process.ExitCode, await output, await error);
    }
}
