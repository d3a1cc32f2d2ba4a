namespace MeshTools.Lab;

/// <summary>The field managers that a real cluster's own programs write as.</summary>
internal static class FieldManagers
{
    public const string ControllerManager = "kube-controller-manager";
    public const string CloudControllerManager = "cloud-controller-manager";
    public const string Kubelet = "kubelet";
    public const string Scheduler = "kube-scheduler";
}
