using System.Text.Json.Nodes;
using MeshTools.Lab;
using MeshTools.Tests.Lab.ControlPlane;
using MeshTools.Tests.Lab.Trust;
using Xunit;

namespace MeshTools.Tests.Lab.Samples;

/// <summary>Calls between clusters: what makes them succeed, and each thing that makes them fail, alone.</summary>
public sealed class CallTests
{
    private const string Failed = "upstream connect error or disconnect/reset before headers. reset reason: ";

    [Fact]
    public async Task Versions_of_all_clusters_take_turns()
    {
        await using var lab = await SampleLab.StartAsync(3);
        foreach (var cluster in lab.Clusters)
        {
            Assert.Equal("v1 v2 v3 v1 v2 v3", await SampleLab.AnswersAsync(cluster, 6));
        }

        var pod = await SampleLab.PodAsync(lab.Clusters[0], "helloworld");
        Assert.Equal($"Hello version: v1, instance: {pod.Key.Name}\n", await SampleLab.HelloAsync(lab.Clusters[1]));
    }

    [Fact]
    public async Task Without_a_link_only_local_pods_answer()
    {
        await using var lab = await SampleLab.StartAsync(2, link: false);
        await MeshLab.LinkAsync(lab.Clusters[0], lab.Clusters[1]);
        await MeshLab.UntilAsync(lab.Clusters[0], "lab-2", "synced");

        Assert.Equal("v1 v2 v1 v2", await SampleLab.AnswersAsync(lab.Clusters[0], 4));
        Assert.Equal("v2 v2", await SampleLab.AnswersAsync(lab.Clusters[1], 2));

        lab.Clusters[0].Store.Delete(new ResourceKey("", "secrets", "istio-system", "istio-remote-secret-lab-2"));
        await Eventually.TrueAsync(() => lab.Clusters[0].RemoteStatus().Count == 0);
        Assert.Equal("v1 v1", await SampleLab.AnswersAsync(lab.Clusters[0], 2));
    }

    [Fact]
    public async Task A_link_whose_token_is_gone_ends_with_the_next_istiod()
    {
        await using var lab = await SampleLab.StartAsync(2, options => options with { RemoteTimeout = TimeSpan.FromMilliseconds(300) });
        var (reader, target) = (lab.Clusters[0], lab.Clusters[1]);
        target.Store.Delete(new ResourceKey("", "secrets", "istio-system", "istio-reader-service-account-istio-remote-secret-token"));
        Assert.Equal("v1 v2", await SampleLab.AnswersAsync(reader, 2));

        await PluggedIn.RestartAsync(reader);

        await MeshLab.UntilAsync(reader, "lab-2", "timeout");
        Assert.Equal("v1 v1", await SampleLab.AnswersAsync(reader, 2));
    }

    [Fact]
    public async Task No_endpoint_anywhere_is_no_healthy_upstream()
    {
        await using var lab = await SampleLab.StartAsync(1);
        SampleLab.Service(lab.Clusters[0], "sample", "empty", 80, "app", "nobody");

        var call = await SampleLab.ExecAsync(lab.Clusters[0], "curl", "-sS", "-w", " %{http_code}", "empty");

        Assert.Equal((0, "no healthy upstream 503", ""), call);
    }

    [Fact]
    public async Task A_service_that_only_another_cluster_has_is_an_unknown_name()
    {
        await using var lab = await SampleLab.StartAsync(2);
        lab.Clusters[0].Store.Delete(new ResourceKey("", "services", "sample", "helloworld"));

        var call = await SampleLab.ExecAsync(lab.Clusters[0], "curl", "-sS", SampleLab.Url);

        Assert.Equal((6, "", "curl: (6) Could not resolve host: helloworld.sample\n"), call);
        Assert.Equal("v2 v2", await SampleLab.AnswersAsync(lab.Clusters[1], 2));
    }

    [Fact]
    public async Task Another_network_is_reached_through_its_gateway()
    {
        await using var lab = await SampleLab.StartAsync(2, options => options with { SharedNetwork = false });
        foreach (var cluster in lab.Clusters)
        {
            await SampleLab.GatewayAsync(cluster);
        }

        await lab.GatewaysKnownAsync(2);

        Assert.Equal("v1 v2 v1 v2", await SampleLab.AnswersAsync(lab.Clusters[0], 4));
        Assert.Equal("v1 v2 v1 v2", await SampleLab.AnswersAsync(lab.Clusters[1], 4));
    }

    [Fact]
    public async Task Without_a_gateway_pod_addresses_of_another_network_time_out()
    {
        await using var lab = await SampleLab.StartAsync(2, options => options with { SharedNetwork = false });
        Assert.Equal($"v1 {Failed}connection timeout", await SampleLab.AnswersAsync(lab.Clusters[0], 2));

        // The same when it was there and goes.
        await SampleLab.GatewayAsync(lab.Clusters[1]);
        await lab.GatewaysKnownAsync(1);
        Assert.Equal("v1 v2", await SampleLab.AnswersAsync(lab.Clusters[0], 2));
        lab.Clusters[1].Store.Delete(new ResourceKey("", "services", "istio-system", "istio-eastwestgateway"));
        await lab.GatewaysKnownAsync(0);
        Assert.Equal($"v1 {Failed}connection timeout", await SampleLab.AnswersAsync(lab.Clusters[0], 2));
    }

    [Fact]
    public async Task A_gateway_without_an_address_is_none()
    {
        await using var lab = await SampleLab.StartAsync(2, options => options with { SharedNetwork = false, LoadBalancers = LoadBalancing.Never });
        SampleLab.Service(lab.Clusters[1], "istio-system", "istio-eastwestgateway", 15443, "istio", "eastwestgateway", "lab-2-network", "LoadBalancer");
        Assert.Equal($"v1 {Failed}connection timeout", await SampleLab.AnswersAsync(lab.Clusters[0], 2));
    }

    [Fact]
    public async Task A_gateway_without_the_port_is_none()
    {
        await using var lab = await SampleLab.StartAsync(2, options => options with { SharedNetwork = false });
        SampleLab.Service(lab.Clusters[1], "istio-system", "istio-eastwestgateway", 443, "istio", "eastwestgateway", "lab-2-network", "LoadBalancer");
        await Eventually.TrueAsync(() =>
            lab.Clusters[1].Store.Get(new ResourceKey("", "services", "istio-system", "istio-eastwestgateway")).Json["status"]?["loadBalancer"]?["ingress"] is not null);
        await lab.GatewaysKnownAsync(0);
        Assert.Equal($"v1 {Failed}connection timeout", await SampleLab.AnswersAsync(lab.Clusters[0], 2));
    }

    [Fact]
    public async Task A_gateway_that_exposes_nothing_refuses()
    {
        await using var lab = await SampleLab.StartAsync(2, options => options with { SharedNetwork = false });
        await SampleLab.GatewayAsync(lab.Clusters[1], expose: false);
        await lab.GatewaysKnownAsync(1);

        Assert.Equal(
            $"v1 {Failed}remote connection failure, transport failure reason: delayed connect error: Connection refused",
            await SampleLab.AnswersAsync(lab.Clusters[0], 2));

        SampleLab.Expose(lab.Clusters[1], "*.example");
        Assert.Equal($"v1 {Failed}connection termination", await SampleLab.AnswersAsync(lab.Clusters[0], 2));
    }

    [Fact]
    public async Task Networks_of_one_name_that_are_not_one_time_out_in_spite_of_gateways()
    {
        await using var lab = await SampleLab.StartAsync(2, options => options with
        {
            Configure = (_, cluster) => cluster with { Network = "default", PodNetwork = cluster.Name },
        });
        await SampleLab.GatewayAsync(lab.Clusters[1]);
        await lab.GatewaysKnownAsync(1);

        Assert.Equal($"v1 {Failed}connection timeout", await SampleLab.AnswersAsync(lab.Clusters[0], 2));
    }

    [Fact]
    public async Task Different_roots_fail_the_handshake_and_a_common_one_mends_it_for_pods_made_since()
    {
        await using var lab = await SampleLab.StartAsync(2, options => options with { SharedTrust = false });
        Assert.Contains("OPENSSL_internal:CERTIFICATE_VERIFY_FAILED", await SampleLab.AnswersAsync(lab.Clusters[0], 2), StringComparison.Ordinal);

        using var root = CertificateAuthority.Create("Root CA", "Istio");
        foreach (var cluster in lab.Clusters)
        {
            PluggedIn.Write(cluster, PluggedIn.Files(root, cluster.Name));
            await PluggedIn.RestartAsync(cluster);
        }

        // Workloads keep what they have until they are restarted.
        Assert.Contains("CERTIFICATE_VERIFY_FAILED", await SampleLab.AnswersAsync(lab.Clusters[0], 2), StringComparison.Ordinal);
        foreach (var cluster in lab.Clusters)
        {
            await MeshLab.UntilAsync(cluster, lab.Clusters.Single(other => other != cluster).ClusterId, "synced");
            await RestartAsync(cluster, "helloworld", "helloworld-v" + (cluster.Index + 1));
            await RestartAsync(cluster, "curl", "curl");
        }

        Assert.Equal("v1 v2 v1 v2", await SampleLab.AnswersAsync(lab.Clusters[0], 4));
    }

    [Fact]
    public async Task A_root_is_changed_in_three_steps_without_a_failed_call()
    {
        await using var lab = await SampleLab.StartAsync(2);
        using var old = CertificateAuthority.Create("Old", "Istio");
        using var next = CertificateAuthority.Create("New", "Istio");
        foreach (var cluster in lab.Clusters)
        {
            await StepAsync(cluster, PluggedIn.Files(old, cluster.Name), check: false);
        }

        foreach (var (root, other) in ((CertificateAuthority, CertificateAuthority?)[])[(old, next), (next, old), (next, null)])
        {
            foreach (var cluster in lab.Clusters)
            {
                await StepAsync(cluster, PluggedIn.Files(root, cluster.Name, other is null ? [] : [other]), check: true);
            }
        }

        Assert.All(lab.Clusters, cluster => Assert.Equal(next.CertificatePem, cluster.MeshRootPem));

        async Task StepAsync(LabCluster cluster, Dictionary<string, string> files, bool check)
        {
            PluggedIn.Write(cluster, files);
            await PluggedIn.RestartAsync(cluster);
            await CheckAsync();
            await RestartAsync(cluster, "helloworld", "helloworld-v" + (cluster.Index + 1));
            await CheckAsync();
            await RestartAsync(cluster, "curl", "curl");
            await CheckAsync();

            async Task CheckAsync()
            {
                foreach (var source in lab.Clusters.Where(_ => check))
                {
                    Assert.Contains(await SampleLab.AnswersAsync(source, 2), (string[])["v1 v2", "v2 v1"]);
                }
            }
        }
    }

    [Fact]
    public async Task Certificates_are_renewed_when_half_their_life_is_over()
    {
        await using var lab = await SampleLab.StartAsync(2, options => options with { WorkloadCertificateLifetime = TimeSpan.FromSeconds(1) });
        using var root = CertificateAuthority.Create("Root CA", "Istio");
        PluggedIn.Write(lab.Clusters[0], PluggedIn.Files(root, "lab-1"));
        await PluggedIn.RestartAsync(lab.Clusters[0]);

        await Eventually.TrueAsync(async () => (await SampleLab.HelloAsync(lab.Clusters[0])).Contains("CERTIFICATE_VERIFY_FAILED", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Trust_domains_that_do_not_know_each_other_fail_the_handshake()
    {
        await using var lab = await SampleLab.StartAsync(2, options => options with
        {
            Configure = (index, cluster) => index == 0 ? cluster : cluster with { TrustDomain = "other.local", TrustDomainAliases = ["cluster.local"] },
        });

        Assert.Contains("CERTIFICATE_VERIFY_FAILED", await SampleLab.AnswersAsync(lab.Clusters[0], 2), StringComparison.Ordinal);

        // One direction is not enough: the server of the other side checks as well.
        Assert.Contains("SSLV3_ALERT_CERTIFICATE_UNKNOWN", await SampleLab.AnswersAsync(lab.Clusters[1], 2), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Across_networks_endpoints_without_mtls_are_dropped(bool byPolicy)
    {
        await using var lab = await SampleLab.StartAsync(2, options => options with { SharedNetwork = false });
        await SampleLab.GatewayAsync(lab.Clusters[1]);
        await lab.GatewaysKnownAsync(1);
        if (byPolicy)
        {
            SampleLab.Peer(lab.Clusters[0], "sample", "DISABLE");
        }
        else
        {
            Relabel(lab.Clusters[1], "sample", "disabled");
            await RestartAsync(lab.Clusters[1], "helloworld", "helloworld-v2");
        }

        Assert.Equal("v1 v1", await SampleLab.AnswersAsync(lab.Clusters[0], 2));
    }

    [Fact]
    public async Task In_one_network_a_pod_without_a_proxy_answers_plain()
    {
        await using var lab = await SampleLab.StartAsync(2);
        Relabel(lab.Clusters[1], "sample", "disabled");
        await RestartAsync(lab.Clusters[1], "helloworld", "helloworld-v2");

        Assert.Equal("v1 v2", await SampleLab.AnswersAsync(lab.Clusters[0], 2));
    }

    [Fact]
    public async Task A_policy_of_the_other_cluster_alone_breaks_the_handshake()
    {
        await using var lab = await SampleLab.StartAsync(2);
        SampleLab.Peer(lab.Clusters[1], "istio-system", "DISABLE");

        Assert.Contains("WRONG_VERSION_NUMBER", await SampleLab.AnswersAsync(lab.Clusters[0], 2), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_without_a_proxy_reaches_local_pods_only_and_no_strict_ones()
    {
        await using var lab = await SampleLab.StartAsync(2);
        Relabel(lab.Clusters[0], "sample", "disabled");
        await RestartAsync(lab.Clusters[0], "curl", "curl");
        Assert.Equal("v1 v1 v1", await SampleLab.AnswersAsync(lab.Clusters[0], 3));

        SampleLab.Peer(lab.Clusters[0], "sample", "STRICT");
        Assert.Equal(
            (56, "", "curl: (56) Recv failure: Connection reset by peer\n"), await SampleLab.ExecAsync(lab.Clusters[0], "curl", "-sS", SampleLab.Url));

        lab.Clusters[0].Store.Delete(new ResourceKey("apps", "deployments", "sample", "helloworld-v1"));
        await Eventually.TrueAsync(() => SampleLab.Pods(lab.Clusters[0], "helloworld").Count == 0);
        await Eventually.TrueAsync(async () => (await SampleLab.ExecAsync(lab.Clusters[0], "curl", "-sS", SampleLab.Url)).Code == 7);
    }

    [Fact]
    public async Task Proxies_go_on_while_no_istiod_runs()
    {
        await using var lab = await SampleLab.StartAsync(2);
        var cluster = lab.Clusters[0];
        Assert.Equal("v1 v2", await SampleLab.AnswersAsync(cluster, 2));
        cluster.Store.Mutate(
            new ResourceKey("apps", "deployments", "istio-system", "istiod"),
            json =>
            {
                json["spec"]!["replicas"] = 0;
                return json;
            },
            "test");
        await Eventually.TrueAsync(() => MeshLab.IstiodPods(cluster).Count == 0 && cluster.RemoteStatus().Count == 0);

        Assert.Equal("v1 v2", await SampleLab.AnswersAsync(cluster, 2));
    }

    [Fact]
    public async Task The_proxys_log_has_the_response_flags()
    {
        await using var lab = await SampleLab.StartAsync(1);
        var cluster = lab.Clusters[0];
        SampleLab.Service(cluster, "sample", "empty", 80, "app", "nobody");
        await SampleLab.ExecAsync(cluster, "curl", "-sS", "empty");
        await SampleLab.HelloAsync(cluster);

        var pod = await SampleLab.PodAsync(cluster, "curl");
        var lines = cluster.Programs.Find(pod.Uid)!.Logs!("istio-proxy");

        Assert.Equal(2, lines.Count);
        Assert.Contains("\"GET / HTTP/1.1\" 503 UH ", lines[0], StringComparison.Ordinal);
        Assert.Contains("\"GET /hello HTTP/1.1\" 200 - via_upstream", lines[1], StringComparison.Ordinal);
        Assert.Contains("outbound|5000||helloworld.sample.svc.cluster.local", lines[1], StringComparison.Ordinal);
    }

    internal static async Task RestartAsync(LabCluster cluster, string app, string deployment)
    {
        var before = SampleLab.Pods(cluster, app)[0].Uid;
        PluggedIn.Touch(cluster, new ResourceKey("apps", "deployments", "sample", deployment));
        await Eventually.TrueAsync(() => SampleLab.Pods(cluster, app) is [var pod] && pod.Uid != before && PluggedIn.Stage(pod) == "True");
        await Eventually.TrueAsync(() => cluster.Store.List("discovery.k8s.io", "endpointslices", "sample").Items.Any(slice =>
            slice.Json["endpoints"]?.AsArray() is [var endpoint] && endpoint!["conditions"]!["ready"]!.GetValue<bool>() &&
            endpoint["targetRef"]!["uid"]!.GetValue<string>() == SampleLab.Pods(cluster, "helloworld")[0].Uid));
    }

    private static void Relabel(LabCluster cluster, string @namespace, string injection) => cluster.Store.Mutate(
        new ResourceKey("", "namespaces", null, @namespace),
        json =>
        {
            json["metadata"]!["labels"]!["istio-injection"] = injection;
            return json;
        },
        "test");
}
