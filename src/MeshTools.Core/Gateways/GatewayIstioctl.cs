using System.Globalization;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Istioctl;
using MeshTools.Kubernetes;
using MeshTools.Operations;

namespace MeshTools.Gateways;

/// <summary>Has istioctl make the gateway of its IstioOperator document, as the guides do with <c>istioctl install -f -</c>.</summary>
internal static class GatewayIstioctl
{
    // Its own time-out counts from when all is applied; this is for what it does before.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(30);

    /// <summary>Runs it, unless there is nothing to change.</summary>
    /// <exception cref="MeshException">istioctl is not there, fails, does not end, or has not made the gateway.</exception>
    internal static async Task InstallAsync(
        MeshCluster cluster, GatewaySpecification gateway, EastWestGatewayOptions options, ManifestPlan manifest, IOperationLog log, CancellationToken cancellationToken)
    {
        if (!manifest.Changes.Any(change => change.Writes))
            return;
        var program = IstioctlProgram.Find(options.IstioctlPath);
        // Its namespace first: istioctl would label it with the network, which belongs on the control plane's.
        await manifest.ExecuteAsync(change => change.Object.Kind is "Namespace", log, cancellationToken).ConfigureAwait(false);
        var run = new IstioctlRun(program, Arguments(options.Timeout))
        {
            Cluster = cluster,
            Input = KubernetesYaml.Write(GatewayOperatorDocument.Render(gateway).Json),
            Log = log,
            OutputIsResult = false,
            Limit = options.Timeout + s_grace,
        };
        await run.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        // Another program of that name can end without an error, too.
        if (await cluster.Connect().FindAsync(ResourceTypes.Service, gateway.Namespace, gateway.Name, cancellationToken).ConfigureAwait(false) is null)
        {
            throw new MeshException(
                ErrorCatalog.IstioctlFailed, $"{cluster.Name}: {program.Path} ended without an error, but Service {gateway.Namespace}/{gateway.Name} is not there", cluster);
        }
    }

    /// <summary>
    /// The arguments. Nothing of the control plane is set, so the guides' <c>--set spec.values.global.pilotCertProvider</c> is not needed: the injector knows it. With
    /// operatorManageWebhooks istioctl leaves the default revision alone, which it would otherwise move to the gateway's (istio operator/pkg/webhook/webhook.go); of the two
    /// spellings of <c>--set</c>, only the one without <c>spec.</c> is taken by every version.
    /// </summary>
    internal static IReadOnlyList<string> Arguments(TimeSpan timeout) =>
    [
        "install", "--skip-confirmation", "--filename", "-", "--set", "values.global.operatorManageWebhooks=true",
        "--readiness-timeout", string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (long)timeout.TotalSeconds)}s"),
    ];
}
