using System.Text;
using System.Text.Json.Nodes;
using MeshTools.Lab;
using Xunit;

namespace MeshTools.Tests.Lab.Streaming;

public sealed class ExecTests
{
    private const string Path = "/api/v1/namespaces/default/pods/echo/exec?stdout=true&stderr=true";

    [Theory]
    [InlineData("v5.channel.k8s.io")]
    [InlineData("v4.channel.k8s.io")]
    public async Task Output_error_and_success_come_on_their_channels(string protocol)
    {
        await using var lab = await PodLab.StartAsync("main");
        using var client = await ChannelClient.ConnectAsync(lab.Cluster, Path + "&command=say&command=hello&command=world", protocol);

        var channels = await client.ReadToEndAsync();

        Assert.Equal(protocol, client.Protocol);
        Assert.Equal("main: hello world\n", Encoding.UTF8.GetString(channels[1]));
        Assert.Equal("to stderr\n", Encoding.UTF8.GetString(channels[2]));
        Assert.Equal("Success", JsonNode.Parse(channels[3])!["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_newest_protocol_that_the_client_prefers_is_taken()
    {
        await using var lab = await PodLab.StartAsync("main");
        using var client = await ChannelClient.ConnectAsync(lab.Cluster, Path + "&command=say", "v5.channel.k8s.io", "v4.channel.k8s.io");

        Assert.Equal("v5.channel.k8s.io", client.Protocol);
    }

    [Theory]
    [InlineData("v4.base64.channel.k8s.io")]
    [InlineData("base64.channel.k8s.io")]
    [InlineData("channel.k8s.io")]
    public async Task Old_protocols_are_declined(string protocol)
    {
        await using var lab = await PodLab.StartAsync("main");

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(
            () => ChannelClient.ConnectAsync(lab.Cluster, Path + "&command=say", protocol));

        Assert.Equal("refused with 403", refusal.Message);
    }

    [Fact]
    public async Task An_exit_code_is_a_cause_of_the_status()
    {
        await using var lab = await PodLab.StartAsync("main");
        using var client = await ChannelClient.ConnectAsync(lab.Cluster, Path + "&command=fail", "v5.channel.k8s.io");

        var status = JsonNode.Parse((await client.ReadToEndAsync())[3])!;

        Assert.Equal("NonZeroExitCode", status["reason"]!.GetValue<string>());
        Assert.Equal("ExitCode", status["details"]!["causes"]![0]!["reason"]!.GetValue<string>());
        Assert.Equal("3", status["details"]!["causes"]![0]!["message"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_process_that_crashes_is_an_internal_error()
    {
        await using var lab = await PodLab.StartAsync("main");
        using var client = await ChannelClient.ConnectAsync(lab.Cluster, Path + "&command=unknown", "v5.channel.k8s.io");

        var status = JsonNode.Parse((await client.ReadToEndAsync())[3])!;

        Assert.Equal("InternalError", status["reason"]!.GetValue<string>());
    }

    [Fact]
    public async Task Input_ends_with_v5s_close_of_its_channel()
    {
        await using var lab = await PodLab.StartAsync("main");
        using var client = await ChannelClient.ConnectAsync(lab.Cluster, Path + "&stdin=true&command=cat", "v5.channel.k8s.io");
        var big = new byte[100_000];
        Random.Shared.NextBytes(big);

        var reading = client.ReadToEndAsync();
        await client.SendAsync(0, big);
        await client.SendAsync(255, [0]);

        var channels = await reading;
        Assert.Equal(big, channels[1]);
        Assert.Equal("Success", JsonNode.Parse(channels[3])!["status"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("&container=nope&command=say", 400)]
    [InlineData("", 400)]
    public async Task What_cannot_run_is_refused_before_the_upgrade(string query, int code)
    {
        await using var lab = await PodLab.StartAsync("main");

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(
            () => ChannelClient.ConnectAsync(lab.Cluster, Path + query, "v5.channel.k8s.io"));

        Assert.Equal($"refused with {code}", refusal.Message);
    }

    [Fact]
    public async Task Of_several_containers_one_must_be_named()
    {
        await using var lab = await PodLab.StartAsync("main", "istio-proxy");

        await Assert.ThrowsAsync<InvalidOperationException>(() => ChannelClient.ConnectAsync(lab.Cluster, Path + "&command=say", "v5.channel.k8s.io"));
        using var client = await ChannelClient.ConnectAsync(lab.Cluster, Path + "&container=istio-proxy&command=say&command=x", "v5.channel.k8s.io");

        Assert.Equal("istio-proxy: x\n", Encoding.UTF8.GetString((await client.ReadToEndAsync())[1]));
    }

    [Fact]
    public async Task A_pod_without_programs_has_none_in_its_path()
    {
        await using var lab = await PodLab.StartAsync("main");
        lab.Cluster.Programs.Stop(lab.Cluster.Store.Get(new ResourceKey("", "pods", "default", "echo")).Uid);
        using var client = await ChannelClient.ConnectAsync(lab.Cluster, Path + "&command=ls", "v5.channel.k8s.io");

        var channels = await client.ReadToEndAsync();

        Assert.Contains("exec: \"ls\": executable file not found in $PATH", Encoding.UTF8.GetString(channels[2]), StringComparison.Ordinal);
        Assert.Equal("127", JsonNode.Parse(channels[3])!["details"]!["causes"]![0]!["message"]!.GetValue<string>());
    }

    [SkippableFact]
    public async Task Kubectl_sees_output_error_and_exit_code()
    {
        await using var lab = await PodLab.StartAsync("main");
        using var kubectl = Kubectl.For(lab.KubeconfigYaml);

        var said = await kubectl.RunAsync("exec", "echo", "--", "say", "hello");
        var failed = await kubectl.RunAsync("exec", "echo", "--", "fail");
        var piped = await kubectl.RunWithInputAsync("through a pipe", "exec", "-i", "echo", "--", "cat");

        Assert.Equal((0, "main: hello\n", "to stderr\n"), said);
        Assert.Equal(3, failed.ExitCode);
        Assert.Equal((0, "through a pipe"), (piped.ExitCode, piped.Output));
    }

    [SkippableFact]
    public async Task Kubectl_reads_logs()
    {
        await using var lab = await PodLab.StartAsync("main");
        using var kubectl = Kubectl.For(lab.KubeconfigYaml);

        var logs = await kubectl.RunAsync("logs", "echo");
        var tail = await kubectl.RunAsync("logs", "echo", "--tail=1");

        Assert.Equal((0, "line 1 of main\nline 2\n"), (logs.ExitCode, logs.Output));
        Assert.Equal("line 2\n", tail.Output);
    }
}
