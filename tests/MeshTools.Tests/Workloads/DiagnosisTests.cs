using System.Text.Json.Nodes;
using MeshTools.Kubernetes;
using MeshTools.Workloads;
using Xunit;

namespace MeshTools.Tests.Workloads;

/// <summary>What statuses and events of clusters are taken for; the texts are those of kubelets and controllers.</summary>
public sealed class DiagnosisTests
{
    private static readonly KubernetesObject s_deployment = Parse("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"app","namespace":"shop","uid":"d"},"spec":{"replicas":1}}""");

    private static readonly KubernetesObject s_set = Parse("""
        {"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"app-1","namespace":"shop","uid":"r","ownerReferences":[{"uid":"d"}],"annotations":{"deployment.kubernetes.io/revision":"2"}}}
        """);

    private static readonly KubernetesObject s_old = Parse("""
        {"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"app-0","namespace":"shop","uid":"o","ownerReferences":[{"uid":"d"}],"annotations":{"deployment.kubernetes.io/revision":"1"}},
         "status":{"conditions":[{"type":"ReplicaFailure","status":"True","reason":"FailedCreate","message":"pods \"x\" is forbidden: exceeded quota: old"}]}}
        """);

    [Theory]
    [InlineData("pods \"app-1-x\" is forbidden: exceeded quota: compute, requested: cpu=100m, used: cpu=2, limited: cpu=2", WorkloadProblemKind.QuotaExceeded)]
    [InlineData("pods \"app-1-x\" is forbidden: failed quota: compute: must specify limits.cpu for: main", WorkloadProblemKind.QuotaExceeded)]
    [InlineData("admission webhook \"policy.example\" denied the request: no latest tags", WorkloadProblemKind.AdmissionRefused)]
    [InlineData("pods \"app-1-x\" is forbidden: violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false", WorkloadProblemKind.AdmissionRefused)]
    [InlineData("Internal error occurred: failed calling webhook \"namespace.sidecar-injector.istio.io\": failed to call webhook: context deadline exceeded", WorkloadProblemKind.AdmissionRefused)]
    [InlineData("error looking up service account shop/app: serviceaccount \"app\" not found", WorkloadProblemKind.PodCreationFailed)]
    public void Pods_that_are_not_made_have_a_reason(string message, WorkloadProblemKind kind)
    {
        var set = s_set.Clone();
        set.Json["status"] = new JsonObject
        {
            ["conditions"] = new JsonArray(new JsonObject { ["type"] = "ReplicaFailure", ["status"] = "True", ["message"] = message }),
        };

        var problem = Assert.Single(WorkloadDiagnosis.Of(WorkloadState.From(s_deployment, [s_old, set], [], []), injected: false));

        Assert.Equal(kind, problem.Kind);
        Assert.EndsWith(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_several_reasons_the_latest_counts_and_not_the_one_that_a_ReplicaSet_keeps()
    {
        var set = s_set.Clone();
        set.Json["status"] = JsonNode.Parse("""{"conditions":[{"type":"ReplicaFailure","status":"True","reason":"FailedCreate","message":"error looking up service account shop/app: serviceaccount \"app\" not found"}]}""");
        var told = Parse("""
            {"apiVersion":"v1","kind":"Event","metadata":{"name":"e","namespace":"shop"},"involvedObject":{"uid":"r"},"type":"Warning","reason":"FailedCreate","lastTimestamp":"2026-01-01T00:00:09Z",
             "message":"(combined from similar events): Error creating: pods \"app-1-x\" is forbidden: exceeded quota: compute"}
            """);

        var problem = Assert.Single(WorkloadDiagnosis.Of(WorkloadState.From(s_deployment, [set], [], [told]), injected: false));

        Assert.Equal(WorkloadProblemKind.QuotaExceeded, problem.Kind);
        Assert.Contains(": pods \"app-1-x\"", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_older_template_and_a_pod_on_its_way_out_do_not_count()
    {
        var leaving = Pod("b", """{"name":"main","state":{"waiting":{"reason":"ImagePullBackOff"}}}""");
        leaving.Json["metadata"]!["deletionTimestamp"] = "2026-01-01T00:00:00Z";
        var older = Pod("c", """{"name":"main","state":{"waiting":{"reason":"ImagePullBackOff"}}}""", owner: "o");

        Assert.Empty(WorkloadDiagnosis.Of(WorkloadState.From(s_deployment, [s_old, s_set], [leaving, older], []), injected: false));
    }

    [Fact]
    public void Pods_that_fail_alike_are_one_problem()
    {
        const string Waiting = """{"name":"main","state":{"waiting":{"reason":"ErrImagePull","message":"rpc error: code = NotFound desc = example/app:9: not found"}}}""";

        var problem = Assert.Single(WorkloadDiagnosis.Of(WorkloadState.From(s_deployment, [s_set], [Pod("app-1-xx4fz", Waiting), Pod("app-1-8kq2w", Waiting)], []), injected: false));

        Assert.Equal((WorkloadProblemKind.ImagePull, "main", "example/app:1"), (problem.Kind, problem.Container, problem.Image));
        Assert.Equal("container main cannot pull image example/app:1: rpc error: code = NotFound desc = example/app:9: not found", problem.Message);
    }

    [Fact]
    public void A_backoff_without_a_reason_takes_the_words_of_the_failed_pull()
    {
        var pod = Pod("a", """{"name":"main","state":{"waiting":{"reason":"ImagePullBackOff","message":"Back-off pulling image \"example/app:1\""}}}""");
        var pull = Event("a", "Failed", "Failed to pull image \"example/app:1\": toomanyrequests: You have reached your pull rate limit");

        var problem = Assert.Single(WorkloadDiagnosis.Of(WorkloadState.From(s_deployment, [s_set], [pod], [pull]), injected: false));

        Assert.Contains("toomanyrequests", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name":"main","state":{"waiting":{"reason":"CrashLoopBackOff"}},"lastState":{"terminated":{"exitCode":137,"reason":"OOMKilled"}}}""", WorkloadProblemKind.CrashLoop, "exit code 137 (OOMKilled)")]
    [InlineData("""{"name":"main","state":{"waiting":{"reason":"CreateContainerConfigError","message":"secret \"db\" not found"}}}""", WorkloadProblemKind.StartFailed, "secret \"db\" not found")]
    [InlineData("""{"name":"main","ready":false,"state":{"running":{}}}""", WorkloadProblemKind.NotReady, "Readiness probe failed: HTTP probe failed with statuscode: 503")]
    [InlineData("""{"name":"main","state":{"waiting":{"reason":"ContainerCreating"}}}""", WorkloadProblemKind.StartFailed, "configmap \"istio-ca-root-cert\" not found")]
    public void Containers_have_their_own_reasons(string status, WorkloadProblemKind kind, string words)
    {
        var unhealthy = Event("a", kind is WorkloadProblemKind.NotReady ? "Unhealthy" : "FailedMount", kind is WorkloadProblemKind.NotReady
            ? "Readiness probe failed: HTTP probe failed with statuscode: 503"
            : "MountVolume.SetUp failed for volume \"istiod-ca-cert\" : configmap \"istio-ca-root-cert\" not found");

        var problem = Assert.Single(WorkloadDiagnosis.Of(WorkloadState.From(s_deployment, [s_set], [Pod("a", status)], [unhealthy]), injected: false));

        Assert.Equal(kind, problem.Kind);
        Assert.Contains(words, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("containers", null, true, 2)]
    [InlineData("initContainers", "Always", true, 2)]
    [InlineData("initContainers", null, false, 1)]
    public void A_proxy_is_a_container_or_a_native_sidecar(string list, string? restart, bool injected, int total)
    {
        var pod = Pod("a", """{"name":"main","ready":true}""");
        pod.Json["metadata"]!["annotations"] = new JsonObject { ["sidecar.istio.io/status"] = """{"revision":"r1"}""" };
        var spec = pod.Json["spec"]!.AsObject();
        spec[list] ??= new JsonArray();
        spec[list]!.AsArray().Add((JsonNode)new JsonObject { ["name"] = "istio-proxy", ["restartPolicy"] = restart });

        Assert.Equal(injected, PodSidecar.IsInjected(pod));
        Assert.Equal("r1", PodSidecar.Revision(pod));
        Assert.Equal((1, total), PodSidecar.Readiness(pod));
    }

    private static KubernetesObject Parse(string json) => new((JsonObject)JsonNode.Parse(json)!);

    private static KubernetesObject Pod(string name, string status, string owner = "r") => Parse($$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{name}}","namespace":"shop","uid":"{{name}}","ownerReferences":[{"uid":"{{owner}}"}]},
         "spec":{"containers":[{"name":"main","image":"example/app:1"}]},"status":{"containerStatuses":[{{status}}]} }
        """);

    private static KubernetesObject Event(string pod, string reason, string message) => Parse(
        new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Event",
            ["metadata"] = new JsonObject { ["name"] = "e" },
            ["involvedObject"] = new JsonObject { ["uid"] = pod },
            ["reason"] = reason,
            ["message"] = message,
        }.ToJsonString());
}
