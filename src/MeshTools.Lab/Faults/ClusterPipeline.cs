using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Connections.Features;

namespace MeshTools.Lab;

/// <summary>What every request of a cluster goes through: log, faults, then the API server.</summary>
internal sealed class ClusterPipeline(ApiServer api, FaultRules faults, FaultAuthorizer authorizer, RequestLog log, TimeProvider clock, ILogger logger)
{
    public async Task HandleAsync(HttpContext context)
    {
        var access = ApiServer.Describe(context.Request);
        var resource = access.Subresource.Length == 0 ? access.Resource : access.Resource + "/" + access.Subresource;
        var hits = faults.Take(access.Verb, resource);
        var entry = new RequestLogEntry
        {
            Time = clock.GetUtcNow(),
            Verb = access.Verb,
            Path = context.Request.Path.Value + context.Request.QueryString.Value,
            Group = access.Group,
            Resource = resource,
            Namespace = access.Namespace.Length == 0 ? null : access.Namespace,
            Name = access.Name.Length == 0 ? null : access.Name,
            DryRun = await IsDryRunAsync(context.Request).ConfigureAwait(false),
            UserAgent = context.Request.Headers.UserAgent.ToString(),
            Fault = hits.Count == 0 ? null : hits[^1].Kind,
        };
        var logged = 0;

        // Entered before the client can see the answer, so that whoever has the answer also finds the entry.
        context.Response.OnStarting(() =>
        {
            Log(context.Response.StatusCode);
            return Task.CompletedTask;
        });
        try
        {
            await AnswerAsync(context, hits).ConfigureAwait(false);
        }
        finally
        {
            Log(context.Response.HasStarted ? context.Response.StatusCode : 0);
        }

        void Log(int status)
        {
            if (Interlocked.Exchange(ref logged, 1) == 0)
            {
                log.Add(entry with { Status = status, User = (context.Items[ApiServer.IdentityItem] as Identity)?.Name });
            }
        }
    }

    private async Task AnswerAsync(HttpContext context, IReadOnlyList<Fault> hits)
    {
        foreach (var fault in hits)
        {
            switch (fault.Kind)
            {
                case FaultKind.Slow:
                    await Task.Delay(fault.Delay, clock, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    break;
                case FaultKind.Down:
                    Cut(context);
                    return;
                case FaultKind.Throttle:
                    await WriteStatusAsync(context, Throttled(fault.RetryAfterSeconds ?? 1), fault.RetryAfterSeconds ?? 1).ConfigureAwait(false);
                    return;
                case FaultKind.ServerError:
                    await WriteStatusAsync(context, ServerError(fault), fault.RetryAfterSeconds).ConfigureAwait(false);
                    return;
                case FaultKind.Reset:
                    context.Response.Body = new TruncatedBody(context.Response.Body, () => Cut(context));
                    // What a command prints does not go through the body.
                    context.Items[PodStreams.CutItem] = () => Cut(context);
                    break;
                case FaultKind.Forbidden:
                    authorizer.ForbidCurrentRequest();
                    break;
            }
        }

        if (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        try
        {
            await api.HandleAsync(context).ConfigureAwait(false);
            await context.Response.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // The client went away or the connection was cut; nobody is left to be told.
        }
        catch (IOException) when (hits.Any(fault => fault.Kind is FaultKind.Reset))
        {
            // The cut on purpose.
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            // A defect of the lab is told as a real server tells one of its own; the trace is for whoever started the lab.
            logger.LogError(exception, "{Method} {Path} failed", context.Request.Method, context.Request.Path);
            var details = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["message"] = exception.Message }) };
            await WriteStatusAsync(context, Status(500, "InternalError", $"Internal error occurred: {exception.Message}", details), null).ConfigureAwait(false);
        }
    }

    /// <summary>Ends the whole connection, not just an HTTP/2 stream of it.</summary>
    private static void Cut(HttpContext context)
    {
        context.Features.Get<IConnectionLifetimeFeature>()?.Abort();
        context.Abort();
    }

    private static async Task<bool> IsDryRunAsync(HttpRequest request)
    {
        if (request.Query.ContainsKey("dryRun"))
        {
            return request.Query["dryRun"] is [.., { Length: > 0 }];
        }

        // A deletion says it in its body (kubectl delete --dry-run=server).
        if (!HttpMethods.IsDelete(request.Method) || request.ContentLength is null or 0 or > 16 * 1024)
        {
            return false;
        }

        request.EnableBuffering();
        try
        {
            using var body = await JsonDocument.ParseAsync(request.Body, default, request.HttpContext.RequestAborted).ConfigureAwait(false);
            return body.RootElement.ValueKind is JsonValueKind.Object && body.RootElement.TryGetProperty("dryRun", out var dryRun) &&
                dryRun.ValueKind is JsonValueKind.Array && dryRun.GetArrayLength() > 0;
        }
        catch (JsonException)
        {
            // The API server will say what is wrong with it.
            return false;
        }
        finally
        {
            request.Body.Position = 0;
        }
    }

    private static JsonObject Throttled(int seconds) => Status(
        429, "TooManyRequests", "Too many requests, please try again later.", new JsonObject { ["retryAfterSeconds"] = seconds });

    private static JsonObject ServerError(Fault fault)
    {
        var details = new JsonObject();
        if (fault.StatusCode == 500)
        {
            details["causes"] = new JsonArray(new JsonObject { ["message"] = "etcdserver: request timed out" });
        }

        if (fault.RetryAfterSeconds is { } seconds)
        {
            details["retryAfterSeconds"] = seconds;
        }

        return fault.StatusCode == 503
            ? Status(503, "ServiceUnavailable", "the server is currently unable to handle the request", details)
            : Status(500, "InternalError", "Internal error occurred: etcdserver: request timed out", details);
    }

    private static JsonObject Status(int code, string reason, string message, JsonObject details) => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = message,
        ["reason"] = reason,
        ["details"] = details,
        ["code"] = code,
    };

    private static Task WriteStatusAsync(HttpContext context, JsonObject status, int? retryAfter)
    {
        var response = context.Response;
        response.StatusCode = (int)status.Number(500, "code");
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-cache, private";
        if (retryAfter is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(status, Wire.SerializerOptions);
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
