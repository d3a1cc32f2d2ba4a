using System.Buffers.Binary;
using System.Text;
using Xunit;

namespace MeshTools.Tests.Lab.Streaming;

public sealed class PortForwardTests
{
    private const string Path = "/api/v1/namespaces/default/pods/echo/portforward";

    [Fact]
    public async Task Each_channel_begins_with_its_port()
    {
        await using var lab = await PodLab.StartAsync("main");
        using var client = await ChannelClient.ConnectAsync(lab.Cluster, Path + "?ports=7", "v4.channel.k8s.io");

        var first = await client.ReadAsync();
        var second = await client.ReadAsync();

        Assert.Equal((0, 7), (first![0], BinaryPrimitives.ReadUInt16LittleEndian(first.AsSpan(1))));
        Assert.Equal((1, 7), (second![0], BinaryPrimitives.ReadUInt16LittleEndian(second.AsSpan(1))));
    }

    [Fact]
    public async Task Bytes_go_both_ways_and_the_end_of_the_connection_closes()
    {
        await using var lab = await PodLab.StartAsync("main");
        using var client = await ChannelClient.ConnectAsync(lab.Cluster, Path + "?ports=7", "v4.channel.k8s.io");

        await client.SendAsync(0, [1, 2, 3, 4]);

        Assert.Equal([7, 0, 1, 2, 3, 4], (await client.ReadToEndAsync())[0]);
    }

    [Fact]
    public async Task Several_ports_have_channels_of_their_own()
    {
        await using var lab = await PodLab.StartAsync("main");
        using var client = await ChannelClient.ConnectAsync(lab.Cluster, Path + "?ports=7&ports=80", "v4.channel.k8s.io");

        await client.SendAsync(0, [9, 9, 9, 9]);
        await client.SendAsync(2, "GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8.ToArray());

        var channels = await client.ReadToEndAsync();
        Assert.Equal([7, 0, 9, 9, 9, 9], channels[0]);
        Assert.EndsWith("you asked for /x", Encoding.UTF8.GetString(channels[2]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_nobody_listens_on_is_an_error_on_its_channel()
    {
        await using var lab = await PodLab.StartAsync("main");
        using var client = await ChannelClient.ConnectAsync(lab.Cluster, Path + "?ports=9999", "v4.channel.k8s.io");

        var channels = await client.ReadToEndAsync();

        Assert.Contains("connection refused", Encoding.UTF8.GetString(channels[1][2..]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?ports=7", "v4.base64.channel.k8s.io", 403)]
    [InlineData("?ports=seven", "v4.channel.k8s.io", 400)]
    [InlineData("?ports=70000", "v4.channel.k8s.io", 400)]
    [InlineData("", "v4.channel.k8s.io", 400)]
    public async Task What_is_not_spoken_is_refused(string query, string protocol, int code)
    {
        await using var lab = await PodLab.StartAsync("main");

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => ChannelClient.ConnectAsync(lab.Cluster, Path + query, protocol));

        Assert.Equal($"refused with {code}", refusal.Message);
    }

    [Fact]
    public async Task The_tunnel_that_kubectl_tries_first_is_declined()
    {
        await using var lab = await PodLab.StartAsync("main");
        using var http = LabHttp.Admin(lab.Cluster);

        // ClientWebSocket itself refuses to send this name.
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        request.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Version", "13");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Protocol", "SPDY/3.1+portforward.k8s.io");
        using var response = await http.Client.SendAsync(request);

        Assert.Equal(System.Net.HttpStatusCode.BadRequest, response.StatusCode);
    }
}
