using System.Collections.Immutable;

namespace MeshTools.Lab;

/// <summary>The wires between the clusters of a lab: who there is, and who reaches whose addresses.</summary>
internal sealed class LabFabric
{
    private ImmutableList<LabCluster> clusters = [];

    /// <summary>All clusters, in order.</summary>
    public IReadOnlyList<LabCluster> Clusters => clusters;

    public void Add(LabCluster cluster) => ImmutableInterlocked.Update(ref clusters, (all, added) => all.Add(added).Sort((one, other) => one.Index - other.Index), cluster);

    /// <summary>The cluster whose API server is at an address.</summary>
    public LabCluster? At(Uri server) => clusters.Find(cluster => cluster.Server.Port == server.Port && server.IsLoopback);

    /// <summary>Whether pods of one reach the addresses of pods of another.</summary>
    public static bool Reaches(LabCluster from, LabCluster to) =>
        ReferenceEquals(from, to) || string.Equals(from.Options.EffectivePodNetwork, to.Options.EffectivePodNetwork, StringComparison.Ordinal);

    /// <summary>The Service that has an external address, and its cluster. Everybody reaches these.</summary>
    public (LabCluster Cluster, StoredObject Service)? External(string address)
    {
        foreach (var cluster in clusters)
        {
            foreach (var service in cluster.Store.List("", "services").Items)
            {
                if (NetworkGateways.Addresses(service.Json).Any(own =>
                        string.Equals(own, address, StringComparison.Ordinal) || string.Equals(NetworkGateways.Resolve(own), address, StringComparison.Ordinal)))
                {
                    return (cluster, service);
                }
            }
        }

        return null;
    }
}
