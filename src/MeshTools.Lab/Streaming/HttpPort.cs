using System.Globalization;
using System.Text;

namespace MeshTools.Lab;

/// <summary>What a simulated HTTP port answers.</summary>
/// <param name="Status">The HTTP status code.</param>
/// <param name="ContentType">The media type.</param>
/// <param name="Body">The body.</param>
public sealed record HttpPortAnswer(int Status, string ContentType, string Body);

/// <summary>
/// A plain HTTP/1.1 server on one connection of a simulated pod: GET and HEAD, keep-alive until the client says <c>close</c>.
/// </summary>
public sealed class HttpPort(Func<string, HttpPortAnswer> answer)
{
    private const int LongestHead = 64 * 1024;

    /// <summary>Serves one connection.</summary>
    public async Task ServeAsync(Stream connection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        using var reader = new StreamReader(connection, Encoding.Latin1, false, 1024, leaveOpen: true);
        while (await ReadHeadAsync(reader, cancellationToken).ConfigureAwait(false) is { } head)
        {
            var words = head[0].Split(' ');
            var close = head.Exists(line =>
                line.StartsWith("connection:", StringComparison.OrdinalIgnoreCase) && line.Contains("close", StringComparison.OrdinalIgnoreCase));
            if (words.Length != 3 || !words[2].StartsWith("HTTP/1.", StringComparison.Ordinal))
            {
                await WriteAsync(connection, Text(400, "Bad Request"), true, true, cancellationToken).ConfigureAwait(false);
                return;
            }

            close |= string.Equals(words[2], "HTTP/1.0", StringComparison.Ordinal);
            var reply = words[0] is "GET" or "HEAD" ? answer(Target(words[1])) : Text(405, "Method Not Allowed");
            await WriteAsync(connection, reply, close, words[0] is not "HEAD", cancellationToken).ConfigureAwait(false);
            if (close)
            {
                return;
            }
        }
    }

    /// <summary>A plain text answer.</summary>
    public static HttpPortAnswer Text(int status, string body) => new(status, "text/plain; charset=utf-8", body);

    // A proxy's form of the request line names the whole address; only path and query matter here.
    private static string Target(string target) =>
        Uri.TryCreate(target, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && target[0] != '/' ? uri.PathAndQuery : target;

    private static async Task<List<string>?> ReadHeadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        var size = 0;
        while (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            if (line.Length == 0)
            {
                if (lines.Count > 0)
                {
                    return lines;
                }

                continue;
            }

            size += line.Length;
            if (size > LongestHead)
            {
                return null;
            }

            lines.Add(line);
        }

        return null;
    }

    private static async Task WriteAsync(Stream connection, HttpPortAnswer reply, bool close, bool withBody, CancellationToken cancellationToken)
    {
        var body = Encoding.UTF8.GetBytes(reply.Body);
        var head = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {reply.Status} {Reason(reply.Status)}\r\n")
            .Append("Content-Type: ").Append(reply.ContentType).Append("\r\n")
            .Append(CultureInfo.InvariantCulture, $"Date: {DateTimeOffset.UtcNow:R}\r\n")
            .Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n")
            .Append(close ? "Connection: close\r\n\r\n" : "\r\n")
            .ToString();
        byte[] message = [.. Encoding.Latin1.GetBytes(head), .. withBody ? body : []];
        await connection.WriteAsync(message, cancellationToken).ConfigureAwait(false);
        await connection.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static string Reason(int status) => status switch
    {
        200 => "OK",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    };
}
