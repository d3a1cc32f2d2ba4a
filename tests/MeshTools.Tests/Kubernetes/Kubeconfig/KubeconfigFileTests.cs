using System.Text.Json.Nodes;
using MeshTools.Kubernetes;
using Xunit;

namespace MeshTools.Tests.Kubernetes;

public sealed class KubeconfigFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_file_can_be_used_and_is_private()
    {
        var path = Path.Combine(_folder.Path, "new", "config");
        var file = KubeconfigFile.Load(path);
        file.SetCluster("c", new Uri("https://h:6443"), "pem", "name");
        file.SetUserToken("u", "secret");
        file.SetContext("x", "c", "u", "n");
        file.SetCurrentContext("x");
        file.Save();

        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
        var configuration = Kubeconfig.Load(path).CreateConfiguration();
        Assert.Equal(("https://h:6443/", "pem", "name", "n", "x"), (configuration.Server.AbsoluteUri, configuration.CertificateAuthorityPem, configuration.TlsServerName, configuration.Namespace, configuration.ContextName));
    }

    [Fact]
    public void Unknown_fields_survive()
    {
        var path = _folder.Write("config", """
            apiVersion: v1
            kind: Config
            preferences: {colors: true}
            x-vendor: [1, {a: b}]
            clusters: [{name: c, cluster: {server: "https://old", x-own: 9007199254740993, extensions: [{name: e, extension: {k: v}}]}}]
            users: [{name: u, user: {exec: {command: a, x: y}}}, {name: v, user: {token: old, x-keep: yes}}]
            """);
        var file = KubeconfigFile.Load(path);
        file.SetCluster("c", new Uri("https://new"));
        file.SetUserToken("v", "fresh");
        file.Save();

        var tree = KubernetesYaml.ParseAll(File.ReadAllText(path))[0];
        var expected = KubernetesYaml.ParseAll("""
            apiVersion: v1
            kind: Config
            preferences: {colors: true}
            x-vendor: [1, {a: b}]
            clusters: [{name: c, cluster: {server: "https://new", x-own: 9007199254740993, extensions: [{name: e, extension: {k: v}}]}}]
            users: [{name: u, user: {exec: {command: a, x: y}}}, {name: v, user: {token: fresh, x-keep: yes}}]
            """)[0];
        Assert.True(JsonNode.DeepEquals(expected, tree), tree.ToJsonString());
    }

    [Fact]
    public void What_another_program_wrote_meanwhile_is_kept()
    {
        var path = _folder.Write("config", "clusters: []");
        var file = KubeconfigFile.Load(path);
        file.SetContext("mine", "c", "u");
        File.WriteAllText(path, "contexts: [{name: theirs, context: {cluster: d}}]");
        file.Save();
        Assert.Equal(["theirs", "mine"], KubeconfigFile.Load(path).ContextNames);
    }

    [Fact]
    public void A_held_lock_is_respected()
    {
        var path = _folder.Write("config", "clusters: []");
        _folder.Write("config.lock", "");
        var file = KubeconfigFile.Load(path);
        file.SetCurrentContext("x");
        var error = Assert.Throws<KubeconfigException>(file.Save);
        Assert.Equal(KubeconfigProblem.Locked, error.Problem);
        Assert.Equal("clusters: []", File.ReadAllText(path));
        File.Delete(path + ".lock");
        file.Save();
        Assert.False(File.Exists(path + ".lock"));
        Assert.Equal("x", KubeconfigFile.Load(path).CurrentContext);
    }

    [Fact]
    public void Removing_a_context_takes_along_what_only_it_used()
    {
        var path = _folder.Write("config", """
            clusters: [{name: a, cluster: {}}, {name: b, cluster: {}}]
            users: [{name: u, user: {}}]
            contexts: [{name: x, context: {cluster: a, user: u}}, {name: z, context: {cluster: b, user: u}}]
            current-context: x
            """);
        var file = KubeconfigFile.Load(path);
        Assert.True(file.RemoveContext("x"));
        Assert.False(file.RemoveContext("none"));
        file.Save();
        var left = KubeconfigFile.Load(path);
        Assert.Equal(["z", "b", "u"], left.ContextNames.Concat(left.ClusterNames).Concat(left.UserNames));
        Assert.Null(left.CurrentContext);
    }

    [SkippableFact]
    public void A_symbolic_link_stays_one()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a privilege there");
        var real = _folder.Write("real", "clusters: []");
        var link = Path.Combine(_folder.Path, "link");
        File.CreateSymbolicLink(link, real);
        var file = KubeconfigFile.Load(link);
        file.SetCurrentContext("x");
        file.Save();
        Assert.NotNull(new FileInfo(link).LinkTarget);
        Assert.Equal("x", KubeconfigFile.Load(real).CurrentContext);
    }
}
