using System.Net;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Tests.Discovery;
using Xunit;
using static MeshTools.Errors.MeshErrorCategory;

namespace MeshTools.Tests.Errors;

public sealed class ErrorCatalogTests
{
    /// <summary>Ids are what scripts go by: one that is here may never go or change; new ones are added.</summary>
    private static readonly string[] s_frozen =
    [
        "ApplyConflict", "ClusterIdInvalid", "ContextNotFound", "ControlPlaneNotFound", "CredentialNotHeld", "CredentialUnusable", "DuplicateCluster",
        "DuplicateClusterId", "EndpointUnreachable", "ExecPluginFailed", "ExecPluginNotFound", "ForeignObject", "KubeAlreadyExists", "KubeConflict", "KubeExpired",
        "KubeForbidden", "KubeInvalid", "KubeKindNotServed", "KubeNotFound", "KubeRequestFailed", "KubeServerError", "KubeThrottled", "KubeUnauthorized",
        "KubeconfigInvalid", "KubeconfigNotFound", "LabNotFound", "LabRuntimeNotFound", "LabStartFailed", "LinkFailed", "MeshWaitTimeout", "NamespaceNotFound",
        "PrimaryNotFound", "RemoteSecretForItself", "RemoteSecretNotFound", "RolloutFailed", "ServerInvalid", "SourceClusterUnknown", "StreamingFailed", "TlsExpired",
        "TlsNameMismatch", "TlsUntrusted", "TokenNotIssued", "TooFewClusters", "UnexpectedError", "ValueNotShareable", "YamlInvalid",
    ];

    public static TheoryData<string, Exception, MeshErrorCategory> Exceptions => new()
    {
        { "KubeUnauthorized", Api(401, "Unauthorized"), AuthenticationError },
        { "KubeForbidden", Api(403, "Forbidden"), PermissionDenied },
        { "QuotaExceeded", Api(403, "Forbidden", message: "pods \"a\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1"), LimitsExceeded },
        { "AdmissionRefused", Api(403, "Forbidden", message: "admission webhook \"a.b\" denied the request: no"), InvalidOperation },
        { "AdmissionRefused", Api(400, "BadRequest", message: "admission webhook \"a.b\" denied the request: no"), InvalidOperation },
        { "AdmissionRefused", Api(422, "Invalid", message: "services \"s\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no"), InvalidOperation },
        { "NamespaceNotFound", Api(403, "Forbidden", cause: new StatusCause("NamespaceTerminating", "", "")), ObjectNotFound },
        { "NamespaceNotFound", Api(404, "NotFound", kind: "namespaces", name: "ns"), ObjectNotFound },
        { "KubeNotFound", Api(404, "NotFound", kind: "secrets", name: "s"), ObjectNotFound },
        { "KubeNotFound", Api(404, ""), ObjectNotFound },
        { "KubeAlreadyExists", Api(409, "AlreadyExists"), ResourceExists },
        { "ApplyConflict", Api(409, "Conflict", cause: new StatusCause("FieldManagerConflict", "conflict with \"helm\" using v1", ".data.c2")), ResourceBusy },
        { "KubeConflict", Api(409, "Conflict"), ResourceBusy },
        { "KubeExpired", Api(410, "Expired"), InvalidResult },
        { "KubeThrottled", Api(429, "TooManyRequests"), LimitsExceeded },
        { "KubeServerError", Api(500, "InternalError"), ResourceUnavailable },
        { "KubeServerError", Api(503, "ServiceUnavailable"), ResourceUnavailable },
        { "KubeInvalid", Api(422, "Invalid"), InvalidData },
        { "KubeInvalid", Api(400, "BadRequest"), InvalidData },
        { "KubeInvalid", Api(415, "UnsupportedMediaType"), InvalidData },
        { "KubeRequestFailed", Api(405, "MethodNotAllowed"), InvalidResult },
        { "KubeKindNotServed", new KindNotServedException("x/v1", "X"), NotInstalled },
        { "EndpointUnreachable", new EndpointUnreachableException(UnreachableKind.ConnectionRefused, "refused"), ConnectionError },
        { "TlsNameMismatch", new TlsVerificationException(TlsFailure.NameMismatch, "m"), SecurityError },
        { "TlsUntrusted", new TlsVerificationException(TlsFailure.UntrustedChain, "m"), SecurityError },
        { "TlsUntrusted", new TlsVerificationException(TlsFailure.Other, "m"), SecurityError },
        { "TlsExpired", new TlsVerificationException(TlsFailure.Expired, "m"), SecurityError },
        { "ExecPluginNotFound", new ExecPluginException("p", ExecPluginProblem.NotFound, "m"), NotInstalled },
        { "ExecPluginFailed", new ExecPluginException("p", ExecPluginProblem.Failed, "m"), AuthenticationError },
        { "ExecPluginFailed", new ExecPluginException("p", ExecPluginProblem.NotInteractive, "m"), AuthenticationError },
        { "CredentialUnusable", new CredentialException("m"), AuthenticationError },
        { "KubeconfigNotFound", new KubeconfigException(KubeconfigProblem.NotFound, "m"), ObjectNotFound },
        { "KubeconfigNotFound", new KubeconfigException(KubeconfigProblem.Unreadable, "m"), ObjectNotFound },
        { "KubeconfigInvalid", new KubeconfigException(KubeconfigProblem.Syntax, "m"), ParserError },
        { "KubeconfigInvalid", new KubeconfigException(KubeconfigProblem.Invalid, "m"), ParserError },
        { "ContextNotFound", new KubeconfigException(KubeconfigProblem.ContextNotFound, "m"), ObjectNotFound },
        { "MeshWaitTimeout", new WaitTimeoutException(new ObjectReference("v1", "Pod", "p", "n"), "m", null, []), OperationTimeout },
        { "StreamingFailed", new StreamingException("m"), ConnectionError },
        { "TooFewClusters", new MeshException(ErrorCatalog.TooFewClusters, "m"), InvalidArgument },
        { "UnexpectedError", new InvalidOperationException("m"), NotSpecified },
        { "KubeForbidden", new AggregateException(Api(403, "Forbidden")), PermissionDenied },
    };

    [Theory]
    [MemberData(nameof(Exceptions))]
    public void Every_kind_of_exception_has_an_id_and_a_category(string id, Exception exception, MeshErrorCategory category)
    {
        var cluster = KubeconfigClusters.One("c1", "https://c1.example");
        var error = ErrorCatalog.Describe(exception, cluster);
        Assert.Equal((id, category), (error.Id, error.Category));
        Assert.Same(cluster, error.Target);
        Assert.NotEmpty(error.RecommendedAction);
        if (exception is KubernetesException)
            Assert.StartsWith("c1: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_are_frozen() => Assert.Equal(s_frozen, ErrorCatalog.All.Select(definition => definition.Id).Intersect(s_frozen, StringComparer.Ordinal));

    [Fact]
    public void Every_entry_has_meaning_and_action() => Assert.All(ErrorCatalog.All, definition =>
    {
        Assert.Matches(@"^[A-Z].*\.$", definition.Meaning);
        Assert.Matches(@"^[A-Z].*\.$", definition.RecommendedAction);
    });

    [Fact]
    public void Ids_are_unique_and_named_after_their_property() =>
        Assert.Equal(
            typeof(ErrorCatalog).GetProperties().Where(p => p.PropertyType == typeof(ErrorDefinition)).Select(p => p.Name).Order(StringComparer.Ordinal),
            ErrorCatalog.All.Select(definition => definition.Id));

    [Fact]
    public void A_cluster_is_named_once()
    {
        var cluster = KubeconfigClusters.One("c1", "https://c1.example");
        Assert.Equal("c1: no istiod", ErrorCatalog.Describe(new StreamingException("c1: no istiod"), cluster).Message);
    }

    [Fact]
    public void Without_a_target_the_object_is_it() => Assert.Equal(
        new ObjectReference("v1", "Secret", "s", "ns"),
        ErrorCatalog.Describe(new KubernetesApiException(HttpStatusCode.Forbidden, new Status(403, "Forbidden", "m")) { ResourceType = ResourceTypes.Secret, Namespace = "ns", Name = "s", Verb = "get" }).Target);

    [Fact]
    public void Actions_name_what_is_known()
    {
        var forbidden = new KubernetesApiException(HttpStatusCode.Forbidden, new Status(403, "Forbidden", "m")) { ResourceType = ResourceTypes.Secret, Verb = "list" };
        Assert.Contains("can-i list secrets", ErrorCatalog.Describe(forbidden).RecommendedAction, StringComparison.Ordinal);
        var unauthorized = new KubernetesApiException(HttpStatusCode.Unauthorized, new Status(401, "Unauthorized", "m")) { ContextName = "c1" };
        Assert.Contains("--context c1", ErrorCatalog.Describe(unauthorized).RecommendedAction, StringComparison.Ordinal);
        var plugin = new ExecPluginException("p", ExecPluginProblem.NotFound, "m") { InstallHint = "install p from there" };
        Assert.Equal("install p from there", ErrorCatalog.Describe(plugin).RecommendedAction);
        var name = new TlsVerificationException(TlsFailure.NameMismatch, "m") { PresentedNames = ["a.example", "b.example"] };
        Assert.Contains("a.example, b.example", ErrorCatalog.Describe(name).RecommendedAction, StringComparison.Ordinal);
    }

    private static KubernetesApiException Api(int code, string reason, string? kind = null, string? name = null, StatusCause? cause = null, string message = "message") =>
        new((HttpStatusCode)code, new Status(code, reason, message) { Kind = kind, Name = name, Causes = cause is null ? [] : [cause] }) { Namespace = "ns" };
}
