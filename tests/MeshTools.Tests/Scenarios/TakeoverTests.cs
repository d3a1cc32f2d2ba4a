using System.Text;
using System.Text.Json.Nodes;
using MeshTools.Discovery;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using Xunit;

namespace MeshTools.Tests.Scenarios;

/// <summary>Remote secrets that another tool made.</summary>
public sealed class TakeoverTests
{
    private const string Name = "istio-remote-secret-lab-2";

    /// <summary>Puts a remote secret for lab-2 into lab-1 as <c>istioctl create-remote-secret | kubectl apply</c> does.</summary>
    private static async Task InstallAsync(LabMesh mesh, string server, string token)
    {
        var authority = Convert.ToBase64String(Encoding.UTF8.GetBytes(mesh[2].CertificateAuthorityPem));
        var kubeconfig = $$"""
            apiVersion: v1
            clusters:
            - cluster:
                certificate-authority-data: {{authority}}
                server: {{server}}
              name: lab-2
            contexts:
            - context:
                cluster: lab-2
                user: lab-2
              name: lab-2
            current-context: lab-2
            kind: Config
            preferences: {}
            users:
            - name: lab-2
              user:
                token: {{token}}

            """;
        var secret = KubernetesObject.Create("v1", "Secret", Name, LabMesh.Namespace);
        secret.Json["metadata"]!["labels"] = new JsonObject { [RemoteSecret.Label] = "true" };
        secret.Json["metadata"]!["annotations"] = new JsonObject { [RemoteSecret.ClusterAnnotation] = "lab-2" };
        secret.Json["stringData"] = new JsonObject { ["lab-2"] = kubeconfig };
        await mesh.Client(1).CreateAsync(secret, new WriteOptions { FieldManager = "kubectl-client-side-apply" });
    }

    /// <summary>lab-2 has been read before, so its token is there.</summary>
    private static async Task<string> TokenAsync(LabMesh mesh)
    {
        var plan = await RemoteSecretPlan.CreateAsync((await mesh.ProbeAsync())[1], new RemoteSecretOptions(), mesh.Log, thorough: false, CancellationToken.None);
        await plan.ExecuteAsync(mesh.Log, CancellationToken.None);
        return mesh.Text(2, LabMesh.TokenSecret, "token");
    }

    private static EndpointDiscoveryLink Taken(IEnumerable<EndpointDiscoveryLink> links) => links.Single(link => link.Reader.Name == "lab-1");

    [Fact]
    public async Task The_same_in_another_form_is_left_as_it_is()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        await InstallAsync(mesh, mesh[2].Server.ToString(), await TokenAsync(mesh));
        var version = mesh.Find(1, "secrets", Name)!.Json["metadata"]!["resourceVersion"]!.GetValue<string>();
        var links = await mesh.EnableAsync(new EndpointDiscoveryOptions { Wait = true, Timeout = TimeSpan.FromSeconds(60) });
        Assert.Empty(mesh.Log.Failures);
        Assert.Equal((ChangeOutcome.Unchanged, "synced"), (Taken(links).Change, Taken(links).SyncStatus));
        Assert.Equal(version, mesh.Find(1, "secrets", Name)!.Json["metadata"]!["resourceVersion"]!.GetValue<string>());
    }

    [Fact]
    public async Task Another_content_is_a_conflict_that_names_the_manager_until_it_is_taken_over()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        await InstallAsync(mesh, "https://192.0.2.1:6443", "stale");
        var links = await mesh.EnableAsync();
        var link = Taken(links);
        Assert.Equal(ChangeOutcome.Failed, link.Change);
        var failure = Assert.Single(mesh.Log.Failures);
        var error = ErrorCatalog.Describe(failure.Error, failure.Target);
        Assert.Equal((ErrorCatalog.ApplyConflict, MeshErrorCategory.ResourceBusy), (error.Definition, error.Category));
        Assert.Equal(link, error.Target);
        Assert.Contains("kubectl-client-side-apply", link.Reason, StringComparison.Ordinal);
        Assert.Contains("-ForceConflicts", error.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains("stale", mesh.Text(1, Name, "lab-2"), StringComparison.Ordinal);
        Assert.Equal(ChangeOutcome.Created, links.Single(other => other.Reader.Name == "lab-2").Change);

        var again = new RecordedLog();
        links = await mesh.EnableAsync(new EndpointDiscoveryOptions { ForceConflicts = true, Wait = true, Timeout = TimeSpan.FromSeconds(60) }, again);
        Assert.Empty(again.Failures);
        Assert.Equal((ChangeOutcome.Updated, "synced"), (Taken(links).Change, Taken(links).SyncStatus));
        mesh.AssertNothingLeaked(links);
    }
}
