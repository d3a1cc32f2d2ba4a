using Xunit;

namespace MeshTools.Tests.Lab;

/// <summary>Waits for a condition that something else brings about; fails with what was seen last.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static Task TrueAsync(Func<bool> condition, Func<string>? describe = null) =>
        TrueAsync(() => Task.FromResult(condition()), describe);

    public static async Task TrueAsync(Func<Task<bool>> condition, Func<string>? describe = null)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!await condition())
        {
            if (limit.IsCancellationRequested)
            {
                Assert.Fail("The condition did not come about. " + describe?.Invoke());
            }

            await Task.Delay(10);
        }
    }
}
