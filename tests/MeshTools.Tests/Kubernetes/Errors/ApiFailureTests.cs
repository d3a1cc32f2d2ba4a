using System.Net;
using System.Text;
using MeshTools.Kubernetes;
using Xunit;

namespace MeshTools.Tests.Kubernetes;

/// <summary>Answers as kube-apiserver 1.36 was recorded to give them.</summary>
public class ApiFailureTests
{
    private static readonly ClientConfiguration s_configuration = new() { Server = new Uri("https://h"), ContextName = "ctx" };

    private static KubernetesException Failure(int code, string body, ResourceType? type = null, string? ns = "wire", string? name = "a") =>
        ApiFailure.From(
            s_configuration,
            new ApiRequest { Method = HttpMethod.Get, PathAndQuery = "/", Verb = "get", ResourceType = type ?? ResourceTypes.ConfigMap, Namespace = ns, Name = name },
            (HttpStatusCode)code, Encoding.UTF8.GetBytes(body), retryAfter: null, location: null);

    private static KubernetesApiException Api(int code, string body) => Assert.IsType<KubernetesApiException>(Failure(code, body));

    [Fact]
    public void A_field_conflict_names_manager_and_field()
    {
        var error = Api(409, """
            {"kind":"Status","apiVersion":"v1","status":"Failure","message":"Apply failed with 2 conflicts","reason":"Conflict","code":409,"details":{"causes":[
            {"reason":"FieldManagerConflict","message":"conflict with \"meshtools\"","field":".data.k"},
            {"reason":"FieldManagerConflict","message":"conflict with \"kubectl \\\"x\\\"\" using apps/v1 at 2026-11-20T21:57:48Z","field":".spec.replicas"}]}}
            """);
        Assert.True(error.IsConflict && error.IsFieldConflict && !error.IsAlreadyExists);
        Assert.Equal([new FieldConflict("meshtools", ".data.k"), new FieldConflict("kubectl \"x\"", ".spec.replicas")], error.FieldConflicts);
        Assert.Equal(("ctx", new Uri("https://h"), "get", "wire", "a"), (error.ContextName, error.Endpoint, error.Verb, error.Namespace, error.Name));
    }

    [Fact]
    public void A_missing_object_and_a_missing_namespace_are_told_apart()
    {
        var missing = Api(404, """{"kind":"Status","status":"Failure","message":"configmaps \"a\" not found","reason":"NotFound","details":{"name":"a","kind":"configmaps"},"code":404}""");
        Assert.True(missing.IsNotFound && !missing.NamespaceMissing);
        var homeless = Api(404, """{"kind":"Status","status":"Failure","message":"namespaces \"wire\" not found","reason":"NotFound","details":{"name":"wire","kind":"namespaces"},"code":404}""");
        Assert.True(homeless.NamespaceMissing);
    }

    [Theory]
    [InlineData("404 page not found\n")]
    [InlineData("""{"kind":"Status","status":"Failure","message":"the server could not find the requested resource","reason":"NotFound","details":{},"code":404}""")]
    public void A_kind_that_is_not_served_is_not_a_missing_object(string body)
    {
        var error = Assert.IsType<KindNotServedException>(Failure(404, body, new ResourceType("networking.istio.io", "v1", "Gateway", "gateways", true)));
        Assert.Equal(("gateways.v1.networking.istio.io", "ctx"), (error.Kind, error.ContextName));
        Assert.IsType<KubernetesApiException>(error.InnerException);
    }

    [Fact]
    public void Forbidden_names_the_user()
    {
        var error = Api(403, """{"kind":"Status","status":"Failure","message":"secrets is forbidden: User \"system:serviceaccount:wire:r\" cannot list resource \"secrets\"","reason":"Forbidden","details":{"kind":"secrets"},"code":403}""");
        Assert.True(error.IsForbidden && !error.NamespaceTerminating);
        Assert.Equal("system:serviceaccount:wire:r", error.User);
    }

    [Fact]
    public void A_terminating_namespace_is_recognized() => Assert.True(Api(403, """
        {"kind":"Status","status":"Failure","message":"configmaps \"late\" is forbidden","reason":"Forbidden","details":{"name":"late","kind":"configmaps","causes":[
        {"reason":"NamespaceTerminating","message":"namespace wire is being terminated","field":"metadata.namespace"}]},"code":403}
        """).NamespaceTerminating);

    [Fact]
    public void Invalid_has_its_causes()
    {
        var error = Api(422, """{"kind":"Status","status":"Failure","message":"m","reason":"Invalid","details":{"name":"Bad_Name","group":"apps","kind":"Deployment","causes":[{"reason":"FieldValueInvalid","message":"why","field":"metadata.name"}]},"code":422}""");
        Assert.True(error.IsInvalid);
        Assert.Equal([new StatusCause("FieldValueInvalid", "why", "metadata.name")], error.Status.Causes);
        Assert.Equal(("Bad_Name", "apps", "Deployment"), (error.Status.Name, error.Status.Group, error.Status.Kind));
    }

    [Fact]
    public void A_server_error_without_a_reason_keeps_its_message()
    {
        var error = Api(500, """{"kind":"Status","status":"Failure","message":"failed to create typed patch object (wire/b; /v1, Kind=ConfigMap): .dta: field not declared in schema","code":500}""");
        Assert.True(error.IsServerError);
        Assert.Contains(".dta: field not declared", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, "<html>\u001b[31mno</html>", "Unauthorized")]
    [InlineData(410, "", "Gone")]
    [InlineData(502, "bad gateway", "")]
    public void What_is_no_status_becomes_one(int code, string body, string reason)
    {
        var error = Api(code, body);
        Assert.Equal((reason, code), (error.Status.Reason, error.Status.Code));
        Assert.DoesNotContain("\u001b", error.Message, StringComparison.Ordinal);
        Assert.Null(error.Status.Raw);
    }

    [Fact]
    public void Retry_after_comes_from_the_details_too() => Assert.Equal(
        TimeSpan.FromSeconds(3),
        Api(429, """{"kind":"Status","status":"Failure","message":"m","reason":"TooManyRequests","details":{"retryAfterSeconds":3},"code":429}""").Status.RetryAfter);
}
