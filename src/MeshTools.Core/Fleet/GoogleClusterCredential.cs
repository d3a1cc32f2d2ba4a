using MeshTools.GoogleCloud;
using MeshTools.Kubernetes;

namespace MeshTools.Fleet;

/// <summary>Google's access token as the credential of a cluster of GKE, which takes it as it is; what gke-gcloud-auth-plugin does in a process of its own.</summary>
internal sealed class GoogleClusterCredential(GoogleCloudClient client) : ICredentialSource
{
    public async ValueTask<Credential> GetAsync(CredentialContext context, CancellationToken cancellationToken) =>
        Credential.Bearer(await RevealAsync(cancellationToken).ConfigureAwait(false));

    /// <summary>The token, for a file that only the user may read.</summary>
    internal async Task<string> RevealAsync(CancellationToken cancellationToken) => (await client.GetTokenAsync(cancellationToken).ConfigureAwait(false)).Reveal();

    public bool Invalidate(Credential rejected) => false;
}
