using MeshTools.Errors;
using MeshTools.Tests.Scenarios;
using MeshTools.Trust;
using Xunit;

namespace MeshTools.Tests.Trust;

/// <summary>A rotation to a root whose key is elsewhere, as are the keys that signed the intermediates.</summary>
public sealed class OfflineRootRotationTests
{
    [Fact]
    public async Task Intermediates_from_elsewhere_are_taken_by_name_or_cluster()
    {
        await using var mesh = await LabMesh.StartAsync(2);
        var clusters = mesh.Load();
        using var offline = CertificateIssuing.CreateRoot(CertificateFolder.Ec);
        using var root = new MeshCertificate(offline.X509, [], [offline.X509], key: null);
        using var first = CertificateIssuing.CreateIntermediate(offline, "lab-1", null, CertificateFolder.Ec, mesh.Log);
        using var second = CertificateIssuing.CreateIntermediate(offline, "another name", clusters[1], CertificateFolder.Ec, mesh.Log);
        var given = new RootRotationOptions { Timeout = TimeSpan.FromSeconds(60), Intermediates = [second, first] };

        // The first step needs no key at all.
        await StepAsync(RotationStep.CombineRoots, given with { Intermediates = [] });
        var writes = mesh.Writes();

        // Without a key and without an intermediate for each cluster there is no second.
        var missing = await Assert.ThrowsAsync<MeshException>(() => PlanAsync(given with { Intermediates = [first] }));
        Assert.Contains("lab-2", missing.Message, StringComparison.Ordinal);
        using var stranger = CertificateIssuing.CreateRoot(CertificateFolder.Ec);
        using var foreign = CertificateIssuing.CreateIntermediate(stranger, "lab-2", clusters[1], CertificateFolder.Ec, mesh.Log);
        var strange = await Assert.ThrowsAsync<MeshException>(() => PlanAsync(given with { Intermediates = [first, foreign] }));
        Assert.Equal("ChainNotTrusted", strange.ErrorId);
        Assert.Contains("lab-2", strange.Message, StringComparison.Ordinal);
        Assert.Equal(writes, mesh.Writes());

        var replaced = await StepAsync(RotationStep.ReplaceIntermediates, given);
        Assert.Equal([first.Fingerprint, second.Fingerprint], replaced.Select(result => result.SigningFingerprint));
        var last = await StepAsync(RotationStep.DropOldRoots, given with { Intermediates = [] });
        Assert.All(last, result => Assert.Equal([root.Fingerprint], result.RootFingerprints));
        Assert.Equal([first.Fingerprint, second.Fingerprint], last.Select(result => result.SigningFingerprint));
        Assert.Empty(mesh.Log.Failures);
        Assert.True((await TrustCheck.RunAsync(clusters, new TrustCheckOptions(), mesh.Log, CancellationToken.None)).IsGood);

        Task<RootRotation> PlanAsync(RootRotationOptions options) => RootRotation.PlanAsync(clusters, root, options, mesh.Log, CancellationToken.None);

        async Task<IReadOnlyList<RotationResult>> StepAsync(RotationStep step, RootRotationOptions options)
        {
            var rotation = await PlanAsync(options);
            Assert.Equal(step, rotation.Step);
            return await rotation.ExecuteAsync(mesh.Log, CancellationToken.None);
        }
    }
}
