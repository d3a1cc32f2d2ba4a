using MeshTools.Clusters;
using MeshTools.Errors;
using Xunit;

namespace MeshTools.Tests.Errors;

/// <summary>Failures as a user meets them.</summary>
internal static class Described
{
    public static MeshError By((Exception Error, object? Target) failure) => ErrorCatalog.Describe(failure.Error, failure.Target);

    /// <summary>Exactly one failure: this id, about this cluster, which the message names.</summary>
    public static MeshError TheOnly(IEnumerable<(Exception Error, object? Target)> failures, ErrorDefinition expected, string cluster)
    {
        var error = By(Assert.Single(failures));
        Assert.True(expected == error.Definition, error.Exception.ToString());
        Assert.Equal(cluster, Assert.IsType<MeshCluster>(error.Target).Name);
        Assert.Contains(cluster, error.Message, StringComparison.Ordinal);
        return error;
    }
}
