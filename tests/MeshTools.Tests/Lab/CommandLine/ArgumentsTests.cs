using MeshTools.Lab;
using Xunit;

namespace MeshTools.Tests.Lab.CommandLine;

public sealed class ArgumentsTests
{
    [Theory]
    [InlineData("--clusters", "needs a value")]
    [InlineData("--clusters 0", "from 1 to 200")]
    [InlineData("--clusters many", "from 1 to 200")]
    [InlineData("--clusters=-1", "from 1 to 200")]
    [InlineData("--clusters 2 --clusters 3", "given twice")]
    [InlineData("--cluster 2", "Unknown option --cluster")]
    [InlineData("--force=yes", "takes no value")]
    [InlineData("--platform aws", "none, gke, eks, aks")]
    [InlineData("--tokens later", "immediate, never or a duration")]
    [InlineData("--load-balancers soon", "immediate, never, failing, hostname or a duration")]
    [InlineData("--server-version 1.33", "a version such as v1.33.5")]
    [InlineData("--remote-timeout fast", "a duration such as")]
    [InlineData("--name-prefix UPPER", "not a valid cluster name")]
    [InlineData("--names a,a", "names and contexts of their own")]
    [InlineData("--names a,b --clusters 2", "leave out --clusters")]
    [InlineData("extra", "\"extra\" is not an option of serve")]
    public void Bad_serve_options_say_what_is_wrong(string line, string message)
    {
        var failure = Assert.Throws<UsageException>(() => ServeOptions.Parse(line.Split(' ')));

        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Serve_options_are_read()
    {
        var options = ServeOptions.Parse(
            "--names east,west --revision asm-1303-1 --replicas 2 --networks separate --platform gke --tokens 5s --load-balancers hostname --remote-timeout 500ms --no-control-plane --parent-pid=42".Split(' '));

        Assert.Equal(["east", "west"], LabOptions.Resolve(options.Lab).Select(cluster => cluster.Name));
        Assert.Equal(["east-network", "west-network"], LabOptions.Resolve(options.Lab).Select(cluster => cluster.Network));
        Assert.Equal(("asm-1303-1", 2, LabPlatform.Gke, false), (options.Lab.Revision, options.Lab.Replicas, LabOptions.Resolve(options.Lab)[0].Platform, options.Lab.ControlPlane));
        Assert.Equal(TimeSpan.FromSeconds(5), options.Lab.Tokens.Delay);
        Assert.Equal(TimeSpan.FromMilliseconds(500), options.Lab.RemoteTimeout);
        Assert.True(options.Lab.LoadBalancers.Hostname);
        Assert.Equal(42, options.ParentProcess);
    }

    [Theory]
    [InlineData("lab-1", "a cluster and a kind")]
    [InlineData("lab-1 broken", "the kinds are down, slow")]
    [InlineData("lab-1 clear --times 2", "does not go with clear")]
    [InlineData("lab-1 slow --delay quick", "a duration such as")]
    [InlineData("lab-1 down --verb read", "get, list")]
    [InlineData("lab-1 server-error --status 404", "500, 503")]
    [InlineData("lab-1 load-balancers", "needs --how")]
    [InlineData("lab-1 load-balancers --how soon", "immediate, never, failing, hostname")]
    [InlineData("lab-1 down --how never", "does not go with down")]
    public void Bad_fault_options_say_what_is_wrong(string line, string message)
    {
        var failure = Assert.Throws<UsageException>(() => FaultCommand.Request(
            Arguments.Parse(line.Split(' '), ["--verb", "--resource", "--delay", "--retry-after", "--status", "--times", "--how", "--lab"], [])));

        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("500ms", 500)]
    [InlineData("2s", 2000)]
    [InlineData("1.5m", 90_000)]
    [InlineData("1h", 3_600_000)]
    public void Durations_are_gos(string text, int milliseconds)
    {
        Assert.True(GoDuration.TryParse(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2")]
    [InlineData("-2s")]
    [InlineData("s")]
    [InlineData("2 s")]
    public void Other_durations_are_refused(string text) => Assert.False(GoDuration.TryParse(text, out _));
}
