using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>The nodes of a cluster, with the provider IDs and labels that clouds give theirs.</summary>
internal static class NodeObjects
{
    public static JsonObject Create(LabClusterOptions options, int cluster, int node, string now)
    {
        var name = Name(options, node);
        var (providerId, region, zone) = Place(options, name, node);
        var labels = new JsonObject
        {
            ["kubernetes.io/arch"] = "amd64",
            ["kubernetes.io/hostname"] = name,
            ["kubernetes.io/os"] = "linux",
            ["topology.kubernetes.io/region"] = region,
            ["topology.kubernetes.io/zone"] = zone,
        };
        var spec = new JsonObject { ["podCIDR"] = string.Create(CultureInfo.InvariantCulture, $"10.{100 + (cluster % 100)}.{node}.0/24") };
        if (providerId is not null)
        {
            spec["providerID"] = providerId;
        }

        switch (options.Platform)
        {
            case LabPlatform.Gke:
                labels["cloud.google.com/gke-nodepool"] = "default-pool";
                break;
            case LabPlatform.Eks:
                labels["eks.amazonaws.com/nodegroup"] = "default";
                break;
            case LabPlatform.Aks:
                labels["kubernetes.azure.com/cluster"] = "MC_lab_" + options.Name;
                break;
        }

        var conditions = new JsonObject();
        Fields.SetCondition(conditions, now, "Ready", "True", "KubeletReady", "kubelet is posting ready status");
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Node",
            ["metadata"] = new JsonObject { ["labels"] = labels },
            ["spec"] = spec,
            ["status"] = new JsonObject
            {
                ["addresses"] = new JsonArray(
                    new JsonObject
                    {
                        ["type"] = "InternalIP",
                        ["address"] = string.Create(CultureInfo.InvariantCulture, $"172.18.{cluster % 250}.{node + 2}"),
                    },
                    new JsonObject { ["type"] = "Hostname", ["address"] = name }),
                ["allocatable"] = new JsonObject { ["cpu"] = "8", ["memory"] = "32Gi", ["pods"] = "110" },
                ["capacity"] = new JsonObject { ["cpu"] = "8", ["memory"] = "32Gi", ["pods"] = "110" },
                ["conditions"] = conditions["conditions"]!.DeepClone(),
                ["nodeInfo"] = new JsonObject
                {
                    ["architecture"] = "amd64",
                    ["bootID"] = string.Empty,
                    ["containerRuntimeVersion"] = "containerd://2.1.0",
                    ["kernelVersion"] = "6.6.0",
                    ["kubeProxyVersion"] = string.Empty,
                    ["kubeletVersion"] = options.ServerVersion,
                    ["machineID"] = string.Empty,
                    ["operatingSystem"] = "linux",
                    ["osImage"] = "MeshTools lab",
                    ["systemUUID"] = string.Empty,
                },
            },
        };
    }

    public static string Name(LabClusterOptions options, int node) => options.Platform switch
    {
        LabPlatform.Gke => string.Create(CultureInfo.InvariantCulture, $"gke-{options.Name}-default-pool-{node:x8}"),
        LabPlatform.Eks => string.Create(CultureInfo.InvariantCulture, $"ip-10-0-0-{node + 10}.ec2.internal"),
        LabPlatform.Aks => string.Create(CultureInfo.InvariantCulture, $"aks-default-10000000-vmss{node:000000}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{options.Name}-node-{node + 1}"),
    };

    private static (string? ProviderId, string Region, string Zone) Place(LabClusterOptions options, string name, int node) => options.Platform switch
    {
        LabPlatform.Gke => ($"gce://{LabClusterOptions.GkeProject}/{LabClusterOptions.GkeLocation}/{name}", "us-central1", LabClusterOptions.GkeLocation),
        LabPlatform.Eks => (string.Create(CultureInfo.InvariantCulture, $"aws:///us-east-1a/i-{node + 1:x17}"), "us-east-1", "us-east-1a"),
        LabPlatform.Aks => (
            string.Create(
                CultureInfo.InvariantCulture,
                $"azure:///subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/mc_lab/providers/Microsoft.Compute/virtualMachineScaleSets/aks-default/virtualMachines/{node}"),
            "westeurope",
            "westeurope-1"),
        _ => (null, "lab", "lab-a"),
    };
}
