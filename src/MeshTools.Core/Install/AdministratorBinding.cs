using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Install;

/// <summary>
/// Makes the user an administrator of the cluster, which an installation needs, since it gives roles away. Only who may bind cluster-admin can; IAM's role container.admin is enough for it
/// (asmcli, <c>bind_user_to_cluster_admin</c>).
/// </summary>
internal sealed class AdministratorBinding
{
    private const string Administrator = "cluster-admin";

    private readonly KubernetesObject _binding;

    private AdministratorBinding(MeshCluster cluster, KubernetesObject binding, string user)
    {
        _binding = binding;
        Change = new PlannedChange(cluster, binding.Reference, ChangeKind.Create, $"make {user} an administrator of the cluster");
    }

    /// <summary>What would be made.</summary>
    internal PlannedChange Change { get; }

    /// <summary>Plans it.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The binding; <see langword="null"/> where the user is an administrator, or may not become one.</returns>
    internal static async Task<AdministratorBinding?> FindAsync(MeshCluster cluster, CancellationToken cancellationToken)
    {
        var client = cluster.Connect();
        if ((await client.CanIAsync(new AccessQuery("*") { Group = "*", Resource = "*" }, cancellationToken).ConfigureAwait(false)).Allowed)
            return null;
        AccessQuery[] needed = [AccessQuery.For("create", ResourceTypes.ClusterRoleBinding), AccessQuery.For("bind", ResourceTypes.ClusterRole) with { Name = Administrator }];
        var answers = await Task.WhenAll(needed.Select(query => client.CanIAsync(query, cancellationToken))).ConfigureAwait(false);
        if (!answers.All(answer => answer.Allowed))
            return null;
        var user = (await client.WhoAmIAsync(cancellationToken).ConfigureAwait(false)).UserName;
        var binding = KubernetesObject.Create("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", $"{DnsLabel.From(user)}-{Administrator}");
        binding.Json["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = Administrator };
        binding.Json["subjects"] = new JsonArray(new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "User", ["name"] = user });
        return new AdministratorBinding(cluster, binding, user);
    }

    /// <summary>Makes it.</summary>
    internal async Task WriteAsync(IOperationLog log, CancellationToken cancellationToken)
    {
        await Change.Cluster.Connect().ApplyAsync(_binding, new ApplyOptions(), cancellationToken).ConfigureAwait(false);
        log.Verbose($"{Change.Cluster.Name}: {Change.Object} created");
    }
}
