using System.Text;
using System.Text.Json.Nodes;
using MeshTools.Kubernetes;
using Xunit;

namespace MeshTools.Tests.Kubernetes;

/// <summary>The rules of client-go's clientcmd package, one by one.</summary>
public sealed class KubeconfigConformanceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static ClientConfiguration Configure(string yaml) => Kubeconfig.Parse(yaml).CreateConfiguration();

    [Fact]
    public void An_explicit_file_must_exist()
    {
        var error = Assert.Throws<KubeconfigException>(() => Kubeconfig.Load(Path.Combine(_folder.Path, "none")));
        Assert.Equal(KubeconfigProblem.NotFound, error.Problem);
        Assert.Equal(Path.Combine(_folder.Path, "none"), error.Path);
    }

    [Fact]
    public void Of_several_files_the_first_to_define_a_name_wins_whole()
    {
        var first = _folder.Write("1", """
            clusters: [{name: c, cluster: {server: "https://one"}}]
            users: [{name: u, user: {}}]
            contexts: [{name: x, context: {cluster: c, user: u}}]
            """);
        var second = _folder.Write("2", """
            clusters: [{name: c, cluster: {server: "https://two", tls-server-name: two}}, {name: d, cluster: {server: "https://d"}}]
            users: [{name: u, user: {token: t}}]
            contexts: [{name: x, context: {cluster: d, user: u, namespace: ns}}, {name: z, context: {cluster: d, user: u}}]
            current-context: z
            """);
        var third = _folder.Write("3", "current-context: x");
        var config = Kubeconfig.Load([first, second, third]);

        Assert.Equal("z", config.CurrentContext);
        Assert.Equal(["x", "z"], config.Contexts.Select(c => c.Name));
        Assert.Equal([first, second], config.Contexts.Select(c => c.SourcePath));
        var x = config.CreateConfiguration("x");
        Assert.Equal(new Uri("https://one"), x.Server);
        Assert.Null(x.TlsServerName);
        Assert.Equal("default", x.Namespace);
        Assert.Equal("anonymous", x.Credentials.ToString());
        Assert.Equal(new Uri("https://d"), config.CreateConfiguration().Server);
    }

    [Theory]
    [InlineData("a:b:a", new[] { "a", "b" })]
    [InlineData(":a::", new[] { "a" })]
    [InlineData(":", new string[0])]
    public void Kubeconfig_list_has_no_duplicates_and_no_empty_elements(string variable, string[] expected) =>
        Assert.Equal(expected, KubeconfigPaths.Default(variable.Replace(':', Path.PathSeparator)));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Without_kubeconfig_the_default_file_is_read(string? variable) =>
        Assert.EndsWith(Path.Combine(".kube", "config"), Assert.Single(KubeconfigPaths.Default(variable)), StringComparison.Ordinal);

    [Fact]
    public void Broken_files_are_reported_together()
    {
        var first = _folder.Write("1", "a: [");
        var second = _folder.Write("2", "b: {");
        var error = Assert.Throws<KubeconfigException>(() => Kubeconfig.Load([first, second]));
        Assert.Equal((KubeconfigProblem.Syntax, first, 1), (error.Problem, error.Path, error.Line));
        Assert.Contains(second, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Relative_paths_belong_to_their_own_file()
    {
        using var authority = new TestAuthority();
        _folder.Write("sub/ca.pem", authority.Pem);
        _folder.Write("sub/token", "secret-token\n");
        var first = _folder.Write("first", "current-context: x");
        var second = _folder.Write("sub/second", KubeconfigTestData.One("server: \"https://h\", certificate-authority: ca.pem", "tokenFile: token"));
        var configuration = Kubeconfig.Load([first, second]).CreateConfiguration();
        Assert.Equal(authority.Pem, configuration.CertificateAuthorityPem);
        var credential = await configuration.Credentials.GetAsync(new CredentialContext(TimeProvider.System, null), default);
        Assert.Equal("secret-token", credential.GetAuthorization()!.Parameter);
    }

    [Fact]
    public void Inline_data_wins_over_a_file()
    {
        using var authority = new TestAuthority();
        var data = Convert.ToBase64String(Encoding.UTF8.GetBytes(authority.Pem));
        var configuration = Configure(KubeconfigTestData.One($"server: \"https://h\", certificate-authority: /none, certificate-authority-data: {data}"));
        Assert.Equal(authority.Pem, configuration.CertificateAuthorityPem);
    }

    [Theory]
    [InlineData("server: \"https://h\", insecure-skip-tls-verify: true, certificate-authority-data: QQ==", "token: t", "insecure")]
    [InlineData("server: \"https://h\", certificate-authority: /none/ca", "token: t", "unable to read certificate-authority")]
    [InlineData("server: \"https://h\", certificate-authority-data: \"*\"", "token: t", "not base64")]
    [InlineData("tls-server-name: a", "token: t", "no server")]
    [InlineData("server: \"ftp://h\"", "token: t", "no http or https URL")]
    [InlineData("server: \"https://u:hidden@h\"", "token: t", "no http or https URL")]
    [InlineData("server: \"https://h\", proxy-url: \"ftp://user:hidden@p\"", "token: t", "proxy-url")]
    [InlineData("server: \"https://h\"", "token: t, username: a, password: hidden", "more than one authentication method")]
    [InlineData("server: \"https://h\"", "client-certificate-data: QQ==", "client-key")]
    [InlineData("server: \"https://h\"", "client-key-data: QQ==", "client-certificate")]
    [InlineData("server: \"https://h\"", "token: t, as-groups: [g]", "without impersonating")]
    [InlineData("server: \"https://h\", tls-server-name: on", "token: t", "must be text")]
    [InlineData("server: \"https://h\", insecure-skip-tls-verify: \"true\"", "token: t", "must be true or false")]
    [InlineData("server: \"https://h\"", "auth-provider: {name: gcp}", "auth-provider gcp")]
    [InlineData("server: \"https://h\"", "exec: {command: a, apiVersion: client.authentication.k8s.io/v1}", "interactiveMode must be specified")]
    [InlineData("server: \"https://h\"", "exec: {command: a, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Sometimes}", "invalid interactiveMode")]
    [InlineData("server: \"https://h\"", "exec: {apiVersion: client.authentication.k8s.io/v1}", "command must be specified")]
    [InlineData("server: \"https://h\"", "exec: {command: a}", "apiVersion must be specified")]
    [InlineData("server: \"https://h\"", "exec: {command: a, apiVersion: client.authentication.k8s.io/v1beta1, env: [{value: v}]}", "env variable name")]
    public void Contradictions_are_refused(string cluster, string user, string problem)
    {
        var error = Assert.Throws<KubeconfigException>(() => Configure(KubeconfigTestData.One(cluster, user)));
        Assert.Equal(KubeconfigProblem.Invalid, error.Problem);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Plugins_of_v1alpha1_are_refused()
    {
        var yaml = KubeconfigTestData.One(user: "exec: {command: plug, apiVersion: client.authentication.k8s.io/v1alpha1, installHint: \"get\\u0007 it\"}");
        var error = Assert.Throws<ExecPluginException>(() => Configure(yaml));
        Assert.Equal((ExecPluginProblem.UnsupportedVersion, "plug", "get it"), (error.Problem, error.Command, error.InstallHint));
    }

    [Theory]
    [InlineData("kind: Other", "kind")]
    [InlineData("apiVersion: v2", "apiVersion")]
    [InlineData("clusters: {a: b}", "clusters must be a list")]
    [InlineData("users: [{name: u}, {name: u}]", "duplicate name \"u\"")]
    [InlineData("users: [{user: {}}]", "has no name")]
    [InlineData("a: 1\n---\nb: 2", "single YAML document")]
    public void What_is_no_kubeconfig_is_refused(string yaml, string problem) =>
        Assert.Contains(problem, Assert.Throws<KubeconfigException>(() => Kubeconfig.Parse(yaml, "f")).Message, StringComparison.Ordinal);

    [Fact]
    public void An_unknown_context_names_those_there_are()
    {
        var error = Assert.Throws<KubeconfigException>(() => Kubeconfig.Parse(KubeconfigTestData.One()).CreateConfiguration("y"));
        Assert.Equal(KubeconfigProblem.ContextNotFound, error.Problem);
        Assert.Equal(["x"], error.AvailableContexts);
    }

    [Theory]
    [InlineData("cluster: d, user: u", "cluster \"d\" was not found")]
    [InlineData("cluster: c, user: v", "user \"v\" was not found")]
    [InlineData("user: u", "cluster was not specified")]
    public void A_context_must_lead_somewhere(string context, string problem) =>
        Assert.Contains(problem, Assert.Throws<KubeconfigException>(() => Configure(KubeconfigTestData.One(context: context))).Message, StringComparison.Ordinal);

    [Fact]
    public void Cluster_and_user_fields_reach_the_configuration()
    {
        var configuration = Configure(KubeconfigTestData.One(
            "server: \"https://h:6443/prefix\", tls-server-name: other, proxy-url: \"socks5://p:1080\", disable-compression: true",
            "token: t, as: jane, as-uid: \"7\", as-groups: [a, b], as-user-extra: {scopes: [x, z]}",
            "cluster: c, user: u, namespace: ns"));
        Assert.Equal("other", configuration.TlsServerName);
        Assert.Equal(new Uri("socks5://p:1080"), configuration.Proxy);
        Assert.True(configuration.DisableCompression);
        Assert.Equal("ns", configuration.Namespace);
        Assert.Equal(
            ["Impersonate-User=jane", "Impersonate-Uid=7", "Impersonate-Group=a", "Impersonate-Group=b", "Impersonate-Extra-scopes=x", "Impersonate-Extra-scopes=z"],
            configuration.Impersonation!.Headers().Select(h => $"{h.Key}={h.Value}"));
    }

    [Fact]
    public void Overrides_take_the_place_of_the_context()
    {
        var configuration = Kubeconfig.Parse(KubeconfigTestData.One()).CreateConfiguration("x", new KubeconfigOverrides
        {
            Namespace = "n", Server = new Uri("https://other"), TlsServerName = "name", Impersonation = new Impersonation("bob"),
        });
        Assert.Equal(("n", new Uri("https://other"), "name", "bob"), (configuration.Namespace, configuration.Server, configuration.TlsServerName, configuration.Impersonation!.User));
    }

    [Theory]
    [InlineData("h:8080", "", "http://h:8080/")]
    [InlineData("h:443", ", insecure-skip-tls-verify: true", "https://h/")]
    public void A_server_without_a_scheme_is_https_where_tls_is_configured(string server, string more, string expected) =>
        Assert.Equal(expected, Configure(KubeconfigTestData.One($"server: \"{server}\"{more}")).Server.AbsoluteUri);

    [Fact]
    public void Secrets_show_nowhere()
    {
        const string Canary = "canary-7f3a";
        foreach (var user in (string[])[$"token: {Canary}", $"username: u, password: {Canary}", $"exec: {{command: a, args: [{Canary}], interactiveMode: Never, apiVersion: client.authentication.k8s.io/v1, env: [{{name: A, value: {Canary}}}]}}"])
        {
            var config = Kubeconfig.Parse(KubeconfigTestData.One(user: user));
            var configuration = config.CreateConfiguration();
            Assert.DoesNotContain(Canary, Dump(config, 0) + Dump(configuration, 0), StringComparison.Ordinal);
        }

        var proxied = Configure(KubeconfigTestData.One($"server: \"https://h\", proxy-url: \"http://u:{Canary}@p:3128\""));
        Assert.Equal(new Uri("http://p:3128"), proxied.Proxy);
        Assert.DoesNotContain(Canary, Dump(proxied, 0), StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_cluster_reads_the_service_account()
    {
        _folder.Write("sa/token", "pod-token");
        _folder.Write("sa/ca.crt", "pem");
        _folder.Write("sa/namespace", "team\n");
        var configuration = InClusterConfiguration.Create("fd00::1", "443", Path.Combine(_folder.Path, "sa"));
        Assert.Equal("https://[fd00::1]/", configuration.Server.AbsoluteUri);
        Assert.Equal(("team", "pem"), (configuration.Namespace, configuration.CertificateAuthorityPem));
        var credential = await configuration.Credentials.GetAsync(new CredentialContext(TimeProvider.System, null), default);
        Assert.Equal("pod-token", credential.GetAuthorization()!.Parameter);
        Assert.Equal(KubeconfigProblem.NotFound, Assert.Throws<KubeconfigException>(() => InClusterConfiguration.Create(null, null, _folder.Path)).Problem);
    }

    [Fact]
    public async Task A_token_file_is_read_again_every_minute()
    {
        var clock = new ManualClock();
        var context = new CredentialContext(clock, null);
        var path = _folder.Write("t", "one");
        var source = new TokenFileCredential(path);
        Assert.Equal("one", await TokenAsync());
        File.WriteAllText(path, "two");
        clock.Advance(TimeSpan.FromSeconds(49));
        Assert.Equal("one", await TokenAsync());
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("two", await TokenAsync());

        // At once after a 401; and a bad read keeps the last good token.
        File.WriteAllText(path, "three");
        Assert.True(source.Invalidate(await source.GetAsync(context, default)));
        Assert.Equal("three", await TokenAsync());
        File.WriteAllText(path, " \n");
        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("three", await TokenAsync());

        async Task<string?> TokenAsync() => (await source.GetAsync(context, default)).GetAuthorization()!.Parameter;
    }

    [Fact]
    public async Task An_empty_token_file_is_an_error_and_a_token_beside_it_stands_in()
    {
        var path = _folder.Write("t", "  ");
        var context = new CredentialContext(TimeProvider.System, null);
        var error = await Assert.ThrowsAsync<CredentialException>(async () => await new TokenFileCredential(path).GetAsync(context, default));
        Assert.Equal(path, error.Path);
        Assert.Equal("spare", (await new TokenFileCredential(path, "spare").GetAsync(context, default)).GetAuthorization()!.Parameter);
    }

    private static string Dump(object? value, int depth)
    {
        if (value is null || depth > 3)
            return "";
        var text = value.ToString() + "\n";
        if (value is string or Uri)
            return text;
        if (value is System.Collections.IEnumerable items)
            return text + string.Concat(items.Cast<object?>().Select(i => Dump(i, depth + 1)));
        foreach (var property in value.GetType().GetProperties().Where(p => p.GetIndexParameters().Length == 0 && p.GetMethod!.IsPublic && !p.GetMethod.IsStatic))
            text += Dump(property.GetValue(value), depth + 1);
        return text;
    }
}
