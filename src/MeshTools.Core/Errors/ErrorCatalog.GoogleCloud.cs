using MeshTools.GoogleCloud;
using static MeshTools.Errors.MeshErrorCategory;

namespace MeshTools.Errors;

/// <content>Errors of Google Cloud and of fleets.</content>
public static partial class ErrorCatalog
{
    /// <summary>An API that is not enabled.</summary>
    public static ErrorDefinition GoogleApiDisabled { get; } = new(nameof(GoogleApiDisabled), NotInstalled,
        "An API of Google Cloud is not enabled in a project.", "Enable it: `gcloud services enable API --project PROJECT`; it takes a few minutes until all of Google knows.");

    /// <summary>A permission is missing at Google.</summary>
    public static ErrorDefinition GooglePermissionDenied { get; } = new(nameof(GooglePermissionDenied), PermissionDenied,
        "Google Cloud refuses the caller; the message names the permission and the resource where Google tells them. A project that does not exist looks the same.",
        "Ask for a role with that permission on the project, or check the project's name; `Test-ServiceMeshRequirement` lists all that are missing at once.");

    /// <summary>Not there at Google.</summary>
    public static ErrorDefinition GoogleNotFound { get; } = new(nameof(GoogleNotFound), ObjectNotFound,
        "A resource of Google Cloud is not there.", "Check project, location and name.");

    /// <summary>There already at Google.</summary>
    public static ErrorDefinition GoogleAlreadyExists { get; } = new(nameof(GoogleAlreadyExists), ResourceExists,
        "A resource of Google Cloud is there already.", "Choose another name, or use the one that is there.");

    /// <summary>Changed at the same time at Google.</summary>
    public static ErrorDefinition GoogleConflict { get; } = new(nameof(GoogleConflict), ResourceBusy,
        "Somebody else kept changing a resource of Google Cloud at the same time.", "Run the command again.");

    /// <summary>Quota at Google.</summary>
    public static ErrorDefinition GoogleQuotaExceeded { get; } = new(nameof(GoogleQuotaExceeded), LimitsExceeded,
        "A quota of Google Cloud is used up, or there were too many requests.", "Wait a minute and run the command again; a quota of resources has to be raised in the console, under IAM & Admin, Quotas.");

    /// <summary>Google refuses the token.</summary>
    public static ErrorDefinition GoogleUnauthenticated { get; } = new(nameof(GoogleUnauthenticated), AuthenticationError,
        "Google Cloud does not accept the access token, or it has expired.", "Sign in again with `gcloud auth application-default login`, or renew the token in CLOUDSDK_AUTH_ACCESS_TOKEN.");

    /// <summary>Google cannot be reached or cannot serve.</summary>
    public static ErrorDefinition GoogleUnavailable { get; } = new(nameof(GoogleUnavailable), ResourceUnavailable,
        "Google Cloud cannot be reached or cannot serve the request now.", "Check the network and the proxy (HTTPS_PROXY), and run the command again; it goes on where it stopped.");

    /// <summary>Google refuses a request.</summary>
    public static ErrorDefinition GoogleRequestFailed { get; } = new(nameof(GoogleRequestFailed), InvalidResult,
        "Google Cloud refuses a request, or an operation ended with an error; the message says why.", "Do what the message says, and run the command again.");

    /// <summary>An operation takes too long.</summary>
    public static ErrorDefinition GoogleOperationTimeout { get; } = new(nameof(GoogleOperationTimeout), OperationTimeout,
        "An operation of Google Cloud still runs; only the wait for it is over.", "Run the command again later; it finds what the operation has made by then.");

    /// <summary>No credential for Google.</summary>
    public static ErrorDefinition GoogleCredentialNotFound { get; } = new(nameof(GoogleCredentialNotFound), AuthenticationError,
        "There is no credential for Google Cloud.", "Run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS to a credential file or CLOUDSDK_AUTH_ACCESS_TOKEN to a token.");

    /// <summary>A credential for Google that cannot be used.</summary>
    public static ErrorDefinition GoogleCredentialUnusable { get; } = new(nameof(GoogleCredentialUnusable), AuthenticationError,
        "The credential or a setting for Google Cloud cannot be used; the message says why.", "Correct the file or the environment variable that the message names.");

    /// <summary>No project is known.</summary>
    public static ErrorDefinition FleetProjectUnknown { get; } = new(nameof(FleetProjectUnknown), InvalidArgument,
        "It is not known which project hosts the fleet.", "Name it with -FleetProject, here or at Get-MeshCluster, or set CLOUDSDK_CORE_PROJECT.");

    /// <summary>No cluster of GKE.</summary>
    public static ErrorDefinition GkeClusterUnknown { get; } = new(nameof(GkeClusterUnknown), InvalidArgument,
        "It is not known which cluster of GKE this is.", "Use a context as gcloud names it (gke_PROJECT_LOCATION_NAME), or Get-MeshCluster with -ProjectId, -Location and -ClusterName.");

    /// <summary>The control plane cannot be reached from here.</summary>
    public static ErrorDefinition GkeEndpointUnavailable { get; } = new(nameof(GkeEndpointUnavailable), ResourceUnavailable,
        "The cluster of GKE has no endpoint of the kind that was asked for.", "Wait until it runs, choose another -Endpoint, or allow its DNS endpoint: `gcloud container clusters update NAME --location LOCATION --enable-dns-access`.");

    /// <summary>In another fleet.</summary>
    public static ErrorDefinition RegisteredElsewhere { get; } = new(nameof(RegisteredElsewhere), ResourceExists,
        "The cluster is a member of another fleet.", "Name that fleet with -FleetProject, or unregister the cluster there first.");

    /// <summary>The membership's name is taken.</summary>
    public static ErrorDefinition MembershipNameTaken { get; } = new(nameof(MembershipNameTaken), ResourceExists,
        "A membership of that name belongs to another cluster.", "Choose another name with -MembershipName.");

    /// <summary>No member.</summary>
    public static ErrorDefinition MembershipNotFound { get; } = new(nameof(MembershipNotFound), ObjectNotFound,
        "The cluster is in no fleet, or not in the one that was named.", "Register it with Register-FleetMembership.");

    /// <summary>Fleet workload identity cannot be.</summary>
    public static ErrorDefinition WorkloadIdentityRequired { get; } = new(nameof(WorkloadIdentityRequired), InvalidOperation,
        "The cluster has no Workload Identity, which a membership with identities needs.",
        "Turn it on: `gcloud container clusters update NAME --location LOCATION --workload-pool PROJECT.svc.id.goog`; it takes some minutes.");

    /// <summary>The cluster does not say who issues its tokens.</summary>
    public static ErrorDefinition IssuerUnknown { get; } = new(nameof(IssuerUnknown), InvalidResult,
        "Nobody says who issues the cluster's service account tokens: its OpenID discovery document (/.well-known/openid-configuration) or its keys (/openid/v1/jwks) cannot be read.",
        "Check `kubectl get --raw /.well-known/openid-configuration`; where the documents are published elsewhere, name the issuer with -PublicIssuerUrl.");

    /// <summary>Google cannot reach the issuer.</summary>
    public static ErrorDefinition IssuerNotPublic { get; } = new(nameof(IssuerNotPublic), InvalidOperation,
        "The issuer of the cluster's service account tokens has an address that Google cannot reach, and so it could not check them.",
        "Send the keys with -HasPrivateIssuer, again after each change of the keys; or let the API server name an issuer that is published.");

    /// <summary>Two issuers.</summary>
    public static ErrorDefinition IssuerMismatch { get; } = new(nameof(IssuerMismatch), InvalidData,
        "A document names another issuer than the one that was given, or the membership has another than the cluster.",
        "Give -PublicIssuerUrl exactly as the document's field issuer and as the tokens' claim iss have it, a slash at the end included.");

    /// <summary>An issuer where none is to be given.</summary>
    public static ErrorDefinition IssuerGiven { get; } = new(nameof(IssuerGiven), InvalidArgument,
        "The parameters -PublicIssuerUrl and -HasPrivateIssuer are for clusters outside GKE, and exclude each other.", "Leave them out for clusters of GKE, and give one of them for others.");

    /// <summary>The cluster's UID is not known.</summary>
    public static ErrorDefinition ClusterUidUnknown { get; } = new(nameof(ClusterUidUnknown), PermissionDenied,
        "The caller may not read namespace kube-system, whose UID tells one cluster from another.", "Use a kubeconfig of an administrator of the cluster.");

    /// <summary>A membership that another product keeps.</summary>
    public static ErrorDefinition MembershipKeptElsewhere { get; } = new(nameof(MembershipKeptElsewhere), InvalidOperation,
        "The membership belongs to an attached cluster, GKE on AWS or Azure, or Google Distributed Cloud; what made it removes it.",
        "For an attached cluster: `gcloud container attached clusters delete NAME --location LOCATION`; otherwise by the tool that made the cluster.");

    private static ErrorDefinition DefinitionOf(GoogleApiException e) => e switch
    {
        { DisabledService: not null } => GoogleApiDisabled,
        { IsQuota: true } => GoogleQuotaExceeded,
        { IsUnauthenticated: true } => GoogleUnauthenticated,
        { IsPermissionDenied: true } => GooglePermissionDenied,
        { IsNotFound: true } => GoogleNotFound,
        { IsAlreadyExists: true } => GoogleAlreadyExists,
        { IsConcurrentChange: true } => GoogleConflict,
        { StatusCode: null, Status: "" or "UNAVAILABLE" } => GoogleUnavailable,
        { StatusCode: >= System.Net.HttpStatusCode.InternalServerError } => GoogleUnavailable,
        _ => GoogleRequestFailed,
    };

    private static string ActionOf(GoogleApiException e, ErrorDefinition definition)
    {
        var project = e.Error.Metadata.GetValueOrDefault("consumer")?.Split('/')[^1];
        var advice = e.DisabledService is { } service && project is not null
            ? definition.RecommendedAction.Replace("API ", service + " ", StringComparison.Ordinal).Replace("PROJECT", project, StringComparison.Ordinal)
            : definition.RecommendedAction;
        return e.DocumentationUri is { } page ? $"{advice} {page}" : advice;
    }
}
