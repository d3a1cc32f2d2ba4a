using System.Text;
using MeshTools.Clusters;
using MeshTools.ControlPlane;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Discovery;

/// <summary>
/// How a cluster becomes readable by others: which objects are there and which have to be made (reading only), then the making of them and of the remote secret.
/// </summary>
public sealed class RemoteSecretPlan
{
    private readonly RemoteSecretOptions _options;
    private readonly List<Step> _steps = [];
    private readonly KubernetesObject? _token;
    private readonly bool _accountSeen;

    private RemoteSecretPlan(MeshCluster cluster, RemoteSecretOptions options, ReaderState state, bool namespaceMissing, bool? accountExists)
    {
        Cluster = cluster;
        _options = options;
        _token = state.FindTokenSecret(options);
        _accountSeen = accountExists is not null;
        ClusterId = options.ClusterId ?? RemoteSecret.ClusterIdOf(cluster);
        var role = state.Role?.Name ?? ReaderObjects.RoleNameFor(ControlPlaneRevision.DefaultRevision, options.Namespace);
        if (namespaceMissing)
            Add(ChangeKind.Create, KubernetesObject.Create("v1", "Namespace", options.Namespace), "namespace of the control plane");
        if (accountExists is { } exists)
            Add(exists ? ChangeKind.Unchanged : ChangeKind.Create, ReaderObjects.ServiceAccount(options.ServiceAccount, options.Namespace), "service account that other clusters read with");
        Add(state.Role is null ? ChangeKind.Create : ChangeKind.Unchanged, ReaderObjects.Role(role), "what other clusters may read");
        AddBinding(state.Binding, role);
        var secretName = _token?.Name ?? options.SecretName ?? ReaderObjects.TokenSecretName(options.ServiceAccount);
        Add(_token is null ? ChangeKind.Create : ChangeKind.Unchanged, ReaderObjects.TokenSecret(secretName, options.Namespace, options.ServiceAccount), "token of the reader service account");
        Current = _token is not null && ReaderObjects.IsFilled(_token) ? Assemble(_token) : null;
    }

    /// <summary>The cluster that others are to read.</summary>
    public MeshCluster Cluster { get; }

    /// <summary>The cluster ID under which they will know it.</summary>
    public string ClusterId { get; }

    /// <summary>The objects, in the order in which they are made, compared with what is live.</summary>
    public IReadOnlyList<PlannedChange> Changes => [.. _steps.Select(step => step.Change)];

    /// <summary>Whether the control plane's namespace is among what is missing.</summary>
    internal bool MakesNamespace => _steps[0].Object.Kind is "Namespace";

    /// <summary>The remote secret, when the token is there already.</summary>
    internal RemoteSecret? Current { get; }

    /// <summary>Looks at a cluster. Nothing is written.</summary>
    /// <param name="cluster">The cluster that others are to read.</param>
    /// <param name="options">How.</param>
    /// <param name="log">Takes warnings.</param>
    /// <param name="thorough">Whether the service account is looked at even where its token shows, or its role suggests, that it is there; for dry runs.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="MeshException">The cluster ID, server or token Secret cannot be used, or the namespace is missing.</exception>
    /// <exception cref="KubernetesException">The cluster cannot be read.</exception>
    public static async Task<RemoteSecretPlan> CreateAsync(
        MeshCluster cluster, RemoteSecretOptions options, IOperationLog log, bool thorough, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        Validate(cluster, options);
        var state = await ReaderState.ReadAsync(cluster, options.Namespace, cancellationToken).ConfigureAwait(false);
        return await CreateAsync(state, options, log, thorough, cancellationToken).ConfigureAwait(false);
    }

    internal static async Task<RemoteSecretPlan> CreateAsync(
        ReaderState state, RemoteSecretOptions options, IOperationLog log, bool thorough, CancellationToken cancellationToken)
    {
        var cluster = state.Cluster;
        Warn(cluster, options, state, log);
        var hasToken = state.FindTokenSecret(options) is { } token && ReaderObjects.IsFilled(token);
        var namespaceMissing = !hasToken && cluster.Revisions.Count == 0 && await NamespaceMissingAsync(cluster, options, cancellationToken).ConfigureAwait(false);
        // A filled token proves its account. So, nearly always, does the role that comes with it; should it be wrong, the token tells.
        bool? account = null;
        if (thorough || (!hasToken && (state.Role is null || state.Binding is null)))
        {
            account = !namespaceMissing
                && await cluster.Connect().FindAsync(ResourceTypes.ServiceAccount, options.Namespace, options.ServiceAccount, cancellationToken).ConfigureAwait(false) is not null;
        }

        return new RemoteSecretPlan(cluster, options, state, namespaceMissing, account);
    }

    /// <summary>Makes what is missing, waits for the token, and makes the remote secret. What was made stays when a later step fails; a further run goes on from there.</summary>
    /// <param name="log">Takes milestones.</param>
    /// <param name="cancellationToken">Cancels the requests and the wait.</param>
    /// <returns>The remote secret, with its credential.</returns>
    /// <exception cref="MeshException">The token does not come in time (<c>TokenNotIssued</c>).</exception>
    /// <exception cref="KubernetesException">A request fails.</exception>
    public async Task<RemoteSecret> ExecuteAsync(IOperationLog log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(log);
        // The token Secret is the last step.
        var token = _steps[^1].Object;
        foreach (var step in _steps.Where(step => step.Change.Writes))
        {
            token = await WriteAsync(step, cancellationToken).ConfigureAwait(false) is { Kind: "Secret" } made ? made : token;
            log.Verbose($"{Cluster.Name}: made {step.Object.Reference}");
        }

        if (Current is not null)
            return Checked(Current, log);
        var secret = await new TokenWait(Cluster, _options, token, _accountSeen).RunAsync(cancellationToken).ConfigureAwait(false);
        log.Verbose($"{Cluster.Name}: token Secret {secret.Namespace}/{secret.Name} is filled");
        return Checked(Assemble(secret), log);
    }

    // A proxy before the API server (Rancher, vCluster, Connect gateway) shows a certificate that the cluster's own authority did not sign.
    private RemoteSecret Checked(RemoteSecret secret, IOperationLog log)
    {
        var configuration = Cluster.Connect().Configuration;
        if (_options.Server is null && configuration.CertificateAuthorityPem is { } trusted && secret.Credential?.TrustsAnyOf(trusted) is false)
        {
            log.Warning($"{Cluster.Name}: the server {configuration.Server} is trusted here by an authority that the cluster's own tokens do not name, as behind a proxy. "
                + "istiod will refuse its certificate; give the API server's own address with -Server.");
        }

        return secret;
    }

    internal static void Validate(MeshCluster cluster, RemoteSecretOptions options)
    {
        // What a control plane already calls itself has to be used as it is, whatever its form.
        if (options.ClusterId is { } id && !DnsLabel.IsValid(id) && !string.Equals(id, cluster.ClusterId, StringComparison.Ordinal))
            throw new MeshException(ErrorCatalog.ClusterIdInvalid, $"{cluster.Name}: '{id}' is not a valid DNS 1123 label and cannot be a cluster ID", cluster);
        if (options.Server is { } server && (!server.IsAbsoluteUri || server.Scheme is not "https"))
            throw new MeshException(ErrorCatalog.ServerInvalid, $"{cluster.Name}: server '{server.OriginalString}' is no https URL; a token is never sent over anything else", cluster);
        if (options.Server is null && cluster.Server is { Scheme: not "https" })
            throw new MeshException(ErrorCatalog.ServerInvalid, $"{cluster.Name}: the kubeconfig's server {cluster.Server} is no https URL", cluster);
    }

    private static void Warn(MeshCluster cluster, RemoteSecretOptions options, ReaderState state, IOperationLog log)
    {
        var server = ServerOf(cluster, options);
        if (ServerReachability.Doubt(cluster, server) is { } doubt)
            log.Warning($"{cluster.Name}: the server {server.GetLeftPart(UriPartial.Path)} {doubt}. Give the address that the other clusters' pods use with -Server.");
        if (options.ClusterId is { } id && cluster is { Revisions.Count: > 0, ClusterId: { } live } && !string.Equals(id, live, StringComparison.Ordinal))
            log.Warning($"{cluster.Name}: '{id}' is not the ID that its control plane uses ({live}); traffic rules on topology.istio.io/cluster will not match.");
        if (state.Role is { } role && ReaderObjects.MissingFrom(role) is { Count: > 0 } missing)
            log.Warning($"{cluster.Name}: {role.Reference} does not allow reading {string.Join(", ", missing)}; istiod of other clusters will not get in sync. Upgrade the control plane that owns it.");
    }

    private static async Task<bool> NamespaceMissingAsync(MeshCluster cluster, RemoteSecretOptions options, CancellationToken cancellationToken)
    {
        if (await cluster.Connect().FindAsync(ResourceTypes.Namespace, null, options.Namespace, cancellationToken).ConfigureAwait(false) is not null)
            return false;
        return options.CreateNamespace
            ? true
            : throw new MeshException(ErrorCatalog.NamespaceNotFound, $"{cluster.Name}: namespace {options.Namespace} does not exist", cluster);
    }

    private static Uri ServerOf(MeshCluster cluster, RemoteSecretOptions options) => options.Server ?? cluster.Connect().Configuration.Server;

    private void AddBinding(KubernetesObject? live, string role)
    {
        var wanted = ReaderObjects.Binding(role, _options.ServiceAccount, _options.Namespace);
        var kind = live is null ? ChangeKind.Create : ReaderObjects.Binds(live, _options.ServiceAccount, _options.Namespace) ? ChangeKind.Unchanged : ChangeKind.Update;
        // An apply replaces the whole list: those who are bound stay bound.
        foreach (var subject in live?.Json.FindArray("subjects") ?? [])
            wanted.Json["subjects"]!.AsArray().Add(subject?.DeepClone());
        Add(kind, wanted, "grants it to the service account");
    }

    private void Add(ChangeKind kind, KubernetesObject obj, string description) =>
        _steps.Add(new Step(new PlannedChange(Cluster, obj.Reference, kind, description), obj));

    // A token Secret is created, never applied: an apply would race with the controller that fills it.
    private async Task<KubernetesObject> WriteAsync(Step step, CancellationToken cancellationToken)
    {
        if (step.Object.Kind is not ("Secret" or "Namespace"))
        {
            var applied = await Cluster.Connect().ApplyAsync(step.Object, new ApplyOptions { ForceConflicts = _options.ForceConflicts }, cancellationToken).ConfigureAwait(false);
            return applied.Object;
        }

        try
        {
            return await Cluster.Connect().CreateAsync(step.Object, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.IsAlreadyExists)
        {
            // Somebody made it since it was looked for; that serves as well.
            return step.Object;
        }
    }

    private RemoteSecret Assemble(KubernetesObject tokenSecret)
    {
        var server = ServerOf(Cluster, _options);
        var credential = new RemoteCredential(
            server.AbsoluteUri.TrimEnd('/'),
            _options.TlsServerName ?? (_options.Server is null ? Cluster.Connect().Configuration.TlsServerName : null),
            Convert.FromBase64String(tokenSecret.FindString("data", "ca.crt") ?? ""),
            Encoding.UTF8.GetString(Convert.FromBase64String(tokenSecret.FindString("data", "token") ?? "")));
        return new RemoteSecret(ClusterId, RemoteSecret.NameFor(ClusterId), _options.Namespace, credential)
        {
            SourceCluster = Cluster, TokenCreatedAt = tokenSecret.CreationTimestamp,
        };
    }

    private sealed record Step(PlannedChange Change, KubernetesObject Object);
}
