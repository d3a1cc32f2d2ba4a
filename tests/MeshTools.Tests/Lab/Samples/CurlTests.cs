using MeshTools.Lab;
using MeshTools.Tests.Lab.ControlPlane;
using Xunit;

namespace MeshTools.Tests.Lab.Samples;

public sealed class CurlTests
{
    [Fact]
    public async Task Output_headers_and_written_variables_are_curls()
    {
        await using var lab = await SampleLab.StartAsync(1);
        var cluster = lab.Clusters[0];

        var head = await SampleLab.ExecAsync(cluster, "curl", "-sSI", SampleLab.Url);
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", head.Output, StringComparison.Ordinal);
        Assert.Contains("server: envoy\r\n", head.Output, StringComparison.Ordinal);
        Assert.Contains("x-envoy-upstream-service-time: ", head.Output, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", head.Output, StringComparison.Ordinal);

        Assert.Equal(
            (0, "200 envoy\n", ""),
            await SampleLab.ExecAsync(cluster, "curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %header{server}\\n", "-H", "X-Probe: 1", SampleLab.Url));
        var timed = await SampleLab.ExecAsync(cluster, "curl", "-so/dev/null", "-w%{time_total}", SampleLab.Url);
        Assert.True(double.Parse(timed.Output, System.Globalization.CultureInfo.InvariantCulture) >= 0);
        Assert.StartsWith("  % Total    % Received", (await SampleLab.ExecAsync(cluster, "curl", SampleLab.Url)).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("helloworld:5000/hello")]
    [InlineData("helloworld.sample.svc:5000/hello")]
    [InlineData("http://helloworld.sample.svc.cluster.local:5000/hello?x=1")]
    public async Task Every_form_of_the_name_is_found(string url)
    {
        await using var lab = await SampleLab.StartAsync(1);
        Assert.StartsWith("Hello version: v1", (await SampleLab.ExecAsync(lab.Clusters[0], "curl", "-sS", url)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exit_codes_and_messages_are_curls()
    {
        await using var lab = await SampleLab.StartAsync(2, options => options with { SharedNetwork = false, ConnectTimeout = TimeSpan.FromSeconds(20) });
        var cluster = lab.Clusters[0];

        Assert.Equal((2, "", "curl: option --nonsense: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n"), await Run("--nonsense", "x"));
        Assert.Equal(2, (await Run("-sS")).Code);
        Assert.Equal((6, "", "curl: (6) Could not resolve host: nowhere.sample\n"), await Run("-sS", "nowhere.sample"));
        Assert.Equal((6, "", ""), await Run("-s", "nowhere.sample"));
        Assert.Equal((22, "", "curl: (22) The requested URL returned error: 404\n"), await Run("-sSf", "helloworld.sample:5000/other"));

        // One call had a local pod's answer; now it is the turn of the other cluster's, whose address leads nowhere.
        var late = await Run("-sS", "-m", "0.05", SampleLab.Url);

        Assert.Equal(28, late.Code);
        Assert.StartsWith("curl: (28) Operation timed out after ", late.Error, StringComparison.Ordinal);
        Assert.EndsWith(" milliseconds with 0 bytes received\n", late.Error, StringComparison.Ordinal);

        Task<(int Code, string Output, string Error)> Run(params string[] arguments) => SampleLab.ExecAsync(cluster, ["curl", .. arguments]);
    }

    [Fact]
    public async Task A_gateways_port_can_be_probed_by_its_address()
    {
        await using var lab = await SampleLab.StartAsync(2, options => options with { SharedNetwork = false });
        var cluster = lab.Clusters[0];
        await SampleLab.GatewayAsync(lab.Clusters[1], expose: false);
        var address = lab.Clusters[1].Store.Get(new ResourceKey("", "services", "istio-system", "istio-eastwestgateway"))
            .Json["status"]!["loadBalancer"]!["ingress"]![0]!["ip"]!.GetValue<string>();

        Assert.Equal(7, (await SampleLab.ExecAsync(cluster, "curl", "-sS", $"{address}:15443")).Code);
        SampleLab.Expose(lab.Clusters[1]);
        Assert.Equal(
            (52, "", "curl: (52) Empty reply from server\n"), await SampleLab.ExecAsync(cluster, "curl", "-sS", $"{address}:15443"));
        Assert.Equal(28, (await SampleLab.ExecAsync(cluster, "curl", "-sS", "192.0.2.1")).Code);
    }

    [Fact]
    public async Task A_line_for_the_shell_is_run_when_it_is_one_command()
    {
        await using var lab = await SampleLab.StartAsync(1);
        var cluster = lab.Clusters[0];

        Assert.StartsWith("Hello", (await SampleLab.ExecAsync(cluster, "sh", "-c", $"curl -sS '{SampleLab.Url}'")).Output, StringComparison.Ordinal);
        var loop = await SampleLab.ExecAsync(cluster, "sh", "-c", $"for i in 1 2; do curl {SampleLab.Url}; done");
        Assert.Equal(127, loop.Code);
        Assert.Contains("\"sh\": executable file not found in $PATH", loop.Error, StringComparison.Ordinal);
        Assert.Equal(127, (await SampleLab.ExecAsync(cluster, "ls")).Code);
    }

    [Fact]
    public async Task A_cut_connection_ends_the_command()
    {
        await using var lab = await SampleLab.StartAsync(2, options => options with { SharedNetwork = false, ConnectTimeout = TimeSpan.FromMinutes(5) });
        var cluster = lab.Clusters[0];
        await SampleLab.HelloAsync(cluster);
        var pod = await SampleLab.PodAsync(cluster, "curl");
        using var cut = new CancellationTokenSource();
        using var output = new MemoryStream();

        var running = cluster.Programs.Find(pod.Uid)!.Exec!(new ExecSession("main", ["curl", SampleLab.Url], Stream.Null, output, output), cut.Token);
        Assert.False(running.IsCompleted);
        await cut.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [SkippableFact]
    public async Task Kubectl_exec_runs_it()
    {
        await using var lab = await SampleLab.StartAsync(2);
        using var kubectl = Kubectl.For(lab.KubeconfigYaml);

        var first = await kubectl.RunAsync("exec", "-n", "sample", "deploy/curl", "--context", "lab-2", "--", "curl", "-sS", SampleLab.Url);
        var second = await kubectl.RunAsync("exec", "-n", "sample", "deploy/curl", "-c", "main", "--context", "lab-2", "--", "curl", "-sS", SampleLab.Url);
        var missing = await kubectl.RunAsync("exec", "-n", "sample", "deploy/curl", "--context", "lab-2", "--", "curl", "-sS", "nowhere");
        var pods = await kubectl.RunAsync("get", "pods", "-n", "sample");
        var log = await kubectl.RunAsync("logs", "-n", "sample", "deploy/curl", "-c", "istio-proxy", "--context", "lab-2");

        Assert.StartsWith("Hello version: v1", first.Output, StringComparison.Ordinal);
        Assert.StartsWith("Hello version: v2", second.Output, StringComparison.Ordinal);
        Assert.Equal(6, missing.ExitCode);
        Assert.Contains("curl: (6) Could not resolve host: nowhere", missing.Error, StringComparison.Ordinal);
        Assert.Equal(2, pods.Output.Split('\n').Count(line => line.Contains(" 2/2 ", StringComparison.Ordinal) && line.Contains("Running", StringComparison.Ordinal)));
        Assert.Equal(2, log.Output.Split('\n').Count(line => line.Contains(" 200 - ", StringComparison.Ordinal)));
    }
}
