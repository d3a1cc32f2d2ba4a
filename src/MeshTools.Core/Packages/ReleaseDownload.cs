using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using MeshTools.Errors;
using MeshTools.Operations;

namespace MeshTools.Packages;

/// <summary>Brings files over HTTP onto the disk: without holding them in memory, and from where an earlier try stopped, when it is still the same content.</summary>
internal sealed class ReleaseDownload : IDisposable
{
    private const int BufferSize = 128 * 1024;
    private const int LargestProof = 64 * 1024;
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(32);

    private readonly DownloadOptions _options;
    private readonly IOperationLog _log;
    private readonly ReleaseProxy _proxy;
    private readonly HttpClient _client;

    internal ReleaseDownload(DownloadOptions options, IOperationLog log)
    {
        _options = options;
        _log = log;
        _proxy = new ReleaseProxy(options.Environment);
        var handler = new SocketsHttpHandler
        {
            // GitHub's releases lie elsewhere; .NET follows no redirect from https to http.
            AllowAutoRedirect = true,
            MaxAutomaticRedirections = 5,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            Proxy = _proxy,
            UseCookies = false,
        };
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("meshtools", typeof(ReleaseDownload).Assembly.GetName().Version?.ToString(3)));
    }

    /// <summary>Gets a small file.</summary>
    /// <returns>Its content; <see langword="null"/> when it is not there.</returns>
    /// <exception cref="MeshException">The server cannot be reached (<c>PackageSourceUnreachable</c>) or does not give it (<c>DownloadFailed</c>).</exception>
    internal Task<byte[]?> FindAsync(Uri address, CancellationToken cancellationToken) => RepeatAsync(address, progress: null, async stop =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        using var response = await SendAsync(request, stop).ConfigureAwait(false);
        if (IsAbsent(response))
            return null;
        RequireSuccess(response, address);
        var content = new MemoryStream();
        var stream = await response.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            await foreach (var piece in ReadAsync(stream, stop).ConfigureAwait(false))
            {
                content.Write(piece.Span);
                if (content.Length > LargestProof)
                    throw new MeshException(ErrorCatalog.DownloadFailed, $"{address} is much larger than a signature or a checksum", address);
            }
        }

        return content.ToArray();
    }, cancellationToken);

    /// <summary>Whether a file is there.</summary>
    /// <exception cref="MeshException">As for <see cref="FindAsync"/>.</exception>
    internal Task<bool> ExistsAsync(Uri address, CancellationToken cancellationToken) => RepeatAsync(address, progress: null, async stop =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, address);
        using var response = await SendAsync(request, stop).ConfigureAwait(false);
        if (IsAbsent(response))
            return false;
        RequireSuccess(response, address);
        return true;
    }, cancellationToken);

    /// <summary>Brings a file, or what is missing of it.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="file">Where to; when this returns it is complete.</param>
    /// <param name="progress">Takes bytes that are there and, where known, all bytes.</param>
    /// <param name="cancellationToken">Ends the download; what has come stays.</param>
    /// <returns>Whether a part was there already from an earlier run; <see langword="null"/> when the file is not at the address.</returns>
    /// <exception cref="MeshException">As for <see cref="FindAsync"/>, or the disk is full (<c>PackageDiskFull</c>) or cannot be written.</exception>
    internal async Task<bool?> GetAsync(Uri address, PartialFile file, Action<long, long?> progress, CancellationToken cancellationToken)
    {
        if (file.Note is not { } note || note.Address != address)
            file.Restart();
        var resumed = file.Length > 0;
        if (resumed && file.Note!.Length == file.Length)
            return true;
        if (resumed)
            _log.Verbose($"{address}: going on after {DiskSpace.Text(file.Length)}");
        var found = await RepeatAsync(address, () => file.Length, stop => ReceiveAsync(address, file, progress, stop), cancellationToken).ConfigureAwait(false);
        return found ? resumed : null;
    }

    public void Dispose() => _client.Dispose();

    // No retry is of use where the answer is final; 403 is what a bucket says of an object that is not there to who may not list it.
    private static bool IsAbsent(HttpResponseMessage response) => response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.Forbidden;

    private async Task<bool> ReceiveAsync(Uri address, PartialFile file, Action<long, long?> progress, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (file.Length > 0 && file.Note?.Condition is { } condition)
        {
            request.Headers.Range = new RangeHeaderValue(file.Length, null);
            request.Headers.IfRange = condition;
        }

        using var response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (IsAbsent(response))
            return false;
        if (response.StatusCode is HttpStatusCode.RequestedRangeNotSatisfiable && file.Length > 0)
        {
            file.Restart();
            throw new InterruptedException($"{address.Host} has other bytes than those that have come");
        }

        RequireSuccess(response, address);
        var goesOn = response.StatusCode is HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == file.Length;
        if (!goesOn)
        {
            if (response.StatusCode is HttpStatusCode.PartialContent)
                throw new MeshException(ErrorCatalog.DownloadFailed, $"{address.Host} sent another part of {address} than it was asked for", address);
            // Another content, or a server that knows no ranges: from the beginning.
            if (file.Length > 0)
                _log.Verbose($"{address}: beginning anew, since {address.Host} does not go on with what was begun");
            file.Restart();
        }

        var total = goesOn ? response.Content.Headers.ContentRange?.Length : response.Content.Headers.ContentLength;
        await KeepAsync(response, address, file, total, progress, cancellationToken).ConfigureAwait(false);
        if (total is { } length && file.Length != length)
            throw new InterruptedException($"{address.Host} sent {DiskSpace.Text(file.Length)} of {DiskSpace.Text(length)}");
        return true;
    }

    private async Task KeepAsync(HttpResponseMessage response, Uri address, PartialFile file, long? total, Action<long, long?> progress, CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(file.Path)!;
        if (total is { } length)
            DiskSpace.Require(folder, length - file.Length, "the download");
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            try
            {
                var tag = response.Headers.ETag is { IsWeak: false } strong ? strong.Tag : null;
                await file.NoteAsync(new PartialNote(address, tag, response.Content.Headers.LastModified, total), cancellationToken).ConfigureAwait(false);
                progress(file.Length, total);
                await foreach (var piece in ReadAsync(stream, cancellationToken).ConfigureAwait(false))
                {
                    await file.WriteAsync(piece, cancellationToken).ConfigureAwait(false);
                    progress(file.Length, total);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw DiskSpace.Explain(e, file.Path, total - file.Length, "the rest of the download");
            }
        }
    }

    // What the network does wrong becomes an exception of its own, or it would look like the disk's.
    private async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(Stream stream, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        while (true)
        {
            var count = await LimitedAsync(async stop =>
            {
                try
                {
                    return await stream.ReadAsync(buffer, stop).ConfigureAwait(false);
                }
                catch (Exception e) when (e is IOException or HttpRequestException)
                {
                    throw new InterruptedException("the connection was cut", e);
                }
            }, cancellationToken).ConfigureAwait(false);
            if (count == 0)
                yield break;
            yield return buffer.AsMemory(0, count);
        }
    }

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        LimitedAsync(stop => _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop), cancellationToken);

    private async Task<T> LimitedAsync<T>(Func<CancellationToken, Task<T>> step, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.Silence);
        try
        {
            return await step(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InterruptedException(string.Create(CultureInfo.InvariantCulture, $"the server was silent for {_options.Silence.TotalSeconds:0.#} s"), e);
        }
    }

    private static void RequireSuccess(HttpResponseMessage response, Uri address)
    {
        if (response.IsSuccessStatusCode)
            return;
        var answer = string.Create(CultureInfo.InvariantCulture, $"{address.Host} answered {(int)response.StatusCode} {response.ReasonPhrase}");
        throw response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError
            ? new InterruptedException(answer) { RetryAfter = response.Headers.RetryAfter is { Delta: { } delta } ? delta : response.Headers.RetryAfter?.Date - DateTimeOffset.UtcNow }
            : new MeshException(ErrorCatalog.DownloadFailed, $"{address}: {answer}", address);
    }

    private async Task<T> RepeatAsync<T>(Uri address, Func<long>? progress, Func<CancellationToken, Task<T>> step, CancellationToken cancellationToken)
    {
        var delay = _options.FirstDelay;
        for (var attempt = 0; ; attempt++)
        {
            var before = progress?.Invoke() ?? 0;
            InterruptedException reason;
            try
            {
                return await step(cancellationToken).ConfigureAwait(false);
            }
            catch (InterruptedException e)
            {
                reason = e;
            }
            catch (HttpRequestException e)
            {
                // Who was reached a moment ago may be reached again; who never was has another name, or there is no way there.
                if (before == 0 && attempt == 0)
                    throw Unreachable(address, e);
                reason = new InterruptedException(e.Message, e);
            }

            if (progress?.Invoke() > before)
                (attempt, delay) = (0, _options.FirstDelay);
            if (attempt >= _options.MaxRetries)
                throw new MeshException(ErrorCatalog.DownloadFailed, $"{address} did not come: {reason.Message}{Have(progress)}", address, innerException: reason);
            var wait = reason.RetryAfter is { } told && told > delay ? told < TimeSpan.FromMinutes(2) ? told : TimeSpan.FromMinutes(2) : delay;
            _log.Verbose(string.Create(CultureInfo.InvariantCulture, $"{address}: {reason.Message}; trying again in {wait.TotalSeconds:0.#} s ({attempt + 1} of {_options.MaxRetries})"));
            await Task.Delay(wait, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
            delay = delay * 2 < s_longestDelay ? delay * 2 : s_longestDelay;
        }
    }

    private static string Have(Func<long>? progress) => progress?.Invoke() is > 0 and var bytes ? $"; {DiskSpace.Text(bytes)} are there, and the next run goes on with them" : "";

    private MeshException Unreachable(Uri address, HttpRequestException e)
    {
        var proxy = _proxy.GetProxy(address) is { } way ? $" through the proxy {way.Scheme}://{way.Host}:{way.Port}" : "";
        var why = e.GetBaseException().Message;
        return new MeshException(ErrorCatalog.PackageSourceUnreachable, $"{address.Host} cannot be reached{proxy}: {why}", address, innerException: e);
    }

    /// <summary>Something that may go better the next time.</summary>
    private sealed class InterruptedException(string message, Exception? inner = null) : Exception(message, inner)
    {
        internal TimeSpan? RetryAfter { get; init; }
    }
}
