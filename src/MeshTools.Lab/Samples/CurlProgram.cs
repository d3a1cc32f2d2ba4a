using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace MeshTools.Lab;

/// <summary>curl in a pod: its output, its messages and its exit codes (curl docs/libcurl/libcurl-errors).</summary>
internal sealed class CurlProgram(Func<Call, CancellationToken, Task<CallResult>> send, TimeProvider clock)
{
    /// <summary>Runs one command; gives its exit code.</summary>
    public async Task<int> RunAsync(IReadOnlyList<string> words, ExecSession session, CancellationToken cancellationToken)
    {
        var arguments = CurlArguments.Parse(words);
        if (arguments.Problem is { } problem)
        {
            await WriteAsync(session.Error, $"curl: {problem}\ncurl: try 'curl --help' or 'curl --manual' for more information\n", cancellationToken).ConfigureAwait(false);
            return 2;
        }

        var url = arguments.Url!.Contains("://", StringComparison.Ordinal) ? arguments.Url : "http://" + arguments.Url;
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            return await FailAsync(session, arguments, 3, "URL rejected: Malformed input to a URL function", cancellationToken).ConfigureAwait(false);
        }

        if (uri.Scheme is not ("http" or "https"))
        {
            return await FailAsync(session, arguments, 1, $"Protocol \"{uri.Scheme}\" not supported", cancellationToken).ConfigureAwait(false);
        }

        var method = arguments.Method ?? (arguments.HeadOnly ? "HEAD" : "GET");
        IReadOnlyList<(string, string)> headers = [("User-Agent", "curl/8.16.0"), ("Accept", "*/*"), .. arguments.Headers];
        var call = new Call(method, uri.Host, uri.Port, uri.PathAndQuery, headers);
        var start = Stopwatch.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = arguments.MaxTime is { } time ? clock.CreateTimer(_ => limit.Cancel(), null, time, Timeout.InfiniteTimeSpan) : null;
        CallResult? result = null;
        try
        {
            result = await send(call, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time given with -m is over.
        }

        var (code, message) = Outcome(result, uri, Elapsed(start), arguments);
        await PrintAsync(session, arguments, result, code, message, uri, Elapsed(start), cancellationToken).ConfigureAwait(false);
        return code == 0 ? 0 : await FailAsync(session, arguments, code, message, cancellationToken).ConfigureAwait(false);
    }

    private static TimeSpan Elapsed(long start) => Stopwatch.GetElapsedTime(start);

    private static (int Code, string Message) Outcome(CallResult? result, Uri uri, TimeSpan elapsed, CurlArguments arguments)
    {
        var milliseconds = ((long)elapsed.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        return result switch
        {
            null => (28, $"Operation timed out after {milliseconds} milliseconds with 0 bytes received"),
            { End: CallEnd.UnknownHost } => (6, $"Could not resolve host: {uri.Host}"),
            { End: CallEnd.Refused } => (7, FormattableString.Invariant($"Failed to connect to {uri.Host} port {uri.Port} after {milliseconds} ms: Could not connect to server")),
            { End: CallEnd.ConnectTimeout } => (28, FormattableString.Invariant($"Failed to connect to {uri.Host} port {uri.Port} after {milliseconds} ms: Could not connect to server")),
            { End: CallEnd.Empty } => (52, "Empty reply from server"),
            { End: CallEnd.Reset } => (56, "Recv failure: Connection reset by peer"),
            { End: CallEnd.Answered } when uri.Scheme is "https" => (35, "TLS connect error: error:0A00010B:SSL routines::wrong version number"),
            { Status: >= 400 and var status } when arguments.Fail => (22, FormattableString.Invariant($"The requested URL returned error: {status}")),
            _ => (0, string.Empty),
        };
    }

    private static async Task PrintAsync(
        ExecSession session, CurlArguments arguments, CallResult? result, int code, string message, Uri uri, TimeSpan elapsed, CancellationToken cancellationToken)
    {
        var isAnswer = result is { End: CallEnd.Answered } && code is 0;
        var body = isAnswer && !arguments.HeadOnly ? result!.Body : string.Empty;
        if (!arguments.Silent)
        {
            await WriteAsync(session.Error, Meter(body.Length), cancellationToken).ConfigureAwait(false);
        }

        if (isAnswer && arguments.Output is null or "-")
        {
            var text = new StringBuilder();
            if (arguments.HeadOnly || arguments.Include)
            {
                text.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {result!.Status} {Reason(result.Status)}\r\n");
                foreach (var (name, value) in result.Headers)
                {
                    text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
                }

                text.Append("\r\n");
            }

            await WriteAsync(session.Output, text.Append(body).ToString(), cancellationToken).ConfigureAwait(false);
        }

        if (arguments.WriteOut is { } format)
        {
            var status = code is 0 or 22 ? result?.Status ?? 0 : 0;
            var ending = new Ending(result, status, code, message, body.Length, uri, elapsed);
            await WriteAsync(session.Output, Format(format, ending), cancellationToken).ConfigureAwait(false);
        }
    }

    private static string Meter(int length) => string.Create(
        CultureInfo.InvariantCulture,
        $"  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n\r100 {length,5}  100 {length,5}    0     0      0      0 --:--:-- --:--:-- --:--:--     0\n");

    /// <summary>The variables of -w; one that is not known stands for nothing.</summary>
    private static string Format(string format, Ending ending)
    {
        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] == '\\' && i + 1 < format.Length)
            {
                text.Append(format[++i] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var other => other });
            }
            else if (format[i] == '%' && i + 1 < format.Length && format.IndexOf('}', i) is > 0 and var end && format.IndexOf('{', i) is > 0 and var open && open < end)
            {
                var name = format[(open + 1)..end];
                text.Append(format[(i + 1)..open] is "header" ? Header(ending.Result, name) : Variable(name, ending));
                i = end;
            }
            else
            {
                text.Append(format[i]);
            }
        }

        return text.ToString();
    }

    private static string? Header(CallResult? result, string name) =>
        result?.Headers.FirstOrDefault(header => string.Equals(header.Name, name, StringComparison.OrdinalIgnoreCase)).Value;

    private static string Variable(string name, Ending ending) => name switch
    {
        "http_code" or "response_code" => ending.Status.ToString("000", CultureInfo.InvariantCulture),
        "time_total" or "time_starttransfer" => ending.Elapsed.TotalSeconds.ToString("0.000000", CultureInfo.InvariantCulture),
        "time_connect" when ending.Result is null or { End: CallEnd.UnknownHost or CallEnd.Refused or CallEnd.ConnectTimeout } => "0.000000",
        "time_connect" or "time_namelookup" or "time_pretransfer" => "0.000100",
        "exitcode" => ending.Code.ToString(CultureInfo.InvariantCulture),
        "errormsg" => ending.Message,
        "size_download" => ending.Size.ToString(CultureInfo.InvariantCulture),
        "content_type" => Header(ending.Result, "content-type") ?? string.Empty,
        "url" or "url_effective" => ending.Uri.ToString(),
        "scheme" => ending.Uri.Scheme,
        _ => string.Empty,
    };

    private static async Task<int> FailAsync(
        ExecSession session, CurlArguments arguments, int code, string message, CancellationToken cancellationToken)
    {
        if (!arguments.Silent || arguments.ShowError)
        {
            await WriteAsync(session.Error, FormattableString.Invariant($"curl: ({code}) {message}\n"), cancellationToken).ConfigureAwait(false);
        }

        return code;
    }

    private static string Reason(int status) => status switch
    {
        200 => "OK",
        404 => "Not Found",
        405 => "Method Not Allowed",
        503 => "Service Unavailable",
        _ => string.Empty,
    };

    /// <summary>How a transfer ended, for -w.</summary>
    private sealed record Ending(CallResult? Result, int Status, int Code, string Message, int Size, Uri Uri, TimeSpan Elapsed);

    private static Task WriteAsync(Stream stream, string text, CancellationToken cancellationToken) =>
        text.Length == 0 ? Task.CompletedTask : stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken).AsTask();
}
