using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MeshTools.Lab;
using Xunit;

namespace MeshTools.Tests.Lab.Hosting;

public sealed class LabHostTests
{
    private static readonly LabOptions Bare = new() { ClusterCount = 1, ControlPlane = false };

    [Fact]
    public async Task Clusters_are_apart_from_one_another()
    {
        await using var lab = await LabHost.StartAsync(new LabOptions { ClusterCount = 3, ControlPlane = false });

        Assert.Equal(["lab-1", "lab-2", "lab-3"], lab.Clusters.Select(cluster => cluster.Name));
        Assert.Equal(3, lab.Clusters.Select(cluster => cluster.Uid).Distinct().Count());
        Assert.Equal(3, lab.Clusters.Select(cluster => cluster.Server.Port).Distinct().Count());
        Assert.Equal(3, lab.Clusters.Select(cluster => cluster.CertificateAuthorityPem).Distinct().Count());
    }

    [Fact]
    public async Task The_uid_is_that_of_kube_system()
    {
        await using var lab = await LabHost.StartAsync(Bare);
        using var http = LabHttp.Admin(lab.Clusters[0]);

        var system = await http.GetJsonAsync("/api/v1/namespaces/kube-system");

        Assert.Equal(lab.Clusters[0].Uid, system["metadata"]!["uid"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_server_is_of_the_version_asked_for()
    {
        await using var lab = await LabHost.StartAsync(Bare with { ServerVersion = "v1.33.5-gke.1080000" });
        using var http = LabHttp.Admin(lab.Clusters[0]);

        var version = await http.GetJsonAsync("/version");

        Assert.Equal(("v1.33.5-gke.1080000", "33"), (version["gitVersion"]!.GetValue<string>(), version["minor"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Both_http_versions_are_spoken(string version)
    {
        await using var lab = await LabHost.StartAsync(Bare);
        using var http = LabHttp.Admin(lab.Clusters[0], Version.Parse(version));

        using var response = await http.GetAsync("/version");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Version.Parse(version), response.Version);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("kubernetes.default.svc")]
    [InlineData("::1")]
    public async Task The_server_certificate_is_for_every_name_of_the_server(string name)
    {
        await using var lab = await LabHost.StartAsync(Bare);

        var certificate = await PresentedAsync(lab.Clusters[0]);

        Assert.True(certificate.MatchesHostname(name));
    }

    [Fact]
    public async Task A_client_certificate_of_another_cluster_is_401()
    {
        await using var lab = await LabHost.StartAsync(new LabOptions { ClusterCount = 2, ControlPlane = false });
        using var http = LabHttp.WithCertificate(lab.Clusters[0], lab.Clusters[1].Administrator);

        using var response = await http.GetAsync("/api/v1/namespaces");

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task A_stopped_listener_refuses_and_a_started_one_has_the_same_port_and_objects()
    {
        await using var lab = await LabHost.StartAsync(Bare);
        var cluster = lab.Clusters[0];
        var server = cluster.Server;
        using var http = LabHttp.Admin(cluster);
        using (await http.GetAsync("/version"))
        {
        }

        await cluster.StopListeningAsync();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var refused = await Assert.ThrowsAsync<SocketException>(() => socket.ConnectAsync(IPAddress.Loopback, server.Port));
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);

        await cluster.StartListeningAsync();
        Assert.Equal(server, cluster.Server);
        using var response = await http.GetAsync("/api/v1/namespaces/kube-system");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_certificate_for_a_wrong_name_is_seen_by_the_next_request()
    {
        await using var lab = await LabHost.StartAsync(Bare);
        var cluster = lab.Clusters[0];
        using var http = LabHttp.Admin(cluster);
        using (await http.GetAsync("/version"))
        {
        }

        cluster.UseServerCertificate(ServerCertificate.WrongName);
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync("/version"));
        Assert.Contains("RemoteCertificateNameMismatch", Assert.IsType<AuthenticationException>(failure.InnerException).Message, StringComparison.Ordinal);

        cluster.UseServerCertificate(ServerCertificate.Proper);
        using var response = await http.GetAsync("/version");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_certificate_of_a_wrong_authority_is_not_trusted()
    {
        await using var lab = await LabHost.StartAsync(Bare);
        lab.Clusters[0].UseServerCertificate(ServerCertificate.WrongAuthority);
        using var http = LabHttp.Admin(lab.Clusters[0]);

        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync("/version"));

        Assert.IsType<AuthenticationException>(failure.InnerException);
    }

    [Theory]
    [InlineData(LabPlatform.Gke, "gke_lab-project_us-central1-c_lab-1", "cn-lab-project-us-central1-c-lab-1", "gce://lab-project/us-central1-c/")]
    [InlineData(LabPlatform.Eks, "lab-1", "lab-1", "aws:///us-east-1a/i-")]
    [InlineData(LabPlatform.Aks, "lab-1", "lab-1", "azure:///subscriptions/")]
    [InlineData(LabPlatform.None, "lab-1", "lab-1", null)]
    public async Task A_platform_shows_in_context_cluster_id_and_nodes(LabPlatform platform, string context, string clusterId, string? providerId)
    {
        await using var lab = await LabHost.StartAsync(Bare with { Platform = platform });
        var cluster = lab.Clusters[0];

        var node = Assert.Single(cluster.Store.List("", "nodes").Items);

        Assert.Equal((context, clusterId), (cluster.ContextName, cluster.ClusterId));
        var provider = node.Json["spec"]!["providerID"]?.GetValue<string>();
        Assert.True(providerId is null ? provider is null : provider!.StartsWith(providerId, StringComparison.Ordinal), provider);
    }

    [Fact]
    public async Task The_kubeconfig_is_private_and_whole()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("deeper/kube.config");
        await using var lab = await LabHost.StartAsync(new LabOptions { ClusterCount = 2, ControlPlane = false });

        lab.WriteKubeconfig(path);

        Assert.Equal(lab.KubeconfigYaml, await File.ReadAllTextAsync(path));
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }

    [Theory]
    [InlineData("Upper")]
    [InlineData("-dash")]
    [InlineData("dot.ted")]
    [InlineData("")]
    public async Task A_name_that_is_no_label_is_refused(string name) =>
        await Assert.ThrowsAsync<ArgumentException>(() => LabHost.StartAsync(Bare with { Names = [name] }));

    [Fact]
    public async Task Two_clusters_of_one_name_are_refused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => LabHost.StartAsync(Bare with { Names = ["a", "a"] }));

    [Fact]
    public async Task An_unknown_cluster_is_answered_with_those_there_are()
    {
        await using var lab = await LabHost.StartAsync(Bare);

        var failure = Assert.Throws<KeyNotFoundException>(() => lab["lab-9"]);

        Assert.Contains("lab-1", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<X509Certificate2> PresentedAsync(LabCluster cluster)
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, cluster.Server.Port);
        await using var tls = new SslStream(tcp.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            CertificateChainPolicy = LabHttp.Trust(cluster.CertificateAuthorityPem),
        });
        return X509CertificateLoader.LoadCertificate(tls.RemoteCertificate!.GetRawCertData());
    }
}
