using System.Net.WebSockets;
using System.Text;
using MeshTools.Kubernetes;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace MeshTools.Tests.Kubernetes;

public class StreamingTests
{
    private const string Success = """{"kind":"Status","status":"Success"}""";
    private const string Failed3 = """{"kind":"Status","status":"Failure","reason":"NonZeroExitCode","message":"command terminated with exit code 3","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}""";

    private static readonly FixedCredential s_token = new(Credential.Bearer("tok"));

    private static Task<TestApiServer> ServeAsync(string protocol, Func<WebSocket, Task> talk) => TestApiServer.StartAsync(async context =>
    {
        Assert.True(context.WebSockets.IsWebSocketRequest);
        Assert.Contains(protocol, context.WebSockets.WebSocketRequestedProtocols);
        using var socket = await context.WebSockets.AcceptWebSocketAsync(protocol);
        await talk(socket);
        if (socket.State == WebSocketState.Open)
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
    });

    private static Task SendAsync(WebSocket socket, byte channel, string text) => SendAsync(socket, channel, Encoding.UTF8.GetBytes(text));

    private static Task SendAsync(WebSocket socket, byte channel, params byte[] bytes) =>
        socket.SendAsync((byte[])[channel, .. bytes], WebSocketMessageType.Binary, endOfMessage: true, default);

    private static async Task<byte[]> ReceiveAsync(WebSocket socket)
    {
        var buffer = new byte[64 * 1024];
        var result = await socket.ReceiveAsync(buffer, default);
        return result.MessageType == WebSocketMessageType.Close ? [] : buffer[..result.Count];
    }

    [Theory]
    [InlineData("v5.channel.k8s.io")]
    [InlineData("v4.channel.k8s.io")]
    public async Task A_command_gives_its_output_and_exit_code(string protocol)
    {
        await using var server = await ServeAsync(protocol, async socket =>
        {
            await SendAsync(socket, 1, "");
            await SendAsync(socket, 1, "out ");
            await SendAsync(socket, 2, "err");
            await SendAsync(socket, 1, "put");
            await SendAsync(socket, 3, Failed3);
        });
        using var client = server.Client(credentials: s_token);
        var result = await client.ExecAsync("ns", "pod", new ExecOptions(["sh", "-c", "echo \"a b\" & exit", ""]) { Container = "c" });
        Assert.Equal(new ExecResult(3, "out put", "err"), result);
        var seen = server.Requests.Single();
        Assert.Equal("/api/v1/namespaces/ns/pods/pod/exec?command=sh&command=-c&command=echo%20%22a%20b%22%20%26%20exit&command=&container=c&stdout=true&stderr=true", seen.PathAndQuery);
        Assert.Equal(("Bearer tok", "HTTP/1.1"), (seen.Headers["Authorization"], seen.Protocol));
    }

    [Fact]
    public async Task Standard_input_is_sent_and_closed()
    {
        var got = new List<byte[]>();
        await using var server = await ServeAsync("v5.channel.k8s.io", async socket =>
        {
            do
                got.Add(await ReceiveAsync(socket));
            while (got[^1][0] != 255);
            await SendAsync(socket, 3, Success);
        });
        using var client = server.Client();
        using var input = new MemoryStream("hello"u8.ToArray());
        Assert.Equal(0, (await client.ExecAsync("ns", "pod", new ExecOptions(["cat"]) { Stdin = input })).ExitCode);
        Assert.Equal([[0, .. "hello"u8], [255, 0]], got);
    }

    [Theory]
    [InlineData("""{"kind":"Status","status":"Failure","reason":"InternalError","message":"no such container"}""", "no such container")]
    [InlineData("plain text", "plain text")]
    [InlineData(null, "ended without the command's result")]
    public async Task A_session_that_fails_says_why(string? answer, string expected)
    {
        await using var server = await ServeAsync("v5.channel.k8s.io", socket => answer is null ? Task.CompletedTask : SendAsync(socket, 3, answer));
        using var client = server.Client();
        var error = await Assert.ThrowsAsync<StreamingException>(() => client.ExecAsync("ns", "pod", new ExecOptions(["x"])));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal((server.Url, "test"), (error.Endpoint, error.ContextName));
    }

    [Fact]
    public async Task Output_is_bounded()
    {
        await using var server = await ServeAsync("v5.channel.k8s.io", async socket =>
        {
            await SendAsync(socket, 1, new byte[100]);
            await ReceiveAsync(socket).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        using var client = server.Client();
        await Assert.ThrowsAsync<StreamingException>(() => client.ExecAsync("ns", "pod", new ExecOptions(["x"]) { OutputLimit = 99 }));
    }

    [Fact]
    public async Task A_refused_upgrade_gives_the_status()
    {
        await using var server = await TestApiServer.StartAsync(context =>
            TestApiServer.StatusAsync(context, 403, "Forbidden", "pods \\\"pod\\\" is forbidden: User \\\"jane\\\" cannot create resource \\\"pods/exec\\\""));
        using var client = server.Client();
        var error = await Assert.ThrowsAsync<KubernetesApiException>(() => client.ExecAsync("ns", "pod", new ExecOptions(["x"])));
        Assert.Equal((true, "jane", "exec", "pod"), (error.IsForbidden, error.User, error.Verb, error.Name));
        await Assert.ThrowsAsync<KubernetesApiException>(() => client.PortForwardAsync("ns", "pod", 80));
    }

    [Fact]
    public async Task A_401_asks_for_another_credential_once()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("token", "old");
        await using var server = await TestApiServer.StartAsync(async context =>
        {
            if (context.Request.Headers.Authorization != "Bearer new")
            {
                File.WriteAllText(file, "new");
                await TestApiServer.StatusAsync(context, 401, "Unauthorized", "Unauthorized");
                return;
            }

            using var socket = await context.WebSockets.AcceptWebSocketAsync("v5.channel.k8s.io");
            await SendAsync(socket, 3, Success);
        });
        using var client = server.Client(credentials: new TokenFileCredential(file));
        Assert.Equal(0, (await client.ExecAsync("ns", "pod", new ExecOptions(["x"]))).ExitCode);
    }

    [Fact]
    public async Task A_server_without_websockets_or_with_another_protocol_is_told()
    {
        await using var server = await TestApiServer.StartAsync(context => TestApiServer.JsonAsync(context, "{}"));
        using var client = server.Client();
        await Assert.ThrowsAsync<StreamingException>(() => client.PortForwardAsync("ns", "pod", 80));
    }

    [Fact]
    public async Task The_wrong_certificate_is_refused_here_too()
    {
        var authority = new TestAuthority();
        await using var server = await TestApiServer.StartAsync(_ => Task.CompletedTask, authority.IssueServer("other.example"), authority);
        using var client = server.Client(credentials: s_token);
        Assert.Equal(TlsFailure.NameMismatch, (await Assert.ThrowsAsync<TlsVerificationException>(() => client.PortForwardAsync("ns", "pod", 80))).Failure);
        Assert.Empty(server.Requests);
    }

    /// <summary>The pod's side of a forwarded connection: both ports first, as the kubelet sends them.</summary>
    private static async Task PreambleAsync(WebSocket socket, int port)
    {
        await SendAsync(socket, 0, (byte)port, (byte)(port >> 8));
        await SendAsync(socket, 1, (byte)port, (byte)(port >> 8));
    }

    [Fact]
    public async Task A_forwarded_port_is_a_stream_both_ways()
    {
        await using var server = await ServeAsync("v4.channel.k8s.io", async socket =>
        {
            await PreambleAsync(socket, 8080);
            for (var message = await ReceiveAsync(socket); message.Length > 0; message = await ReceiveAsync(socket))
                await SendAsync(socket, 0, message[1..]);
        });
        using var client = server.Client();
        await using var stream = await client.PortForwardAsync("ns", "pod", 8080);
        var sent = new byte[100_000];
        Random.Shared.NextBytes(sent);
        var writing = stream.WriteAsync(sent);
        var got = new byte[sent.Length];
        await stream.ReadExactlyAsync(got);
        await writing;
        Assert.Equal(sent, got);
        Assert.Equal("/api/v1/namespaces/ns/pods/pod/portforward?ports=8080", server.Requests.Single().PathAndQuery);
    }

    [Fact]
    public async Task The_other_side_closing_is_the_end()
    {
        await using var server = await ServeAsync("v4.channel.k8s.io", async socket =>
        {
            await PreambleAsync(socket, 80);
            await SendAsync(socket, 0, "bye");
        });
        using var client = server.Client();
        using var reader = new StreamReader(await client.PortForwardAsync("ns", "pod", 80));
        Assert.Equal("bye", await reader.ReadToEndAsync());
    }

    [Fact]
    public async Task A_port_where_nothing_listens_shows_at_the_first_read()
    {
        await using var server = await ServeAsync("v4.channel.k8s.io", async socket =>
        {
            await PreambleAsync(socket, 80);
            await SendAsync(socket, 1, "error forwarding port 80: connection refused");
        });
        using var client = server.Client();
        await using var stream = await client.PortForwardAsync("ns", "pod", 80);
        var error = await Assert.ThrowsAsync<StreamingException>(async () => await stream.ReadExactlyAsync(new byte[1]));
        Assert.Contains("connection refused", error.Message, StringComparison.Ordinal);
        var get = await Assert.ThrowsAsync<StreamingException>(() => client.GetThroughPodAsync("ns", "pod", 80, "/"));
        Assert.Contains("GET / from port 80 of ns/pod: the port cannot be forwarded: error forwarding port 80: connection refused", get.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_get_through_a_pod_is_plain_http_without_credentials()
    {
        var request = "";
        await using var server = await ServeAsync("v4.channel.k8s.io", async socket =>
        {
            await PreambleAsync(socket, 15014);
            while (!request.EndsWith("\r\n\r\n", StringComparison.Ordinal))
                request += Encoding.ASCII.GetString((await ReceiveAsync(socket))[1..]);
            await SendAsync(socket, 0, "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[\"a\"]");
            await SendAsync(socket, 0, "\r\n0\r\n\r\n");
        });
        using var client = server.Client(credentials: s_token);
        using var response = await client.GetThroughPodAsync("istio-system", "istiod-x", 15014, "/debug/clusterz?x=1");
        Assert.Equal(404, (int)response.StatusCode);
        Assert.Equal("[\"a\"]", await response.Content.ReadAsStringAsync());
        Assert.StartsWith("GET /debug/clusterz?x=1 HTTP/1.1\r\n", request, StringComparison.Ordinal);
        Assert.Contains("Host: localhost:15014", request, StringComparison.Ordinal);
        Assert.DoesNotContain("tok", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancellation_ends_a_session()
    {
        var opened = new TaskCompletionSource();
        await using var server = await ServeAsync("v5.channel.k8s.io", async socket =>
        {
            opened.SetResult();
            await ReceiveAsync(socket).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        using var client = server.Client();
        using var stop = new CancellationTokenSource();
        var exec = client.ExecAsync("ns", "pod", new ExecOptions(["sleep"]), stop.Token);
        await opened.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => exec);
    }
}
