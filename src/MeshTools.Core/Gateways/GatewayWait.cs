using System.Diagnostics;
using MeshTools.Clusters;
using MeshTools.Errors;
using MeshTools.Kubernetes;
using MeshTools.Operations;
using MeshTools.Workloads;

namespace MeshTools.Gateways;

/// <summary>Waits until a gateway's proxies run and it has an address, and says why where it does not come to that.</summary>
internal sealed class GatewayWait(MeshCluster cluster, GatewaySpecification gateway, EastWestGatewayOptions options, IOperationLog log)
{
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly Stopwatch _clock = Stopwatch.StartNew();

    private bool ByIstiod => options.Form is EastWestGatewayForm.GatewayApi or EastWestGatewayForm.Ambient;

    private TimeSpan Left => options.Timeout - _clock.Elapsed is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        if (ByIstiod)
        {
            await WaitForGatewayAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        var deployment = new ObjectReference("apps/v1", "Deployment", gateway.Name, gateway.Namespace);
        var rollout = new RolloutOptions { Timeout = Left, Injected = gateway.Image is null };
        await WorkloadRollout.WaitAsync(cluster, deployment, rollout, log, cancellationToken).ConfigureAwait(false);
        log.Verbose($"{cluster.Name}: the proxies of {gateway.Name} run");
        if (gateway.AdvertisedAddresses.Count == 0 && gateway.ServiceType is null or "LoadBalancer")
            await ServiceAddressWait.RunAsync(cluster, gateway.Namespace, gateway.Name, Left, advice: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The gateway as it is; after a wait, as it is once its endpoints have settled, which takes them a moment longer than its pods.</summary>
    internal async Task<EastWestGateway> ReadAsync(CancellationToken cancellationToken)
    {
        var settling = Stopwatch.StartNew();
        while (true)
        {
            var all = await EastWestGateways.ReadAsync(cluster, log, cancellationToken, options.ControlPlaneNamespace).ConfigureAwait(false);
            var found = all.FirstOrDefault(IsMeant);
            if (found is { Ready: true } || !options.Wait || settling.Elapsed > s_settling)
                return Said(found ?? NotYet());
            await Task.Delay(s_pause, cancellationToken).ConfigureAwait(false);
        }
    }

    // Objects of istiod's making do not all say by which revision they are.
    private EastWestGateway Said(EastWestGateway found) => found with
    {
        Form = options.Form,
        Revision = found.Revision ?? gateway.Revision ?? ControlPlane.ControlPlaneRevision.DefaultRevision,
    };

    private bool IsMeant(EastWestGateway found) =>
        string.Equals(found.Name, gateway.Name, StringComparison.Ordinal) && string.Equals(found.Namespace, gateway.Namespace, StringComparison.Ordinal)
        && ByIstiod == found.Form is EastWestGatewayForm.GatewayApi or EastWestGatewayForm.Ambient;

    private EastWestGateway NotYet() => new(cluster, gateway.Name, gateway.Namespace)
    {
        Network = gateway.Network,
        Revision = gateway.Revision,
        Problems = ["istiod has not made its Service yet"],
    };

    private async Task WaitForGatewayAsync(CancellationToken cancellationToken)
    {
        var types = await GatewayApiTypes.RequireAsync(cluster, cancellationToken).ConfigureAwait(false);
        try
        {
            await cluster.Connect().WaitAsync(
                types.Gateway, gateway.Namespace, gateway.Name, WaitCondition.Condition("Programmed"), Left, cancellationToken).ConfigureAwait(false);
        }
        catch (WaitTimeoutException e)
        {
            await ThrowDeploymentProblemAsync(e, cancellationToken).ConfigureAwait(false);
            throw new MeshException(
                ErrorCatalog.GatewayNotProgrammed,
                $"{cluster.Name}: {e.Reference} is not programmed after {options.Timeout.TotalSeconds:0} s: {string.Join("; ", e.Unmet)}",
                cluster,
                innerException: e);
        }
    }

    // A proxy that does not start says more than the Gateway's conditions do. istiod writes the proxy into the Deployment itself; no webhook has to see its pods.
    private async Task ThrowDeploymentProblemAsync(WaitTimeoutException cause, CancellationToken cancellationToken)
    {
        var selector = $"{EastWestGatewayReading.GatewayNameLabel}={gateway.Name}";
        foreach (var deployment in await EastWestGateways.ListAsync(cluster, ResourceTypes.Deployment, gateway.Namespace, selector, cancellationToken).ConfigureAwait(false))
        {
            var problems = await WorkloadDiagnosis.ReadAsync(cluster, deployment, injected: false, cancellationToken).ConfigureAwait(false);
            if (problems.Count > 0)
                throw WorkloadErrors.From(cluster, deployment.Reference, problems[0], cause);
        }
    }
}
