using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MeshTools.Kubernetes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MeshTools.Tests.Kubernetes;

/// <summary>One request as the server saw it.</summary>
internal sealed record SeenRequest(string Method, string Path, string Query, string Protocol, string Host, IReadOnlyDictionary<string, string> Headers, string Body, string? ClientSubject)
{
    internal string PathAndQuery => Path + Query;
}

/// <summary>An HTTPS server on loopback that answers as a test says.</summary>
internal sealed class TestApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TestApiServer(WebApplication app, TestAuthority authority)
    {
        _app = app;
        Authority = authority;
    }

    internal TestAuthority Authority { get; }

    internal Uri Url { get; private set; } = null!;

    internal ConcurrentQueue<SeenRequest> Requests { get; } = new();

    internal Func<HttpContext, Task> Answer { get; set; } = _ => Task.CompletedTask;

    internal static async Task<TestApiServer> StartAsync(
        Func<HttpContext, Task> answer, X509Certificate2? certificate = null, TestAuthority? authority = null, bool tls = true, HttpProtocols protocols = HttpProtocols.Http1AndHttp2)
    {
        authority ??= new TestAuthority();
        certificate ??= authority.IssueServer("127.0.0.1", "localhost");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AllowSynchronousIO = false;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = tls ? protocols : HttpProtocols.Http1;
                if (tls)
                {
                    listen.UseHttps(https =>
                    {
                        https.ServerCertificate = certificate;
                        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                        https.AllowAnyClientCertificate();
                    });
                }
            });
        });
        var app = builder.Build();
        var server = new TestApiServer(app, authority) { Answer = answer };
        app.UseWebSockets();
        app.Run(server.HandleAsync);
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        server.Url = new Uri(address);
        return server;
    }

    internal ClientConfiguration Configuration(ICredentialSource? credentials = null) => new()
    {
        Server = Url,
        CertificateAuthorityPem = Url.Scheme is "https" ? Authority.Pem : null,
        Credentials = credentials ?? FixedCredential.Anonymous,
        ContextName = "test",
    };

    internal KubernetesClient Client(KubernetesClientOptions? options = null, ICredentialSource? credentials = null) =>
        new(Configuration(credentials), options);

    /// <summary>Waits until the server has seen such a request.</summary>
    internal async Task SeenAsync(Func<SeenRequest, bool> wanted)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var next = Volatile.Read(ref _next).Task;
            if (Requests.Any(wanted))
                return;
            await next.WaitAsync(patience.Token);
        }
    }

    internal static Task JsonAsync(HttpContext context, string json, int status = 200, string contentType = "application/json")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        return context.Response.WriteAsync(json);
    }

    internal static Task StatusAsync(HttpContext context, int code, string reason, string message, string extra = "") =>
        JsonAsync(context, $$"""{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"{{reason}}","message":"{{message}}","code":{{code}}{{extra}}}""", code);

    private async Task HandleAsync(HttpContext context)
    {
        context.Request.EnableBuffering();
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8, leaveOpen: true);
        var body = context.WebSockets.IsWebSocketRequest ? "" : await reader.ReadToEndAsync();
        Requests.Enqueue(new SeenRequest(
            context.Request.Method,
            context.Request.Path,
            context.Request.QueryString.Value ?? "",
            context.Request.Protocol,
            context.Request.Host.Value ?? "",
            context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body,
            context.Connection.ClientCertificate?.Subject));
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        await Answer(context);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        Authority.Dispose();
    }
}
