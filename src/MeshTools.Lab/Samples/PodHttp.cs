using System.Globalization;
using System.Text;

namespace MeshTools.Lab;

/// <summary>One request over one connection to a port of a pod's program.</summary>
internal static class PodHttp
{
    public static async Task<CallResult> SendAsync(PortHandler handler, Call call, CancellationToken cancellationToken)
    {
        var (near, far) = DuplexStream.CreatePair();
        await using (near.ConfigureAwait(false))
        await using (far.ConfigureAwait(false))
        {
            var serving = ServeAsync(handler, far, cancellationToken);
            var head = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{call.Method} {call.Path} HTTP/1.1\r\nHost: {call.Authority}\r\n");
            foreach (var (name, value) in call.Headers)
            {
                head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
            }

            head.Append("Connection: close\r\n\r\n");
            using var received = new MemoryStream();
            try
            {
                await near.WriteAsync(Encoding.Latin1.GetBytes(head.ToString()), cancellationToken).ConfigureAwait(false);
                await near.FlushAsync(cancellationToken).ConfigureAwait(false);
                await near.CopyToAsync(received, cancellationToken).ConfigureAwait(false);
            }
            catch (IOException)
            {
                return new CallResult(CallEnd.Reset);
            }

            await serving.ConfigureAwait(false);
            return Parse(Encoding.UTF8.GetString(received.GetBuffer(), 0, (int)received.Length));
        }
    }

    private static async Task ServeAsync(PortHandler handler, DuplexStream connection, CancellationToken cancellationToken)
    {
        try
        {
            await handler(connection, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A program that fails is a connection that ends.
        }
        finally
        {
            connection.CompleteWriting();
        }
    }

    private static CallResult Parse(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var lines = end < 0 ? [] : text[..end].Split("\r\n");
        if (lines.Length == 0 || lines[0].Split(' ') is not [_, var code, ..] ||
            !int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var status))
        {
            return new CallResult(CallEnd.Empty);
        }

        var headers = new List<(string, string)>();
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && !line.StartsWith("connection:", StringComparison.OrdinalIgnoreCase))
            {
                headers.Add((line[..colon], line[(colon + 1)..].Trim()));
            }
        }

        return new CallResult(CallEnd.Answered) { Status = status, Headers = headers, Body = text[(end + 4)..] };
    }
}
