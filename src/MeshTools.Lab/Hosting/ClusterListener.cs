using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace MeshTools.Lab;

/// <summary>
/// The TLS listener of one cluster on loopback. It can be stopped (connections are then refused) and started again on the same port,
/// and its certificate can be changed for the connections to come.
/// </summary>
internal sealed class ClusterListener : IAsyncDisposable
{
    private const long LargestRequest = 3 * 1024 * 1024;

    private readonly ConcurrentDictionary<ConnectionContext, byte> connections = new();
    private readonly SemaphoreSlim changing = new(1, 1);
    private readonly RequestDelegate handler;
    private readonly FaultRules faults;
    private volatile X509Certificate2 certificate;
    private WebApplication? application;

    public ClusterListener(RequestDelegate handler, FaultRules faults, X509Certificate2 certificate)
    {
        this.handler = handler;
        this.faults = faults;
        this.certificate = certificate;
    }

    /// <summary>The port; 0 until first started.</summary>
    public int Port { get; private set; }

    public bool IsRunning => application is not null;

    /// <summary>Changes the certificate. Open connections are cut, since they would hide it.</summary>
    public void UseCertificate(X509Certificate2 replacement)
    {
        certificate = replacement;
        AbortConnections();
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (application is not null)
            {
                return;
            }

            var starting = Build();
            try
            {
                await starting.StartAsync(cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                await starting.DisposeAsync().ConfigureAwait(false);
                throw;
            }

            application = starting;
            var addresses = ((IApplicationBuilder)starting).ServerFeatures.Get<IServerAddressesFeature>()!;
            Port = new Uri(addresses.Addresses.First()).Port;
        }
        finally
        {
            changing.Release();
        }
    }

    /// <summary>Stops at once: what is being answered is cut, and the port refuses connections.</summary>
    public async Task StopAsync()
    {
        await changing.WaitAsync().ConfigureAwait(false);
        try
        {
            if (application is not { } running)
            {
                return;
            }

            application = null;
            using var soon = new CancellationTokenSource();
            var stopping = running.StopAsync(soon.Token);
            AbortConnections();
            soon.CancelAfter(TimeSpan.FromMilliseconds(200));
            await stopping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await running.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            changing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        changing.Dispose();
    }

    /// <summary>Cuts every open connection.</summary>
    public void AbortConnections()
    {
        foreach (var connection in connections.Keys)
        {
            connection.Abort(new ConnectionAbortedException("The cluster went away."));
        }
    }

    private WebApplication Build()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, DetachedLifetime>();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(Configure);
        var built = builder.Build();
        built.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(30) });
        built.Run(handler);
        return built;
    }

    private void Configure(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        options.Limits.MaxRequestBodySize = LargestRequest;

        // A watch may be silent for minutes and an upload may crawl; a real API server cuts neither.
        options.Limits.MinResponseDataRate = null;
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.Http2.MaxStreamsPerConnection = 1000;
        options.Listen(IPAddress.Loopback, Port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.Use(next => connection => TrackAsync(next, connection));
            listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificateSelector = (_, _) => certificate,
                ClientCertificateMode = ClientCertificateMode.AllowCertificate,

                // A certificate of another authority must come to the authenticator, which answers 401, and not end the handshake.
                ClientCertificateValidation = (_, _, _) => true,
                HandshakeTimeout = TimeSpan.FromSeconds(30),
            });
        });
    }

    private async Task TrackAsync(ConnectionDelegate next, ConnectionContext connection)
    {
        if (faults.RefusesConnections)
        {
            connection.Abort(new ConnectionAbortedException("The cluster is down."));
            return;
        }

        connections.TryAdd(connection, 0);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            connections.TryRemove(connection, out _);
        }
    }
}
