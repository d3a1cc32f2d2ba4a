using MeshTools.Clusters;
using Xunit;

namespace MeshTools.Tests.Clusters;

public sealed class GkeNameTests
{
    [Fact]
    public void Contexts_of_gcloud_give_project_location_name_and_cluster_id()
    {
        foreach (var row in NameTable.Rows("gke"))
        {
            var name = GkeName.TryParse(row["context"]!.GetValue<string>());
            Assert.NotNull(name);
            Assert.Equal(
                (row["project"]!.GetValue<string>(), row["location"]!.GetValue<string>(), row["cluster"]!.GetValue<string>(), row["clusterId"]!.GetValue<string>()),
                (name.ProjectId, name.Location, name.ClusterName, name.ClusterId));
        }
    }

    [Fact]
    public void Other_contexts_give_nothing()
    {
        foreach (var row in NameTable.Rows("notGke"))
            Assert.Null(GkeName.TryParse(row.GetValue<string>()));
    }
}
