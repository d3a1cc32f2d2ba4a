using MeshTools.Kubernetes;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace MeshTools.Tests.Kubernetes;

/// <summary>client-go's rest/with_retry.go, with a clock that only the test moves.</summary>
public class RetryTests
{
    private static KubernetesObject ConfigMap => KubernetesObject.Create("v1", "ConfigMap", "a", "b");

    private static Func<HttpContext, Task> FailFirst(int times, Func<HttpContext, Task> fail)
    {
        var count = 0;
        return context => Interlocked.Increment(ref count) <= times ? fail(context) : TestApiServer.JsonAsync(context, """{"major":"1"}""");
    }

    private static Func<HttpContext, Task> Answer(int code, string? retryAfter) => context =>
    {
        if (retryAfter is not null)
            context.Response.Headers.RetryAfter = retryAfter;
        return TestApiServer.StatusAsync(context, code, "TooManyRequests", "busy");
    };

    [Theory]
    [InlineData(429, "GET")]
    [InlineData(503, "GET")]
    [InlineData(500, "POST")]
    [InlineData(429, "PATCH")]
    public async Task An_answer_with_retry_after_is_retried_for_any_verb(int code, string verb)
    {
        var clock = new ManualClock();
        await using var server = await TestApiServer.StartAsync(FailFirst(2, Answer(code, "7")));
        var lines = new List<string>();
        using var client = server.Client(new KubernetesClientOptions { TimeProvider = clock, OnRetry = lines.Add });
        Task request = verb switch
        {
            "GET" => client.GetVersionAsync(),
            "POST" => client.CreateAsync(ConfigMap),
            _ => client.ApplyAsync(ConfigMap),
        };
        await clock.PassAsync(TimeSpan.FromSeconds(7));
        await clock.PassAsync(TimeSpan.FromSeconds(7));
        await request;
        Assert.Equal(3, server.Requests.Count);
        Assert.Single(server.Requests.Select(r => r.Body).Distinct());
        Assert.Equal((2, 3), (lines.Count, client.RequestCount));
    }

    [Theory]
    [InlineData(503, null)]
    [InlineData(429, null)]
    [InlineData(500, "Fri, 31 Dec 2027 23:59:59 GMT")]
    [InlineData(409, "1")]
    public async Task Anything_else_is_not_retried(int code, string? retryAfter)
    {
        await using var server = await TestApiServer.StartAsync(Answer(code, retryAfter));
        using var client = server.Client();
        var error = await Assert.ThrowsAsync<KubernetesApiException>(() => client.GetVersionAsync());
        Assert.Equal(code, (int)error.StatusCode);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task After_ten_retries_the_answer_counts()
    {
        await using var server = await TestApiServer.StartAsync(Answer(429, "0"));
        using var client = server.Client();
        var error = await Assert.ThrowsAsync<KubernetesApiException>(() => client.GetVersionAsync());
        Assert.True(error.IsThrottled);
        Assert.Equal(11, server.Requests.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_get_that_lost_its_connection_is_retried_a_second_later(bool midBody)
    {
        var clock = new ManualClock();
        await using var server = await TestApiServer.StartAsync(FailFirst(1, context => ResetAsync(context, midBody)));
        using var client = server.Client(new KubernetesClientOptions { TimeProvider = clock });
        var request = client.GetVersionAsync();
        await clock.PassAsync(TimeSpan.FromSeconds(1));
        Assert.Equal("1", (await request).Major);
    }

    [Fact]
    public async Task A_write_that_lost_its_connection_is_not_retried()
    {
        await using var server = await TestApiServer.StartAsync(context => ResetAsync(context, midBody: false));
        using var client = server.Client();
        var error = await Assert.ThrowsAsync<EndpointUnreachableException>(() => client.CreateAsync(ConfigMap));
        Assert.Equal(UnreachableKind.Reset, error.Kind);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Beyond_the_burst_requests_wait_their_turn()
    {
        var clock = new ManualClock();
        var budget = new RequestBudget(50, 2, clock);
        Assert.True(budget.WaitAsync(default).IsCompleted);
        Assert.True(budget.WaitAsync(default).IsCompleted);
        var third = budget.WaitAsync(default);
        var fourth = budget.WaitAsync(default);
        clock.Advance(TimeSpan.FromMilliseconds(20));
        await third;
        Assert.False(fourth.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(20));
        await fourth;
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(budget.WaitAsync(default).IsCompleted);
    }

    private static async Task ResetAsync(HttpContext context, bool midBody)
    {
        if (midBody)
        {
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync("{\"major\":");
            await context.Response.Body.FlushAsync();
        }

        context.Abort();
    }
}
