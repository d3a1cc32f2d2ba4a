using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using MeshTools.Lab;
using MeshTools.Tests.Lab.Controllers;
using Xunit;

namespace MeshTools.Tests.Lab.Faults;

/// <summary>Quotas that are used up and webhooks that say no, to clients and to controllers.</summary>
public sealed class AdmissionFaultTests
{
    private static readonly ResourceKey App = new("apps", "deployments", "default", "app");

    [Fact]
    public async Task A_quota_refuses_creation_by_apply_and_nothing_else()
    {
        await using var lab = await StoreLab.StartAsync();
        using var http = LabHttp.Admin(lab.Cluster);
        Assert.Equal(HttpStatusCode.Created, await ApplyAsync(http, "old", "1"));
        lab.Cluster.Faults.Add(new Fault(FaultKind.QuotaExceeded) { Resource = "configmaps" });

        Assert.Equal(HttpStatusCode.Forbidden, await ApplyAsync(http, "new", "1"));
        Assert.Equal(HttpStatusCode.OK, await ApplyAsync(http, "old", "2"));
        Assert.Null(lab.Store.Find(new ResourceKey("", "configmaps", "default", "new")));
    }

    [Fact]
    public async Task A_webhook_refuses_what_it_was_told_to_and_as_often()
    {
        await using var lab = await StoreLab.StartAsync();
        using var http = LabHttp.Admin(lab.Cluster);
        lab.Cluster.Faults.Add(new Fault(FaultKind.AdmissionRefused) { Verb = "update", Message = "no changes today", Times = 1 });

        Assert.Equal(HttpStatusCode.Created, await ApplyAsync(http, "a", "1"));
        Assert.Equal(HttpStatusCode.Forbidden, await ApplyAsync(http, "a", "2"));
        Assert.Equal(HttpStatusCode.OK, await ApplyAsync(http, "a", "2"));
    }

    [Fact]
    public async Task Pods_that_cannot_be_made_are_told_of_by_their_sets_and_deployments()
    {
        await using var lab = await StoreLab.StartAsync();
        lab.Cluster.Faults.Add(new Fault(FaultKind.QuotaExceeded) { Resource = "pods" });
        lab.Deploy("app", 1);

        var deployment = await lab.UntilAsync(App, json => StoreLab.Condition(json, "ReplicaFailure") == "FailedCreate");
        Assert.Contains("exceeded quota: lab-quota", deployment.Json.ToJsonString(), StringComparison.Ordinal);
        await Eventually.TrueAsync(() => lab.Store.List("", "events", "default").Items.Any(item =>
            item.Json["reason"]!.GetValue<string>() == "FailedCreate" && item.Json["involvedObject"]!["kind"]!.GetValue<string>() == "ReplicaSet"));
        Assert.Empty(lab.Pods("app"));

        lab.Cluster.Faults.Clear();
        await lab.UntilAsync(App, json => StoreLab.Condition(json, "Progressing") == "NewReplicaSetAvailable" && StoreLab.Condition(json, "ReplicaFailure") is null);
    }

    private static async Task<HttpStatusCode> ApplyAsync(LabHttp http, string name, string value)
    {
        var body = new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = name }, ["data"] = new JsonObject { ["v"] = value },
        };
        using var request = new HttpRequestMessage(HttpMethod.Patch, new Uri($"/api/v1/namespaces/default/configmaps/{name}?fieldManager=t", UriKind.Relative))
        {
            Content = new StringContent(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/apply-patch+yaml")),
        };
        using var response = await http.Client.SendAsync(request);
        return response.StatusCode;
    }
}
