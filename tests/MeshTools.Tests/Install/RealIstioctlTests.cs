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

    public static TheoryData<string> Options() => new([.. OperatorOptions.All.Where(option => option.IsIn(IstioRelease.Parse("1.28.5-asm.12"))).Select(option => option.Name)]);

    public static TheoryData<string> Goldens() => new([.. OperatorGoldenTests.Goldens]);

    [SkippableTheory]
    [MemberData(nameof(Goldens))]
    public Task Manifest_generate_accepts_the_configuration_of_every_authority_and_platform(string golden) => AcceptsAsync(OperatorGoldenTests.Settings(golden));

    [SkippableTheory]
    [MemberData(nameof(Options))]
    public async Task Manifest_generate_accepts_the_option_with_every_authority_and_platform(string option)
    {
        foreach (var golden in OperatorGoldenTests.Goldens)
            await AcceptsAsync(OperatorGoldenTests.Settings(golden) with { Options = [option] });
    }

    private static async Task AcceptsAsync(OperatorSettings settings)
    {
        Skip.If(s_program is null, "istioctl: there is none on PATH.");

        var objects = await ManifestRendering.RenderAsync(s_program, OperatorConfiguration.Build(settings), cluster: null, new RecordedLog(), CancellationToken.None);

        Assert.Contains(objects, obj => obj is { Kind: "Deployment", Name: "istiod-asm-1285-12" });
        Assert.Contains(objects, obj => obj.Kind is "CustomResourceDefinition");
    }
}
