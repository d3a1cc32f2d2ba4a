using MeshTools.Install;
using MeshTools.Istioctl;
using MeshTools.Kubernetes;
using MeshTools.Tests.Scenarios;
using Xunit;

namespace MeshTools.Tests.Install;

/// <summary>A real istioctl accepts what is built. Skipped where none is on PATH.</summary>
public sealed class RealIstioctlTests
{
    private static readonly IstioctlProgram? s_program = IstioctlProgram.TryFind();

    public static TheoryData<string> Documents() => new([.. OperatorGoldenTests.Goldens, .. OperatorOptions.All.Where(option => option.IsIn(IstioRelease.Parse("1.28.5-asm.12"))).Select(option => option.Name)]);

    [SkippableTheory]
    [MemberData(nameof(Documents))]
    public async Task Manifest_generate_accepts_it(string name)
    {
        Skip.If(s_program is null, "istioctl: there is none on PATH.");
        var settings = name.EndsWith(".yaml", StringComparison.Ordinal)
            ? OperatorGoldenTests.Settings(name)
            : OperatorGoldenTests.Settings("iop-gcp-crossproject-gcp_cas.yaml") with { Options = [name] };

        var objects = await ManifestRendering.RenderAsync(s_program, OperatorConfiguration.Build(settings), cluster: null, new RecordedLog(), CancellationToken.None);

        Assert.Contains(objects, obj => obj is { Kind: "Deployment", Name: "istiod-asm-1285-12" });
        Assert.Contains(objects, obj => obj.Kind is "CustomResourceDefinition");
    }
}
