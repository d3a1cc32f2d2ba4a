using System.Security.Cryptography.X509Certificates;
using System.Text;
using MeshTools.Lab;
using MeshTools.Tests.Lab.ControlPlane;
using Xunit;

namespace MeshTools.Tests.Lab.Trust;

public sealed class IstiodAuthorityTests
{
    private static readonly ResourceKey SelfSigned = new("", "secrets", "istio-system", "istio-ca-secret");

    [Fact]
    public async Task A_shared_root_comes_about_by_an_intermediate_in_each_cluster()
    {
        await using var lab = await MeshLab.StartAsync(2);
        foreach (var cluster in lab.Clusters)
        {
            var data = cluster.Store.Get(PluggedIn.Secret).Json["data"]!.AsObject();
            Assert.Equal(["ca-cert.pem", "ca-key.pem", "cert-chain.pem", "root-cert.pem"], data.Select(field => field.Key).Order(StringComparer.Ordinal));
            using var signer = X509Certificate2.CreateFromPem(Encoding.UTF8.GetString(Convert.FromBase64String(data["ca-cert.pem"]!.GetValue<string>())));
            Assert.Equal($"L={cluster.Name}, CN=Intermediate CA, O=Istio", signer.Subject);
            Assert.Null(cluster.Store.Find(SelfSigned));
        }

        Assert.Equal(lab.Clusters[0].MeshRootPem, lab.Clusters[1].MeshRootPem);
        Assert.StartsWith("-----BEGIN CERTIFICATE-----", lab.Clusters[0].MeshRootPem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_cacerts_each_istiod_makes_a_root_and_keeps_it_over_restarts()
    {
        await using var lab = await MeshLab.StartAsync(2, options => options with { SharedTrust = false });
        var cluster = lab.Clusters[0];
        var secret = cluster.Store.Get(SelfSigned);
        Assert.Equal("istio.io/ca-root", secret.Json["type"]!.GetValue<string>());
        using var root = X509Certificate2.CreateFromPem(cluster.MeshRootPem);
        Assert.Equal("O=cluster.local", root.Subject);
        Assert.NotEqual(cluster.MeshRootPem, lab.Clusters[1].MeshRootPem);

        await PluggedIn.RestartAsync(cluster);

        Assert.Equal(secret.ResourceVersion, cluster.Store.Get(SelfSigned).ResourceVersion);
        await PluggedIn.PublishedAsync(cluster, Encoding.UTF8.GetString(Convert.FromBase64String(secret.Json["data"]!["ca-cert.pem"]!.GetValue<string>())));
    }

    [Fact]
    public async Task Cacerts_made_after_the_start_is_not_seen_until_a_restart()
    {
        await using var lab = await MeshLab.StartAsync(1, options => options with { SharedTrust = false });
        var cluster = lab.Clusters[0];
        var own = cluster.MeshRootPem;
        using var root = CertificateAuthority.Create("Root CA", "Istio");
        PluggedIn.Write(cluster, PluggedIn.Files(root, "lab-1"));

        // A namespace that is made later shows which root istiod publishes then.
        MakeNamespace(cluster, "later");
        await Eventually.TrueAsync(() => PluggedIn.PublishedRoot(cluster, "later") is not null);
        Assert.Equal(own, PluggedIn.PublishedRoot(cluster, "later"));

        await PluggedIn.RestartAsync(cluster);
        await PluggedIn.PublishedAsync(cluster, root.CertificatePem);
    }

    [Fact]
    public async Task A_new_intermediate_of_the_same_root_is_taken_up_while_istiod_runs()
    {
        using var root = CertificateAuthority.Create("Root CA", "Istio");
        await using var lab = await MeshLab.StartAsync(1);
        var cluster = lab.Clusters[0];
        PluggedIn.Write(cluster, PluggedIn.Files(root, "lab-1"));
        await MeshLab.LogAsync(cluster, "Multi root is disabled, updating new ROOT-CA not supported");
        Assert.NotEqual(root.CertificatePem, cluster.MeshRootPem);

        await PluggedIn.RestartAsync(cluster);
        PluggedIn.Write(cluster, PluggedIn.Files(root, "lab-1"));

        await MeshLab.LogAsync(cluster, "Istiod has detected the newly added intermediate CA and updated its key and certs accordingly");
        await PluggedIn.PublishedAsync(cluster, root.CertificatePem);
    }

    [Fact]
    public async Task A_combined_root_is_published_as_it_is()
    {
        using var old = CertificateAuthority.Create("Old", "Istio");
        using var next = CertificateAuthority.Create("New", "Istio");
        await using var lab = await MeshLab.StartAsync(1);
        var cluster = lab.Clusters[0];
        PluggedIn.Write(cluster, PluggedIn.Files(old, "lab-1", next));

        await PluggedIn.RestartAsync(cluster);

        await PluggedIn.PublishedAsync(cluster, old.CertificatePem + next.CertificatePem);
        Assert.Equal(cluster.MeshRootPem, PluggedIn.PublishedRoot(cluster, "istio-system"));
    }

    [Fact]
    public async Task With_several_roots_allowed_a_running_istiod_adds_a_root()
    {
        using var old = CertificateAuthority.Create("Old", "Istio");
        using var next = CertificateAuthority.Create("New", "Istio");
        await using var lab = await MeshLab.StartAsync(1);
        var cluster = lab.Clusters[0];
        PluggedIn.Write(cluster, PluggedIn.Files(old, "lab-1"));
        cluster.Store.Mutate(
            new ResourceKey("apps", "deployments", "istio-system", "istiod"),
            json =>
            {
                json["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray().Add(
                    new System.Text.Json.Nodes.JsonObject { ["name"] = "ISTIO_MULTIROOT_MESH", ["value"] = "true" });
                return json;
            },
            "test");
        await PluggedIn.PublishedAsync(cluster, old.CertificatePem);

        var combined = PluggedIn.Files(old, "lab-1", next);
        PluggedIn.Write(cluster, combined);

        await PluggedIn.PublishedAsync(cluster, combined["root-cert.pem"]);
    }

    [Theory]
    [InlineData("missing", "incomplete signing CA bundle detected")]
    [InlineData("swapped-key", "the cert does not match the key")]
    [InlineData("other-root", "x509: certificate signed by unknown authority")]
    [InlineData("no-pem", "failed to parse cert PEM")]
    [InlineData("bad-key", "failed to parse private key PEM")]
    public async Task Bad_cacerts_keep_istiod_from_starting_until_they_are_mended(string fault, string reason)
    {
        using var root = CertificateAuthority.Create("Root CA", "Istio");
        using var other = CertificateAuthority.Create("Root CA", "Istio");
        await using var lab = await MeshLab.StartAsync(1, options => options with { RestartDelay = TimeSpan.FromMilliseconds(50) });
        var cluster = lab.Clusters[0];
        var published = cluster.MeshRootPem;
        var files = PluggedIn.Files(root, "lab-1");
        var good = new Dictionary<string, string>(files, StringComparer.Ordinal);
        switch (fault)
        {
            case "missing":
                files.Remove("cert-chain.pem");
                break;
            case "swapped-key":
                files["ca-key.pem"] = other.KeyPem;
                break;
            case "other-root":
                files["root-cert.pem"] = other.CertificatePem;
                files["cert-chain.pem"] = files["ca-cert.pem"];
                break;
            case "no-pem":
                files["ca-cert.pem"] = "nothing";
                break;
            default:
                files["ca-key.pem"] = "nothing";
                break;
        }

        PluggedIn.Write(cluster, files);
        PluggedIn.Touch(cluster, new ResourceKey("apps", "deployments", "istio-system", "istiod"));

        await MeshLab.LogAsync(cluster, reason);
        await Eventually.TrueAsync(() => MeshLab.IstiodPods(cluster).Exists(pod =>
            pod.Json["status"]?["containerStatuses"]?[0]?["state"]?["waiting"]?["reason"]?.GetValue<string>() == "CrashLoopBackOff"));
        Assert.Contains(cluster.IstiodLog(), line => line.Contains("error\tfailed to create discovery service: failed to create CA", StringComparison.Ordinal));

        // The roll-out waits, and what was there goes on.
        Assert.Equal(2, MeshLab.IstiodPods(cluster).Count);
        Assert.Equal(published, PluggedIn.PublishedRoot(cluster));

        PluggedIn.Write(cluster, good);
        await PluggedIn.PublishedAsync(cluster, root.CertificatePem);
        await Eventually.TrueAsync(() => MeshLab.IstiodPods(cluster) is [var only] && PluggedIn.Stage(only) == "True");
    }

    [Fact]
    public async Task Webhooks_are_given_the_root_that_is_published()
    {
        using var root = CertificateAuthority.Create("Root CA", "Istio");
        await using var lab = await MeshLab.StartAsync(1);
        var cluster = lab.Clusters[0];
        PluggedIn.Write(cluster, PluggedIn.Files(root, "lab-1"));
        await PluggedIn.RestartAsync(cluster);

        var bundle = Convert.ToBase64String(Encoding.UTF8.GetBytes(root.CertificatePem));
        await Eventually.TrueAsync(() => cluster.Store.List("admissionregistration.k8s.io", "mutatingwebhookconfigurations").Items
            .SelectMany(item => item.Json["webhooks"]!.AsArray()).All(hook => hook!["clientConfig"]!["caBundle"]?.GetValue<string>() == bundle));
    }

    [Fact]
    public async Task Metrics_say_when_the_certificates_expire()
    {
        await using var lab = await MeshLab.StartAsync(1);
        using var root = X509Certificate2.CreateFromPem(lab.Clusters[0].MeshRootPem);

        var metrics = (await MeshLab.DebugAsync(lab.Clusters[0], "/metrics")).Body;

        Assert.Contains(
            FormattableString.Invariant($"citadel_server_root_cert_expiry_timestamp {new DateTimeOffset(root.NotAfter.ToUniversalTime()).ToUnixTimeSeconds()}\n"),
            metrics,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Istiod_is_not_ready_before_its_remote_clusters_were_waited_for()
    {
        await using var lab = await MeshLab.StartAsync(2, options => options with { RemoteTimeout = TimeSpan.FromSeconds(15) });
        var cluster = lab.Clusters[0];
        await MeshLab.LinkAsync(cluster, lab.Clusters[1]);
        await MeshLab.UntilAsync(cluster, "lab-2", "synced");
        await lab.Clusters[1].StopListeningAsync();
        var first = Assert.Single(MeshLab.IstiodPods(cluster)).Uid;

        PluggedIn.Touch(cluster, new ResourceKey("apps", "deployments", "istio-system", "istiod"));

        await Eventually.TrueAsync(() => cluster.RemoteStatus().Any(remote => remote.Status == "syncing"));
        var waiting = MeshLab.IstiodPods(cluster).Single(pod => pod.Uid != first);
        Assert.NotEqual("True", PluggedIn.Stage(waiting));

        await lab.Clusters[1].StartListeningAsync();
        await Eventually.TrueAsync(() => MeshLab.IstiodPods(cluster) is [var only] && only.Uid == waiting.Uid && PluggedIn.Stage(only) == "True");
    }

    private static void MakeNamespace(LabCluster cluster, string name) => cluster.Store.Create(
        new ResourceKey("", "namespaces", null, name),
        new System.Text.Json.Nodes.JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace" },
        "test");
}
