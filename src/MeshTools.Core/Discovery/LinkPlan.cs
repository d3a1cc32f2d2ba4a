using MeshTools.Clusters;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Discovery;

/// <summary>One ordered pair of clusters on its way to a link.</summary>
internal sealed class LinkPlan(MeshCluster reader, MeshCluster target)
{
    internal MeshCluster Reader { get; } = reader;

    internal MeshCluster Target { get; } = target;

    internal PlannedChange? Change { get; private set; }

    internal string SecretName { get; private set; } = "";

    private KubernetesObject? Live { get; set; }

    internal EndpointDiscoveryLink Link() => new(Reader, Target, RemoteSecret.ClusterIdOf(Target)) { SecretName = SecretName.Length > 0 ? SecretName : null };

    internal void Compare(ReaderState reader, RemoteSecretPlan credential, EndpointDiscoveryOptions options, IOperationLog log)
    {
        SecretName = RemoteSecret.NameFor(credential.ClusterId);
        Live = reader.Secrets.FirstOrDefault(secret => string.Equals(secret.Name, SecretName, StringComparison.Ordinal));
        Change = credential.Current is { } current
            ? new SecretInstallation(current, Reader, Live, options.ForceConflicts).Change
            : new PlannedChange(
                Reader, new ObjectReference("v1", "Secret", SecretName, options.Namespace), Live is null ? ChangeKind.Create : ChangeKind.Update,
                $"remote secret for cluster {credential.ClusterId}");
        WarnOfOtherEntries(reader, credential, log);
    }

    internal SecretInstallation Install(RemoteSecret secret, bool forceConflicts) => new(secret, Reader, Live, forceConflicts);

    // The same cluster under a second ID doubles its endpoints; asmcli leaves such entries (gke-PROJECT-... beside cn-PROJECT-...).
    private void WarnOfOtherEntries(ReaderState reader, RemoteSecretPlan credential, IOperationLog log)
    {
        foreach (var other in reader.RemoteSecrets
            .Where(other => !string.Equals(other.ClusterId, credential.ClusterId, StringComparison.Ordinal) && other.Credential is { } held
                && (InstalledSecrets.LeadsTo(held, Target) || credential.Current?.Credential?.SameTokenAs(held) is true)))
        {
            log.Warning($"{Reader.Name}: secret {other} leads to {Target.Name} under the ID '{other.ClusterId}', but its cluster ID is '{credential.ClusterId}'; "
                + $"istiod would read it twice. Remove it: Remove-RemoteSecret -Cluster {Reader.Name} -ClusterId {other.ClusterId}");
        }
    }
}
