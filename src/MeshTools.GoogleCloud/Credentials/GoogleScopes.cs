namespace MeshTools.GoogleCloud;

/// <summary>The scopes of tokens. GKE tells a service account by its address only with the second one (kubernetes/cloud-provider-gcp, gke-gcloud-auth-plugin).</summary>
internal static class GoogleScopes
{
    internal static readonly string[] All = ["https://www.googleapis.com/auth/cloud-platform", "https://www.googleapis.com/auth/userinfo.email"];
}
