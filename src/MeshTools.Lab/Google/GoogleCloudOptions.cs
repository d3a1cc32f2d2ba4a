namespace MeshTools.Lab;

/// <summary>The Google Cloud that a lab's clusters belong to.</summary>
public sealed record GoogleCloudOptions
{
    /// <summary>The project of the clusters.</summary>
    public string Project { get; init; } = LabClusterOptions.GkeProject;

    /// <summary>The project of the fleet; there is always one besides the clusters' own, so that both ways can be tried.</summary>
    public string FleetProject { get; init; } = "lab-fleet";

    /// <summary>Who the token stands for.</summary>
    public string Account { get; init; } = "lab-user@example.com";

    /// <summary>The roles that it has on both projects at first.</summary>
    public IReadOnlyList<string> Roles { get; init; } = ["roles/owner"];

    /// <summary>The APIs that both projects have enabled at first.</summary>
    public IReadOnlyList<string> Services { get; init; } =
        ["cloudresourcemanager.googleapis.com", "serviceusage.googleapis.com", "container.googleapis.com", "iamcredentials.googleapis.com"];

    /// <summary>Looks at an operation before it is done.</summary>
    public int OperationLooks { get; init; } = 1;

    /// <summary>The release channel of the clusters: <c>RAPID</c>, <c>REGULAR</c>, <c>STABLE</c>, <c>EXTENDED</c>; null for none.</summary>
    public string? ReleaseChannel { get; init; } = "REGULAR";

    /// <summary>Whether the clusters are Autopilot clusters.</summary>
    public bool Autopilot { get; init; }

    /// <summary>Whether all APIs are enabled that a mesh needs, and the clusters have Workload Identity and send logs and metrics.</summary>
    public bool Prepared { get; init; }
}
