using System.Globalization;
using System.Text.Json.Nodes;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Fleet;
using MeshTools.Install;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Revisions;
using Ids = MeshTools.Requirements.RequirementIds;

namespace MeshTools.Requirements;

/// <summary>What an installation needs in the cluster itself. Only reads, reviews and dry runs.</summary>
internal static class ClusterRequirements
{
    private const string OldGateway = "istio-ingressgateway";

    internal static async Task CheckAsync(RequirementReport report, RequirementOptions options, IOperationLog log, CancellationToken cancellationToken)
    {
        string version;
        try
        {
            version = (await report.Cluster.Connect().GetVersionAsync(cancellationToken).ConfigureAwait(false)).GitVersion;
            report.Pass(Ids.ClusterAccess, $"The API server answers: {version}", $"{report.Cluster.Server}");
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            var described = ErrorCatalog.Describe(e, report.Cluster);
            report.Fail(Ids.ClusterAccess, described.Message, described.RecommendedAction, $"{report.Cluster.Server}");
            return;
        }

        Version(report, version, options.Version);
        await Each(report, Ids.Administrator, () => AdministratorAsync(report, cancellationToken), cancellationToken).ConfigureAwait(false);
        await Each(report, Ids.Namespace, () => NamespaceAsync(report, options, cancellationToken), cancellationToken).ConfigureAwait(false);
        await Each(report, Ids.Revisions, () => RevisionsAsync(report, options, log, cancellationToken), cancellationToken).ConfigureAwait(false);
        await Each(report, Ids.Elsewhere, () => ElsewhereAsync(report, options, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (options.Managed)
            await Each(report, Ids.ManagedControlPlane, () => DefinitionAsync(report, cancellationToken), cancellationToken).ConfigureAwait(false);
        else
            await Each(report, Ids.OldGateway, () => OldGatewayAsync(report, options.Namespace, cancellationToken), cancellationToken).ConfigureAwait(false);
        await Each(report, Ids.Webhooks, () => WebhooksAsync(report, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What an installation checks besides its own validation, which knows revisions, permissions and other control planes.</summary>
    internal static async Task CheckForInstallAsync(RequirementReport report, Install.InstallOptions options, string? release, CancellationToken cancellationToken)
    {
        if (report.Cluster.KubernetesVersion is { } version)
            Version(report, version, release);
        if (!options.Managed && !options.Options.Contains("legacy-default-ingressgateway", StringComparer.Ordinal) && !options.Options.Contains("iap-operator", StringComparer.Ordinal))
            await Each(report, Ids.OldGateway, () => OldGatewayAsync(report, options.Namespace, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    // Google installs it; who installs waits for it.
    private static async Task DefinitionAsync(RequirementReport report, CancellationToken cancellationToken)
    {
        if (await report.Cluster.Connect().FindAsync(ResourceTypes.CustomResourceDefinition, null, Managed.ManagedRevision.Definition, cancellationToken).ConfigureAwait(false) is not null)
            report.Pass(Ids.ManagedControlPlane, "Google has installed the definition of ControlPlaneRevisions");
        else
            report.Warn(Ids.ManagedControlPlane, "Google has not installed the definition of ControlPlaneRevisions yet", "It comes some minutes after the membership and the feature; Install-ServiceMesh -Managed waits for it.");
    }

    internal static void Namespace(RequirementReport report, string name, bool isThere) => report.Require(
        isThere, Ids.Namespace, $"Namespace {name} is there", $"Namespace {name} is not there",
        $"kubectl create namespace {name} --context {report.Cluster.Context}", CloudChangeArea.Namespace);

    // One that cannot be checked is a finding of its own, and the others go on.
    private static async Task Each(RequirementReport report, string id, Func<Task> check, CancellationToken cancellationToken)
    {
        try
        {
            await check().ConfigureAwait(false);
        }
        catch (KubernetesException e) when (!cancellationToken.IsCancellationRequested)
        {
            var described = ErrorCatalog.Describe(e, report.Cluster);
            report.Fail(id, described.Message, described.RecommendedAction);
        }
    }

    private static void Version(RequirementReport report, string version, string? release)
    {
        if (KubernetesSupport.For(release) is not { } range || KubernetesSupport.MinorOf(version) is not { } minor)
        {
            report.Pass(Ids.KubernetesVersion, release is null ? $"Kubernetes {version}; no release was named to compare it with" : $"Kubernetes {version}; which versions {release} supports is not known here");
            return;
        }

        var supported = string.Create(CultureInfo.InvariantCulture, $"1.{range.Least} to 1.{range.Most}");
        if (minor < range.Least - KubernetesSupport.Tried)
            report.Fail(Ids.KubernetesVersion, $"Kubernetes {version} is too old for {release}, which supports {supported}", "Upgrade the cluster, or install an older release.");
        else if (minor < range.Least || minor > range.Most)
            report.Warn(Ids.KubernetesVersion, $"Kubernetes {version} is not among the versions that {release} supports, {supported}", minor < range.Least ? "Upgrade the cluster." : "Install a newer release.");
        else
            report.Pass(Ids.KubernetesVersion, $"Kubernetes {version} is supported by {release}");
    }

    private static async Task AdministratorAsync(RequirementReport report, CancellationToken cancellationToken)
    {
        var client = report.Cluster.Connect();
        var everything = await client.CanIAsync(new AccessQuery("*") { Group = "*", Resource = "*" }, cancellationToken).ConfigureAwait(false);
        if (everything.Allowed)
        {
            report.Pass(Ids.Administrator, "The user is an administrator of the cluster");
            return;
        }

        // Roles can only be given by who has what they hold, or may escalate.
        (string Verb, ResourceType Type)[] needed = [("escalate", ResourceTypes.ClusterRole), ("bind", ResourceTypes.ClusterRole), ("create", ResourceTypes.ClusterRole), ("create", ResourceTypes.ClusterRoleBinding)];
        var answers = await Task.WhenAll(needed.Select(async item => (item, (await client.CanIAsync(AccessQuery.For(item.Verb, item.Type), cancellationToken).ConfigureAwait(false)).Allowed))).ConfigureAwait(false);
        string[] missing = [.. answers.Where(answer => !answer.Allowed).Select(answer => $"{answer.item.Verb} {answer.item.Type.Plural}")];
        var user = (await client.WhoAmIAsync(cancellationToken).ConfigureAwait(false)).UserName;
        if (missing.Length > 0)
            report.Fail(Ids.Administrator, $"{user} is no administrator of the cluster", $"kubectl create clusterrolebinding {DnsLabel.From(user)}-cluster-admin --clusterrole cluster-admin --user {user} --context {report.Cluster.Context}", "missing: " + string.Join(", ", missing));
        else
            report.Warn(Ids.Administrator, $"{user} is no administrator, but may give roles away", "Make sure that the user may create all kinds that an installation has.");
    }

    private static async Task NamespaceAsync(RequirementReport report, RequirementOptions options, CancellationToken cancellationToken)
    {
        var ns = await report.Cluster.Connect().FindAsync(ResourceTypes.Namespace, null, options.Namespace, cancellationToken).ConfigureAwait(false);
        if (ns?.FindString("status", "phase") is "Terminating")
            report.Fail(Ids.Namespace, $"Namespace {options.Namespace} is being deleted", "Wait until it is gone; `kubectl get namespace` says what holds it.", target: ns.Reference);
        else
            Namespace(report, options.Namespace, ns is not null);
    }

    private static async Task RevisionsAsync(RequirementReport report, RequirementOptions options, IOperationLog log, CancellationToken cancellationToken)
    {
        var revisions = await RevisionCatalog.GetRevisionsAsync(report.Cluster, options.Namespace, log, cancellationToken).ConfigureAwait(false);
        if (revisions.Count == 0)
        {
            report.Pass(Ids.Revisions, "No control plane is installed yet");
            return;
        }

        var wanted = KubernetesSupport.MinorOf(options.Version);
        foreach (var revision in revisions)
        {
            var known = $"Revision {revision.Revision} ({revision.Version ?? "version not known"})";
            if (KubernetesSupport.MinorOf(revision.Version) is not { } minor || wanted is not { } to)
                report.Pass(Ids.Revisions, $"{known} is installed");
            else if (minor > to)
                report.Fail(Ids.Revisions, $"{known} is newer than {options.Version}", "Install that release or a newer one; a control plane is not downgraded.");
            else if (to - minor > 1)
                report.Warn(Ids.Revisions, $"{known} and {options.Version} are more than one minor version apart", "Upgrade one minor version at a time.");
            else
                report.Pass(Ids.Revisions, $"{known} goes together with {options.Version}");
        }
    }

    private static async Task ElsewhereAsync(RequirementReport report, RequirementOptions options, CancellationToken cancellationToken)
    {
        var list = await report.Cluster.Connect().ListPageAsync(ResourceTypes.Deployment, null, new ListOptions { LabelSelector = ControlPlane.ControlPlaneRevision.Selector }, cancellationToken).ConfigureAwait(false);
        KubernetesObject[] strays = [.. list.Items.Where(item => !string.Equals(item.Namespace, options.Namespace, StringComparison.Ordinal))];
        foreach (var stray in strays)
            report.Fail(Ids.Elsewhere, $"A control plane runs in namespace {stray.Namespace}", "Remove it, or name its namespace with -Namespace.", target: stray.Reference);
        if (strays.Length == 0)
            report.Pass(Ids.Elsewhere, $"No control plane runs outside of {options.Namespace}");
    }

    private static async Task OldGatewayAsync(RequirementReport report, string ns, CancellationToken cancellationToken)
    {
        var client = report.Cluster.Connect();
        foreach (var type in new[] { ResourceTypes.Service, ResourceTypes.Deployment })
        {
            // Only what an installation by this module made is removed by the next; what another document made stays.
            if (await client.FindAsync(type, ns, OldGateway, cancellationToken).ConfigureAwait(false) is { } found
                && found.Labels.GetValueOrDefault(OwnerLabels.Owner) is OperatorDocument.Name)
                report.Warn(Ids.OldGateway, $"{type.Kind} {OldGateway} is in {ns}; an installation without option legacy-default-ingressgateway removes it", "Install with that option, or move the traffic to a gateway in a namespace of its own first.", target: found.Reference);
        }
    }

    // A dry run asks RBAC, policies and other webhooks, and stores nothing.
    private static async Task WebhooksAsync(RequirementReport report, CancellationToken cancellationToken)
    {
        var probe = new KubernetesObject(new JsonObject
        {
            ["apiVersion"] = "admissionregistration.k8s.io/v1",
            ["kind"] = "MutatingWebhookConfiguration",
            ["metadata"] = new JsonObject { ["name"] = "meshtools-requirement-probe" },
            ["webhooks"] = new JsonArray(),
        });
        try
        {
            await report.Cluster.Connect().ApplyAsync(probe, new ApplyOptions { DryRun = true }, cancellationToken).ConfigureAwait(false);
            report.Pass(Ids.Webhooks, "The cluster admits webhooks of the user (dry run)");
        }
        catch (KubernetesException e)
        {
            var described = ErrorCatalog.Describe(e, report.Cluster);
            report.Fail(Ids.Webhooks, $"The cluster does not admit webhooks of the user: {described.Message}", described.RecommendedAction);
        }
    }
}
