using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Net.Http.Headers;

namespace MeshTools.Lab;

/// <summary>
/// One listener on loopback that offers release archives, as Google's bucket and Istio's releases do: with entity tags, with parts of files, and with a signature of the lab's own key
/// (<c>.1.sig</c>) or a checksum (<c>.sha256</c>) beside each.
/// </summary>
public sealed class ReleaseServer : IAsyncDisposable
{
    private const int PieceSize = 64 * 1024;

    private readonly WebApplication application;
    private readonly ReleaseArchives archives;
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ConcurrentDictionary<(string Name, int Generation), Served?> made = new();
    private readonly ConcurrentQueue<string> requests = new();
    private int generation;

    private ReleaseServer(ReleaseOptions options)
    {
        Versions = options.Versions;
        archives = new ReleaseArchives(options);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, DetachedLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        application = builder.Build();
        application.Run(HandleAsync);
    }

    /// <summary>The address below which the archives are.</summary>
    public Uri Source => new(new Uri(((IApplicationBuilder)application).ServerFeatures.Get<IServerAddressesFeature>()!.Addresses.First()), "releases/");

    /// <summary>The public key that verifies its signatures, as PEM.</summary>
    public string PublicKeyPem => key.ExportSubjectPublicKeyInfoPem() + "\n";

    /// <summary>The versions that it has.</summary>
    public IReadOnlyList<string> Versions { get; }

    /// <summary>How it misbehaves.</summary>
    public ReleaseFaults Faults { get; } = new();

    /// <summary>What was asked of it: method, path and range, in order.</summary>
    public IReadOnlyList<string> Requests => [.. requests];

    /// <summary>Starts it.</summary>
    internal static async Task<ReleaseServer> StartAsync(ReleaseOptions options, CancellationToken cancellationToken)
    {
        var server = new ReleaseServer(options);
        await server.application.StartAsync(cancellationToken).ConfigureAwait(false);
        return server;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await application.StopAsync(soon.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await application.DisposeAsync().ConfigureAwait(false);
        key.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "/";
        requests.Enqueue($"{context.Request.Method} {path} {context.Request.Headers.Range}".TrimEnd());
        if (Faults.Hits(ReleaseFault.Down))
        {
            Cut(context);
            return;
        }

        if (Faults.Hits(ReleaseFault.ServerError))
        {
            context.Response.StatusCode = 503;
            return;
        }

        if (Faults.Hits(ReleaseFault.Throttle))
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "1";
            return;
        }

        var name = path.StartsWith("/releases/", StringComparison.Ordinal) ? path["/releases/".Length..] : string.Empty;
        try
        {
            await ((name.EndsWith(".1.sig", StringComparison.Ordinal), name.EndsWith(".sha256", StringComparison.Ordinal)) switch
            {
                (true, _) => ProofAsync(context, name[..^".1.sig".Length], archive => key.SignData(archive, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)),
                (_, true) => ProofAsync(context, name[..^".sha256".Length], archive => Encoding.ASCII.GetBytes($"{Convert.ToHexString(SHA256.HashData(archive)).ToLowerInvariant()} {name[..^".sha256".Length]}\n")),
                _ => ArchiveAsync(context, name),
            }).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to be told.
        }
    }

    private Served? Find(string name) => made.GetOrAdd((name, Volatile.Read(ref generation)), made => archives.Make(made.Name, made.Generation) is { } bytes ? new Served(bytes) : null);

    private async Task ProofAsync(HttpContext context, string name, Func<byte[], byte[]> make)
    {
        if (Find(name) is not { } archive || Faults.Hits(ReleaseFault.NoSignature))
        {
            await AbsentAsync(context).ConfigureAwait(false);
            return;
        }

        var bytes = make(Faults.Hits(ReleaseFault.WrongSignature) ? [.. archive.Bytes, 0] : archive.Bytes);
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
    }

    private async Task ArchiveAsync(HttpContext context, string name)
    {
        if (Faults.Hits(ReleaseFault.Changing))
        {
            Interlocked.Increment(ref generation);
        }

        if (Find(name) is not { } archive)
        {
            await AbsentAsync(context).ConfigureAwait(false);
            return;
        }

        var (response, length) = (context.Response, archive.Bytes.Length);
        var headers = response.GetTypedHeaders();
        headers.ETag = new EntityTagHeaderValue(archive.Tag);
        response.Headers.AcceptRanges = "bytes";
        response.ContentType = "application/octet-stream";
        var from = 0;
        if (Start(context, archive) is { } start && !Faults.Hits(ReleaseFault.NoRanges))
        {
            if (start >= length)
            {
                response.StatusCode = 416;
                headers.ContentRange = new ContentRangeHeaderValue(length);
                return;
            }

            from = (int)start;
            response.StatusCode = 206;
            headers.ContentRange = new ContentRangeHeaderValue(from, length - 1, length);
        }

        response.ContentLength = length - from;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        await SendAsync(context, archive.Bytes.AsMemory(from)).ConfigureAwait(false);
    }

    private async Task SendAsync(HttpContext context, ReadOnlyMemory<byte> rest)
    {
        var cut = Faults.Hits(ReleaseFault.CutOff) ? rest.Length / 2 : rest.Length;
        var slow = Faults.Hits(ReleaseFault.Slow);
        for (var sent = 0; sent < cut;)
        {
            var size = Math.Min(PieceSize, cut - sent);
            await context.Response.Body.WriteAsync(rest.Slice(sent, size), context.RequestAborted).ConfigureAwait(false);
            sent += size;
            if (slow)
            {
                await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
                await Task.Delay(Faults.Delay, context.RequestAborted).ConfigureAwait(false);
            }
        }

        if (cut < rest.Length)
        {
            // What was sent must leave this process before the connection goes.
            await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            await Task.Delay(TimeSpan.FromMilliseconds(40), context.RequestAborted).ConfigureAwait(false);
            Cut(context);
        }
    }

    // The one form that is asked for here: from a byte to the end, of this content or of none.
    private static long? Start(HttpContext context, Served archive)
    {
        var request = context.Request.GetTypedHeaders();
        return request.Range is { Ranges: { Count: 1 } ranges } && ranges.First() is { From: { } from, To: null }
            && (request.IfRange?.EntityTag is not { } tag || string.Equals(tag.Tag.Value, archive.Tag, StringComparison.Ordinal))
            ? from
            : null;
    }

    private static async Task AbsentAsync(HttpContext context)
    {
        context.Response.StatusCode = 404;
        context.Response.ContentType = "application/xml; charset=UTF-8";
        await context.Response.WriteAsync("<?xml version='1.0' encoding='UTF-8'?><Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>", context.RequestAborted).ConfigureAwait(false);
    }

    private static void Cut(HttpContext context)
    {
        context.Features.Get<IConnectionLifetimeFeature>()?.Abort();
        context.Abort();
    }

    private sealed class Served(byte[] bytes)
    {
        public byte[] Bytes { get; } = bytes;

        public string Tag { get; } = string.Create(CultureInfo.InvariantCulture, $"\"{Convert.ToHexString(SHA256.HashData(bytes))[..32].ToLowerInvariant()}\"");
    }
}
