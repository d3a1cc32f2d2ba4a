using MeshTools.Install;
using MeshTools.Lab;
using MeshTools.Managed;
using MeshTools.Tests.GoogleCloud;

namespace MeshTools.Tests.Managed;

/// <summary>A lab with a Google Cloud whose clusters are members of a fleet with the service mesh feature.</summary>
internal static class ManagedLab
{
    public static async Task<GoogleLab> StartAsync(int clusters = 1, MeshTools.Lab.GoogleCloudOptions? options = null, string fleet = GoogleLab.Fleet)
    {
        var lab = await GoogleLab.StartAsync(clusters, options);
        for (var number = 1; number <= clusters; number++)
            await lab.PrepareAsync(new MeshTools.Fleet.CloudWish(fleet) { Managed = true }, number);
        return lab;
    }

    public static Task<ManagedInstallPlan> PlanAsync(this GoogleLab lab, ManagedInstallOptions? options = null, int number = 1) =>
        ManagedInstallPlan.CreateAsync(lab.Cluster(number), options ?? Options(), lab.Client, lab.Log, CancellationToken.None);

    public static async Task<ServiceMeshInstallation> InstallAsync(this GoogleLab lab, ManagedInstallOptions? options = null, int number = 1) =>
        await (await lab.PlanAsync(options, number)).ExecuteAsync(lab.Log, CancellationToken.None);

    public static ManagedInstallOptions Options(string fleet = GoogleLab.Fleet) => new(fleet) { Wait = true, Timeout = TimeSpan.FromMinutes(1) };

    public static int Writes(this GoogleLab lab) => lab.Google.WriteCount + lab.Mesh.Writes();

    public static StoredObject? Revision(this GoogleLab lab, string name = "asm-managed", int number = 1) =>
        lab.Mesh.Find(number, "controlplanerevisions", name, group: "mesh.cloud.google.com");
}
