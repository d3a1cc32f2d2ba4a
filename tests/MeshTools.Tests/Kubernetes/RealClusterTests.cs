using System.Text.Json.Nodes;
using MeshTools.Kubernetes;
using Xunit;

namespace MeshTools.Tests.Kubernetes;

/// <summary>
/// The client against a real API server: the current context of the kubeconfig that MESHTOOLS_TEST_KUBECONFIG names. Everything happens in a
/// namespace of its own, which is deleted afterwards.
/// </summary>
public sealed class RealClusterTests : IAsyncLifetime
{
    private const string Variable = "MESHTOOLS_TEST_KUBECONFIG";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly string _namespace = $"meshtools-{Guid.NewGuid():N}"[..20];
    private readonly List<string> _warnings = [];
    private KubernetesClient? _client;

    private KubernetesClient Client
    {
        get
        {
            Skip.If(_client is null, $"{Variable} does not name a kubeconfig");
            return _client;
        }
    }

    public async Task InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } path)
            return;
        _client = new KubernetesClient(Kubeconfig.Load(path).CreateConfiguration(), new KubernetesClientOptions { OnWarning = _warnings.Add });
        await _client.CreateAsync(KubernetesObject.Create("v1", "Namespace", _namespace));
    }

    public async Task DisposeAsync()
    {
        if (_client is null)
            return;
        await _client.DeleteAsync(ResourceTypes.Namespace, null, _namespace, new DeleteOptions { Propagation = DeletionPropagation.Background });
        _client.Dispose();
    }

    private KubernetesObject Object(string yaml) => Assert.Single(KubernetesYaml.ReadObjects(
        yaml.Replace("NAMESPACE", _namespace, StringComparison.Ordinal).Replace("GROUP", $"{_namespace}.example.com", StringComparison.Ordinal)));

    private KubernetesObject ConfigMap(string name, params (string Key, string Value)[] data)
    {
        var obj = KubernetesObject.Create("v1", "ConfigMap", name, _namespace);
        var map = new JsonObject();
        foreach (var (key, value) in data)
            map[key] = value;
        obj.Json["data"] = map;
        return obj;
    }

    [SkippableFact]
    public async Task Version_and_identity()
    {
        Assert.StartsWith("v1.", (await Client.GetVersionAsync()).GitVersion, StringComparison.Ordinal);
        Assert.NotEmpty((await Client.WhoAmIAsync()).UserName);
        Assert.Contains("ok", await Client.GetRawAsync("/readyz"), StringComparison.Ordinal);
        Assert.NotNull((await Client.GetAsync(ResourceTypes.Namespace, null, "kube-system")).Uid);
    }

    [SkippableFact]
    public async Task Create_get_update_patch_delete()
    {
        var created = await Client.CreateAsync(ConfigMap("a", ("k", "1")));
        Assert.NotNull(created.Uid);
        Assert.True((await Assert.ThrowsAsync<KubernetesApiException>(() => Client.CreateAsync(ConfigMap("a")))).IsAlreadyExists);

        created.Json["data"]!["k"] = "2";
        var updated = await Client.UpdateAsync(created);
        Assert.Equal("2", updated.FindString("data", "k"));
        Assert.True((await Assert.ThrowsAsync<KubernetesApiException>(() => Client.UpdateAsync(created))).IsConflict);

        await Client.PatchAsync(ResourceTypes.ConfigMap, _namespace, "a", Patch.Merge(new JsonObject { ["data"] = new JsonObject { ["m"] = "merge" } }));
        await Client.PatchAsync(ResourceTypes.ConfigMap, _namespace, "a", Patch.Strategic(new JsonObject { ["data"] = new JsonObject { ["s"] = "strategic" } }));
        var patched = await Client.PatchAsync(
            ResourceTypes.ConfigMap, _namespace, "a", Patch.Json([new JsonObject { ["op"] = "remove", ["path"] = "/data/k" }]));
        Assert.Equal("""{"m":"merge","s":"strategic"}""", patched.Find("data")!.ToJsonString());
        var failed = await Assert.ThrowsAsync<KubernetesApiException>(() => Client.PatchAsync(
            ResourceTypes.ConfigMap, _namespace, "a", Patch.Json([new JsonObject { ["op"] = "test", ["path"] = "/metadata/name", ["value"] = "q" }])));
        Assert.True(failed.IsInvalid);

        var wrong = await Assert.ThrowsAsync<KubernetesApiException>(() => Client.DeleteAsync(
            ResourceTypes.ConfigMap, _namespace, "a", new DeleteOptions { Preconditions = new DeletePreconditions(Guid.Empty.ToString()) }));
        Assert.True(wrong.IsConflict);
        await Client.DeleteAsync(ResourceTypes.ConfigMap, _namespace, "a", new DeleteOptions { DryRun = true });
        Assert.NotNull(await Client.DeleteAsync(ResourceTypes.ConfigMap, _namespace, "a"));
        Assert.Null(await Client.DeleteAsync(ResourceTypes.ConfigMap, _namespace, "a"));
        Assert.Null(await Client.FindAsync(ResourceTypes.ConfigMap, _namespace, "a"));
    }

    [SkippableFact]
    public async Task Apply_owns_conflicts_and_lets_go()
    {
        Assert.True((await Client.ApplyAsync(ConfigMap("a", ("k", "1"), ("gone", "x")), new ApplyOptions { DryRun = true })).Created);
        Assert.Null(await Client.FindAsync(ResourceTypes.ConfigMap, _namespace, "a"));

        var first = await Client.ApplyAsync(ConfigMap("a", ("k", "1"), ("gone", "x")));
        Assert.True(first.Created);
        var same = await Client.ApplyAsync(ConfigMap("a", ("k", "1"), ("gone", "x")));
        Assert.False(same.Created);
        Assert.Equal(first.Object.ResourceVersion, same.Object.ResourceVersion);
        Assert.Null((await Client.ApplyAsync(ConfigMap("a", ("k", "1")))).Object.FindString("data", "gone"));

        var conflict = await Assert.ThrowsAsync<KubernetesApiException>(() => Client.ApplyAsync(ConfigMap("a", ("k", "2")), new ApplyOptions { FieldManager = "other" }));
        Assert.Equal([new FieldConflict("meshtools", ".data.k")], conflict.FieldConflicts);
        var forced = await Client.ApplyAsync(ConfigMap("a", ("k", "2")), new ApplyOptions { FieldManager = "other", ForceConflicts = true });
        Assert.Equal("2", forced.Object.FindString("data", "k"));

        // What was read can be applied again, without its server's fields.
        await Client.ApplyAsync(forced.Object.WithoutServerFields(), new ApplyOptions { FieldManager = "other" });
        var stale = first.Object.WithoutServerFields();
        stale.Json["metadata"]!["resourceVersion"] = first.Object.ResourceVersion;
        Assert.True((await Assert.ThrowsAsync<KubernetesApiException>(() => Client.ApplyAsync(stale, new ApplyOptions { OptimisticLock = true, ForceConflicts = true }))).IsConflict);
    }

    [SkippableFact]
    public async Task Failures_are_typed()
    {
        var homeless = ConfigMap("a");
        homeless.Json["metadata"]!["namespace"] = "no-such-namespace-here";
        Assert.True((await Assert.ThrowsAsync<KubernetesApiException>(() => Client.ApplyAsync(homeless))).NamespaceMissing);

        var deployment = Object("""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: d, namespace: NAMESPACE}
            spec:
              replica: 1
              selector: {matchLabels: {a: b}}
              template: {metadata: {labels: {a: c}}, spec: {containers: [{name: c, image: i}]}}
            """);
        Assert.Contains("spec.replica", (await Assert.ThrowsAsync<KubernetesApiException>(() => Client.CreateAsync(deployment))).Message, StringComparison.Ordinal);
        var invalid = await Assert.ThrowsAsync<KubernetesApiException>(() => Client.CreateAsync(deployment, new WriteOptions { FieldValidation = FieldValidation.Warn }));
        Assert.True(invalid.IsInvalid);
        Assert.Contains(invalid.Status.Causes, c => c.Field is "spec.template.metadata.labels");
        deployment.Json["spec"]!["template"]!["metadata"]!["labels"]!["a"] = "b";
        await Client.CreateAsync(deployment, new WriteOptions { FieldValidation = FieldValidation.Warn, DryRun = true });
        Assert.Contains("unknown field \"spec.replica\"", _warnings);

        var nowhere = new ResourceType("nothing.example.com", "v1", "Thing", "things", Namespaced: true);
        await Assert.ThrowsAsync<KindNotServedException>(() => Client.FindAsync(nowhere, _namespace, "a"));
        await Assert.ThrowsAsync<KindNotServedException>(() => Client.ApplyAsync(KubernetesObject.Create("nothing.example.com/v1", "Thing", "a")));
    }

    [SkippableFact]
    public async Task Lists_come_in_pages_with_selectors()
    {
        for (var i = 0; i < 7; i++)
        {
            var map = ConfigMap($"c{i}");
            map.Json["metadata"]!["labels"] = new JsonObject { ["even"] = i % 2 == 0 ? "yes" : "no" };
            await Client.ApplyAsync(map);
        }

        var names = new List<string>();
        await foreach (var item in Client.ListAsync(ResourceTypes.ConfigMap, _namespace, new ListOptions { PageSize = 2, LabelSelector = "even=yes" }))
            names.Add(item.Name);
        Assert.Equal(["c0", "c2", "c4", "c6"], names);
        var page = await Client.ListPageAsync(ResourceTypes.ConfigMap, _namespace, new ListOptions { FieldSelector = "metadata.name=c3" });
        Assert.Equal("ConfigMap", Assert.Single(page.Items).Kind);
        Assert.Null(page.Continue);
    }

    [SkippableFact]
    public async Task A_watch_sees_what_happens()
    {
        await Client.ApplyAsync(Watched("before"));
        using var stop = new CancellationTokenSource(s_patience);
        var seen = new List<string>();
        await foreach (var change in Client.WatchAsync(ResourceTypes.ConfigMap, _namespace, new ListOptions { LabelSelector = "watched=yes" }, stop.Token))
        {
            if (change.Type == WatchEventType.Bookmark && seen.Count == 1)
            {
                await Client.ApplyAsync(Watched("after", ("k", "1")));
                await Client.ApplyAsync(Watched("after", ("k", "2")));
                await Client.DeleteAsync(ResourceTypes.ConfigMap, _namespace, "after");
            }

            if (change.Type != WatchEventType.Bookmark)
                seen.Add($"{change.Type} {change.Object.Name}");
            if (change.Type == WatchEventType.Deleted)
                break;
        }

        Assert.Equal(["Added before", "Added after", "Modified after", "Deleted after"], seen);
    
        // Kubernetes and Istio put ConfigMaps of their own into every namespace.
        KubernetesObject Watched(string name, params (string Key, string Value)[] data)
        {
            var map = ConfigMap(name, data);
            map.Json["metadata"]!["labels"] = new JsonObject { ["watched"] = "yes" };
            return map;
        }
    }

    [SkippableFact]
    public async Task A_watch_from_a_forgotten_version_lists_again()
    {
        // A version of 1 is long compacted or, on a young server, still known; both must end in the present.
        await Client.ApplyAsync(ConfigMap("here"));
        using var stop = new CancellationTokenSource(s_patience);
        await foreach (var change in Client.WatchAsync(ResourceTypes.ConfigMap, _namespace, new ListOptions { ResourceVersion = "1" }, stop.Token))
        {
            if (change.Object.Name is "here")
                return;
        }
    }

    [SkippableFact]
    public async Task Waits_end_when_they_should()
    {
        var missing = await Assert.ThrowsAsync<KubernetesApiException>(() => Client.WaitAsync(ResourceTypes.ConfigMap, _namespace, "w", WaitCondition.JsonPath("{.data.k}"), s_patience));
        Assert.True(missing.IsNotFound);
        var exists = Client.WaitAsync(ResourceTypes.ConfigMap, _namespace, "w", WaitCondition.Exists, s_patience);
        await Client.ApplyAsync(ConfigMap("w", ("k", "1")));
        await exists;
        var two = Client.WaitAsync(ResourceTypes.ConfigMap, _namespace, "w", WaitCondition.JsonPath("{.data.k}", "2"), s_patience);
        await Client.ApplyAsync(ConfigMap("w", ("k", "2")));
        await two;
        var gone = Client.WaitAsync(ResourceTypes.ConfigMap, _namespace, "w", WaitCondition.Deleted, s_patience);
        await Client.DeleteAsync(ResourceTypes.ConfigMap, _namespace, "w");
        await gone;
        var timeout = await Assert.ThrowsAsync<WaitTimeoutException>(() => Client.WaitAsync(ResourceTypes.ConfigMap, _namespace, "w", WaitCondition.Exists, TimeSpan.Zero));
        Assert.Equal(["it does not exist"], timeout.Unmet);
    }

    [SkippableFact]
    public async Task A_rollout_of_no_replicas_is_complete()
    {
        await Client.ApplyAsync(Object("""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: d, namespace: NAMESPACE}
            spec:
              replicas: 0
              selector: {matchLabels: {a: b}}
              template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}
            """));
        var done = await Client.WaitForRolloutAsync(ResourceTypes.Deployment, _namespace, "d", s_patience);
        Assert.Equal(done.Generation, done.FindInt64("status", "observedGeneration"));
    }

    [SkippableFact]
    public async Task A_service_account_gets_tokens_and_only_its_own_rights()
    {
        await Client.ApplyAsync(KubernetesObject.Create("v1", "ServiceAccount", "reader", _namespace));
        var token = await Client.RequestTokenAsync(_namespace, "reader", new TokenRequestOptions { Lifetime = TimeSpan.FromMinutes(10) });
        Assert.True(token.ExpirationTimestamp > DateTimeOffset.UtcNow);

        using var reader = Client.Configuration.CertificateAuthorityPem is { } authority
            ? new KubernetesClient(new ClientConfiguration { Server = Client.Configuration.Server, TlsServerName = Client.Configuration.TlsServerName, CertificateAuthorityPem = authority, Proxy = Client.Configuration.Proxy, Credentials = new FixedCredential(Credential.Bearer(token.GetToken())) })
            : new KubernetesClient(new ClientConfiguration { Server = Client.Configuration.Server, Proxy = Client.Configuration.Proxy, Credentials = new FixedCredential(Credential.Bearer(token.GetToken())) });
        Assert.Equal($"system:serviceaccount:{_namespace}:reader", (await reader.WhoAmIAsync()).UserName);
        Assert.False((await reader.CanIAsync(AccessQuery.For("list", ResourceTypes.Secret, _namespace))).Allowed);
        var forbidden = await Assert.ThrowsAsync<KubernetesApiException>(() => reader.ListPageAsync(ResourceTypes.Secret, _namespace));
        Assert.Equal((true, $"system:serviceaccount:{_namespace}:reader"), (forbidden.IsForbidden, forbidden.User));
        var upgrade = await Assert.ThrowsAsync<KubernetesApiException>(() => reader.ExecAsync(_namespace, "none", new ExecOptions(["true"])));
        Assert.True(upgrade.IsForbidden);

        Assert.True((await Client.CanIAsync(AccessQuery.For("delete", ResourceTypes.Namespace))).Allowed);
        Assert.True((await Client.CanIAsync(new AccessQuery("get") { NonResourcePath = "/version" })).Allowed);

        // A token Secret, as istioctl makes them, is filled by the controller.
        var secret = KubernetesObject.Create("v1", "Secret", "reader-token", _namespace);
        secret.Json["type"] = "kubernetes.io/service-account-token";
        secret.Json["metadata"]!["annotations"] = new JsonObject { ["kubernetes.io/service-account.name"] = "reader" };
        await Client.ApplyAsync(secret);
        var filled = await Client.WaitAsync(ResourceTypes.Secret, _namespace, "reader-token", WaitCondition.JsonPath("{.data.token}"), s_patience);
        Assert.NotNull(filled.FindString("data", "token"));
    }

    [SkippableFact]
    public async Task An_unknown_credential_is_unauthorized()
    {
        using var stranger = new KubernetesClient(new ClientConfiguration
        {
            Server = Client.Configuration.Server, CertificateAuthorityPem = Client.Configuration.CertificateAuthorityPem, Credentials = new FixedCredential(Credential.Bearer("canary-token")),
        });
        var error = await Assert.ThrowsAsync<KubernetesApiException>(() => stranger.ListPageAsync(ResourceTypes.Node, null));
        Assert.True(error.IsUnauthorized);
        Assert.DoesNotContain("canary", error.ToString(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Discovery_knows_the_cluster_and_finds_a_new_kind()
    {
        Assert.Equal(ResourceTypes.Deployment, await Client.Discovery.ResolveAsync("deploy"));
        foreach (var type in ResourceTypes.All)
            Assert.Equal(type, await Client.Discovery.ResolveAsync(type.ApiVersion, type.Kind));
        Assert.Empty(await Client.Discovery.GetFailuresAsync());

        var group = $"{_namespace}.example.com";
        var definition = Object("""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: widgets.GROUP}
            spec:
              group: GROUP
              scope: Namespaced
              names: {kind: Widget, plural: widgets, singular: widget, shortNames: [wdg]}
              versions:
              - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer, format: int64}}}}}}}
            """);
        await Client.ApplyAsync(definition);
        try
        {
            var type = await Client.Discovery.WaitForDefinitionAsync(definition.Name, s_patience);
            Assert.Equal((group, "widgets", true), (type.Group, type.Plural, type.Namespaced));
            var widget = KubernetesObject.Create($"{group}/v1", "Widget", "w", _namespace);
            widget.Json["spec"] = new JsonObject { ["size"] = 9007199254740993L };
            var applied = await Client.ApplyAsync(widget);
            Assert.Equal(9007199254740993L, applied.Object.FindInt64("spec", "size"));
            Assert.Equal(type, await Client.Discovery.ResolveAsync("wdg"));
            await Assert.ThrowsAsync<KubernetesApiException>(() => Client.ApplyAsync(Object(
                """{"apiVersion":"GROUP/v1","kind":"Widget","metadata":{"name":"x","namespace":"NAMESPACE"},"spce":{}}""")));
        }
        finally
        {
            await Client.DeleteAsync(ResourceTypes.CustomResourceDefinition, null, definition.Name);
        }
    }

    /// <summary>MESHTOOLS_TEST_POD names a running pod, NAMESPACE/POD, whose default container has a shell.</summary>
    [SkippableFact]
    public async Task A_command_runs_in_a_pod()
    {
        var named = Environment.GetEnvironmentVariable("MESHTOOLS_TEST_POD") ?? "";
        Skip.If(_client is null || named.Length == 0, "MESHTOOLS_TEST_POD does not name a pod");
        var (ns, pod) = (named.Split('/')[0], named.Split('/')[1]);
        Assert.Equal(new ExecResult(3, "out\n", "err\n"), await Client.ExecAsync(ns, pod, new ExecOptions(["sh", "-c", "echo out; echo err >&2; exit 3"])));
        using var input = new MemoryStream("hello"u8.ToArray());
        Assert.Equal("hello", (await Client.ExecAsync(ns, pod, new ExecOptions(["cat"]) { Stdin = input })).Stdout);
        Assert.True((await Assert.ThrowsAsync<KubernetesApiException>(() => Client.PortForwardAsync(ns, "no-such-pod", 80))).IsNotFound);
        await Assert.ThrowsAsync<StreamingException>(() => Client.GetThroughPodAsync(ns, pod, 1, "/"));
    }

    [SkippableFact]
    public async Task The_server_is_verified_by_name()
    {
        using var wrong = new KubernetesClient(new ClientConfiguration
        {
            Server = Client.Configuration.Server, CertificateAuthorityPem = Client.Configuration.CertificateAuthorityPem, TlsServerName = "wrong.example", ContextName = "c",
        });
        Assert.Equal(TlsFailure.NameMismatch, (await Assert.ThrowsAsync<TlsVerificationException>(() => wrong.GetVersionAsync())).Failure);
    }
}
