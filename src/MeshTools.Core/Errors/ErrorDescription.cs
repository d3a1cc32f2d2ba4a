using MeshTools.Clusters;
using MeshTools.GoogleCloud;
using MeshTools.Kubernetes;

namespace MeshTools.Errors;

/// <content>From exceptions to entries of the catalogue.</content>
public static partial class ErrorCatalog
{
    /// <summary>Describes an exception for a user.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="target">What the operation was about, when the exception itself does not know.</param>
    /// <returns>The error. Its message names the cluster.</returns>
    public static MeshError Describe(Exception exception, object? target = null)
    {
        ArgumentNullException.ThrowIfNull(exception);
        if (exception is AggregateException { InnerExceptions: [var only] })
            return Describe(only, target);
        if (exception is MeshException own)
            return new MeshError(own.Definition, own.Message, own.RecommendedAction, own.Target ?? target, own);
        var definition = DefinitionOf(exception);
        return new MeshError(definition, MessageOf(exception, target), ActionOf(exception, definition), target ?? TargetOf(exception), exception);
    }

    private static ErrorDefinition DefinitionOf(Exception exception) => exception switch
    {
        KubernetesApiException e => DefinitionOf(e),
        KindNotServedException => KubeKindNotServed,
        EndpointUnreachableException => EndpointUnreachable,
        TlsVerificationException { Failure: TlsFailure.NameMismatch } => TlsNameMismatch,
        TlsVerificationException { Failure: TlsFailure.Expired } => TlsExpired,
        TlsVerificationException => TlsUntrusted,
        ExecPluginException { Problem: ExecPluginProblem.NotFound } => ExecPluginNotFound,
        ExecPluginException => ExecPluginFailed,
        CredentialException => CredentialUnusable,
        KubeconfigException { Problem: KubeconfigProblem.NotFound or KubeconfigProblem.Unreadable or KubeconfigProblem.Locked } => KubeconfigNotFound,
        KubeconfigException { Problem: KubeconfigProblem.ContextNotFound } => ContextNotFound,
        KubeconfigException => KubeconfigInvalid,
        KubernetesYamlException => YamlInvalid,
        WaitTimeoutException => MeshWaitTimeout,
        RolloutFailedException => RolloutFailed,
        StreamingException => StreamingFailed,
        GoogleApiException e => DefinitionOf(e),
        GoogleOperationTimeoutException => GoogleOperationTimeout,
        GoogleCredentialException { Problem: GoogleCredentialProblem.NotFound } => GoogleCredentialNotFound,
        GoogleCredentialException => GoogleCredentialUnusable,
        _ => UnexpectedError,
    };

    private static ErrorDefinition DefinitionOf(KubernetesApiException e) => e switch
    {
        { IsUnauthorized: true } => KubeUnauthorized,
        { NamespaceMissing: true } or { NamespaceTerminating: true } => NamespaceNotFound,
        { IsQuotaExceeded: true } => QuotaExceeded,
        { IsAdmissionRefused: true } => AdmissionRefused,
        { IsForbidden: true } => KubeForbidden,
        { IsNotFound: true } => KubeNotFound,
        { IsFieldConflict: true } => ApplyConflict,
        { IsAlreadyExists: true } => KubeAlreadyExists,
        { IsConflict: true } => KubeConflict,
        { IsExpired: true } => KubeExpired,
        { IsThrottled: true } => KubeThrottled,
        { IsServerError: true } => KubeServerError,
        { IsInvalid: true } or { StatusCode: System.Net.HttpStatusCode.BadRequest or System.Net.HttpStatusCode.UnsupportedMediaType } => KubeInvalid,
        _ => KubeRequestFailed,
    };

    private static string MessageOf(Exception exception, object? target)
    {
        var text = exception switch
        {
            KubernetesApiException { IsUnauthorized: true } e => $"the server refused the credential of this context's user: {e.Status.Message}",
            // What the plugin says itself is what helps; its last line usually says why it gave up.
            ExecPluginException e when e.Stderr.Trim() is { Length: > 0 } said => $"{e.Message}: {said.Split('\n')[^1].Trim()}",
            _ => exception.Message,
        };
        var where = target is MeshCluster cluster ? cluster.Name : (exception as KubernetesException)?.ContextName;
        // A message that begins with its cluster says it once.
        return where is null || text.StartsWith($"{where}:", StringComparison.Ordinal) ? text : $"{where}: {text}";
    }

    private static string ActionOf(Exception exception, ErrorDefinition definition) => exception switch
    {
        GoogleApiException e => ActionOf(e, definition),
        ExecPluginException { InstallHint: { Length: > 0 } hint } => hint,
        TlsVerificationException { Failure: TlsFailure.NameMismatch, PresentedNames: { Count: > 0 } names } =>
            $"{definition.RecommendedAction} The certificate names: {string.Join(", ", names)}.",
        KubernetesApiException { IsUnauthorized: true, ContextName: { } context } => definition.RecommendedAction.Replace("CONTEXT", context, StringComparison.Ordinal),
        KubernetesApiException { IsForbidden: true, ResourceType: { } type } e => definition.RecommendedAction
            .Replace("VERB", e.Verb, StringComparison.Ordinal).Replace("RESOURCE", type.Plural, StringComparison.Ordinal),
        _ => definition.RecommendedAction,
    };

    private static object? TargetOf(Exception exception) => exception switch
    {
        KubernetesApiException { ResourceType: { } type, Name: { } name } e => new ObjectReference(type.ApiVersion, type.Kind, name, e.Namespace),
        KubeconfigException { Path: { } path } => path,
        GoogleApiException { Resource: { } resource } => resource,
        KubernetesException { ContextName: { } context } => context,
        KubernetesException { Endpoint: { } endpoint } => endpoint,
        _ => null,
    };
}
