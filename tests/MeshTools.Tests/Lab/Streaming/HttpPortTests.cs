using System.Text;
using MeshTools.Lab;
using Xunit;

namespace MeshTools.Tests.Lab.Streaming;

public sealed class HttpPortTests
{
    private readonly HttpPort port = new(target => HttpPort.Text(200, target));

    [Fact]
    public async Task A_connection_is_kept_until_the_client_says_close()
    {
        var text = await ExchangeAsync("GET /one HTTP/1.1\r\n\r\nGET /two HTTP/1.1\r\nConnection: close\r\n\r\nGET /three HTTP/1.1\r\n\r\n");

        Assert.Contains("/one", text, StringComparison.Ordinal);
        Assert.EndsWith("/two", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Http_1_0_is_closed_after_one_answer()
    {
        var text = await ExchangeAsync("GET /a HTTP/1.0\r\n\r\nGET /b HTTP/1.0\r\n\r\n");

        Assert.EndsWith("/a", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST / HTTP/1.1\r\nConnection: close\r\n\r\n", "405 Method Not Allowed")]
    [InlineData("nonsense\r\n\r\n", "400 Bad Request")]
    public async Task What_it_does_not_do_it_says(string request, string answer) =>
        Assert.StartsWith("HTTP/1.1 " + answer, await ExchangeAsync(request), StringComparison.Ordinal);

    [Fact]
    public async Task Head_has_the_length_and_no_body()
    {
        var text = await ExchangeAsync("HEAD /abc HTTP/1.1\r\nConnection: close\r\n\r\n");

        Assert.Contains("Content-Length: 4", text, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", text, StringComparison.Ordinal);
    }

    private async Task<string> ExchangeAsync(string request)
    {
        var (near, far) = DuplexStream.CreatePair();
        await using (near)
        {
            await near.WriteAsync(Encoding.ASCII.GetBytes(request));
            near.CompleteWriting();
            await using (far)
            {
                await port.ServeAsync(far, CancellationToken.None);
            }

            using var reader = new StreamReader(near);
            return await reader.ReadToEndAsync();
        }
    }
}
