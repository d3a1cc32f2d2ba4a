using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace MeshTools.Lab;

/// <summary>Takes commands for a running lab, on loopback and with a token, so that only who can read the lab's state file can give them.</summary>
internal sealed class ControlServer : IAsyncDisposable
{
    public static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);

    private readonly LabHost lab;
    private readonly Action stop;
    private readonly WebApplication application;

    private ControlServer(LabHost lab, Action stop)
    {
        this.lab = lab;
        this.stop = stop;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, DetachedLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Listen(IPAddress.Loopback, 0);
        });
        application = builder.Build();
        application.Run(HandleAsync);
    }

    public string Token { get; } = Convert.ToHexString(RandomNumberGenerator.GetBytes(32)).ToLowerInvariant();

    public Uri Address => new(((IApplicationBuilder)application).ServerFeatures.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<ControlServer> StartAsync(LabHost lab, Action stop, CancellationToken cancellationToken)
    {
        var server = new ControlServer(lab, stop);
        await server.application.StartAsync(cancellationToken).ConfigureAwait(false);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await application.StopAsync(soon.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await application.DisposeAsync().ConfigureAwait(false);
    }

    private static Task AnswerAsync(HttpContext context, int status, object answer)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(answer, Format, context.RequestAborted);
    }

    private async Task HandleAsync(HttpContext context)
    {
        var given = Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString());
        if (!CryptographicOperations.FixedTimeEquals(given, Encoding.UTF8.GetBytes("Bearer " + Token)))
        {
            await AnswerAsync(context, 401, new ControlAnswer("The token of the lab's state file is needed.")).ConfigureAwait(false);
            return;
        }

        switch (context.Request.Method, context.Request.Path.Value)
        {
            case ("GET", "/status"):
                await AnswerAsync(context, 200, Status()).ConfigureAwait(false);
                break;
            case ("POST", "/stop"):
                await AnswerAsync(context, 200, new ControlAnswer("The lab stops.")).ConfigureAwait(false);
                stop();
                break;
            case ("POST", "/command"):
                await CommandAsync(context).ConfigureAwait(false);
                break;
            default:
                await AnswerAsync(context, 404, new ControlAnswer("There is nothing here.")).ConfigureAwait(false);
                break;
        }
    }

    private ControlStatus Status() => new(
    [
        .. lab.Clusters.Select(cluster => new ControlStatus.Cluster(
            cluster.Name,
            cluster.Server,
            cluster.IsListening,
            cluster.Requests.Count(),
            cluster.Requests.MutatingCount,
            [.. cluster.Faults.Active.Select(fault => fault.ToString())],
            [.. cluster.RemoteStatus().Select(remote => new ControlStatus.Remote(remote.Pod, remote.ClusterId, remote.Status))])),
    ])
    {
        ReleaseServer = new ControlStatus.Releases(lab.Releases.Source, lab.Releases.Requests.Count, lab.Releases.Faults.Active),
        GoogleCloud = lab.GoogleCloud is { } google ? new ControlStatus.Google(google.Address, google.Requests.Count, google.WriteCount, google.Faults.Active) : null,
    };

    private async Task CommandAsync(HttpContext context)
    {
        try
        {
            var request = await context.Request.ReadFromJsonAsync<ControlRequest>(Format, context.RequestAborted).ConfigureAwait(false)
                ?? throw new JsonException("An object is needed.");
            if (request.Cluster is GoogleFaultCommand.Target)
            {
                GoogleFaultCommand.Apply(lab.GoogleCloud ?? throw new InvalidOperationException("The lab has no Google Cloud; start it with --google-cloud empty."), request);
                await AnswerAsync(context, 200, new ControlAnswer($"{request.Cluster}: {request.Action}")).ConfigureAwait(false);
                return;
            }

            if (request.Cluster is ReleaseFaultCommand.Target)
            {
                ReleaseFaultCommand.Apply(lab.Releases, request);
                await AnswerAsync(context, 200, new ControlAnswer($"{request.Cluster}: {request.Action}")).ConfigureAwait(false);
                return;
            }

            var targets = request.Cluster is "all" ? lab.Clusters : [lab[request.Cluster]];
            foreach (var target in targets)
            {
                await ApplyAsync(target, request, context.RequestAborted).ConfigureAwait(false);
            }

            var names = string.Join(", ", targets.Select(target => target.Name));
            await AnswerAsync(context, 200, new ControlAnswer($"{names}: {Describe(request)}")).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or ArgumentException or InvalidOperationException)
        {
            await AnswerAsync(context, 400, new ControlAnswer(exception.Message)).ConfigureAwait(false);
        }
    }

    private static string Describe(ControlRequest request) => request.Action switch
    {
        "clear" => "well again",
        "stop" => "listens no more",
        "start" => "listens again",
        ControlRequest.LoadBalancers => $"load balancers: {request.How}",
        var action when ControlRequest.Faults.TryGetValue(action, out var kind) => request.ToFault(kind).ToString(),
        var action => action,
    };

    private static async Task ApplyAsync(LabCluster cluster, ControlRequest request, CancellationToken cancellationToken)
    {
        switch (request.Action)
        {
            case "clear":
                cluster.Faults.Clear();
                break;
            case "stop":
                await cluster.StopListeningAsync().ConfigureAwait(false);
                break;
            case "start":
                await cluster.StartListeningAsync(cancellationToken).ConfigureAwait(false);
                break;
            case ControlRequest.LoadBalancers:
                cluster.LoadBalancers = LoadBalancing.Parse(request.How ?? "") ?? throw new ArgumentException($"Load balancers know no \"{request.How}\".", nameof(request));
                break;
            case "certificate-proper":
                cluster.UseServerCertificate(ServerCertificate.Proper);
                break;
            case "certificate-wrong-name":
                cluster.UseServerCertificate(ServerCertificate.WrongName);
                break;
            case "certificate-wrong-authority":
                cluster.UseServerCertificate(ServerCertificate.WrongAuthority);
                break;
            default:
                if (!ControlRequest.Faults.TryGetValue(request.Action, out var kind))
                {
                    throw new ArgumentException($"There is no fault \"{request.Action}\".", nameof(request));
                }

                cluster.Faults.Add(request.ToFault(kind));
                break;
        }
    }
}
