using System.Globalization;
using System.Text.RegularExpressions;
using MeshTools.ControlPlane;
using MeshTools.Errors;

namespace MeshTools.Install;

/// <summary>A release of Istio, or of Cloud Service Mesh, whose versions are Istio's with an own number behind them: <c>1.28.5-asm.12</c>.</summary>
public sealed partial record IstioRelease
{
    private IstioRelease(string text, int major, int minor, int patch, string suffix)
    {
        Text = text;
        Major = major;
        Minor = minor;
        Patch = patch;
        Suffix = suffix;
    }

    /// <summary>The version as it is written, and as images are tagged.</summary>
    public string Text { get; }

    /// <summary>The first number.</summary>
    public int Major { get; }

    /// <summary>The second number, which decides over compatibility.</summary>
    public int Minor { get; }

    /// <summary>The third number; 0 where there is none.</summary>
    public int Patch { get; }

    /// <summary>What follows the numbers, without its hyphen: <c>asm.12</c>, <c>alpha.3</c>, or nothing.</summary>
    public string Suffix { get; }

    /// <summary>Whether it is a release of Cloud Service Mesh.</summary>
    public bool IsCloudServiceMesh => AsmRevision is not null;

    /// <summary>The number of the Cloud Service Mesh release, 12 in <c>1.28.5-asm.12</c>.</summary>
    public int? AsmRevision => Suffix.StartsWith("asm.", StringComparison.Ordinal) && int.TryParse(Suffix.AsSpan(4), CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Where its images are.</summary>
    public string Hub => IsCloudServiceMesh ? "gke.gcr.io/asm" : "docker.io/istio";

    /// <summary>
    /// The revision that an installation of this release gets: <c>asm-1285-12</c> for <c>1.28.5-asm.12</c>, as asmcli names it, and <c>1-30-3</c> for <c>1.30.3</c>, as
    /// Istio's documentation does.
    /// </summary>
    public string DefaultRevision => IsCloudServiceMesh
        ? string.Create(CultureInfo.InvariantCulture, $"asm-{Major}{Minor}{Patch}-{AsmRevision}")
        : Text.Replace('.', '-').ToLowerInvariant();

    /// <summary>Whether istioctl of this release replaces lists when it merges IstioOperators; before 1.24 it merged some by key (operator/pkg/util/merge_iop.go).</summary>
    public bool ReplacesLists => Major > 1 || (Major == 1 && Minor >= 24);

    /// <summary>Reads a version.</summary>
    /// <param name="text">For example <c>1.28.5-asm.12</c> or <c>1.30.3</c>.</param>
    /// <returns>The release.</returns>
    /// <exception cref="MeshException">It is no version (<c>ReleaseInvalid</c>).</exception>
    public static IstioRelease Parse(string text) => TryParse(text) ?? throw new MeshException(ErrorCatalog.ReleaseInvalid, $"'{text}' is no version of Istio or Cloud Service Mesh", text);

    /// <summary>Reads a version.</summary>
    /// <param name="text">For example <c>1.28.5-asm.12</c> or <c>1.30.3</c>.</param>
    /// <returns>The release; <see langword="null"/> when it is no version.</returns>
    public static IstioRelease? TryParse(string? text)
    {
        var match = Form().Match(text ?? "");
        return match.Success
            ? new IstioRelease(text!, Number(match.Groups["major"]), Number(match.Groups["minor"]), match.Groups["patch"].Success ? Number(match.Groups["patch"]) : 0, match.Groups["suffix"].Value)
            : null;
    }

    /// <summary>Whether an istioctl of a version may install this release: the very same version.</summary>
    /// <param name="istioctl">The version that istioctl says it has.</param>
    /// <returns>Whether it may.</returns>
    public bool IsInstalledBy(IstioRelease istioctl)
    {
        ArgumentNullException.ThrowIfNull(istioctl);
        return Major == istioctl.Major && Minor == istioctl.Minor && Patch == istioctl.Patch && string.Equals(Suffix, istioctl.Suffix, StringComparison.Ordinal);
    }

    /// <summary>Whether this release is newer than another.</summary>
    /// <param name="other">Another.</param>
    /// <returns>Whether it is.</returns>
    public bool IsNewerThan(IstioRelease other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return (Major, Minor, Patch, AsmRevision ?? 0).CompareTo((other.Major, other.Minor, other.Patch, other.AsmRevision ?? 0)) > 0;
    }

    /// <summary>Whether a revision may stand in names and labels.</summary>
    /// <param name="revision">The revision.</param>
    /// <exception cref="MeshException">It may not (<c>RevisionInvalid</c>).</exception>
    public static void RequireRevision(string revision)
    {
        ArgumentNullException.ThrowIfNull(revision);
        // The Service is called istiod-REVISION, and a label's value is the revision itself.
        if (!Clusters.DnsLabel.IsValid(revision) || revision.Length > Clusters.DnsLabel.MaximumLength - "istiod-".Length)
            throw new MeshException(ErrorCatalog.RevisionInvalid, $"'{revision}' cannot be a revision", revision);
    }

    /// <summary>The revision as istioctl is told it: empty for <c>default</c>.</summary>
    internal static string SpecRevision(string revision) => revision is ControlPlaneRevision.DefaultRevision ? "" : revision;

    /// <summary>The version.</summary>
    /// <returns>The version.</returns>
    public override string ToString() => Text;

    private static int Number(Group group) => int.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<major>\d{1,4})\.(?<minor>\d{1,4})(?:\.(?<patch>\d{1,4}))?(?:-(?<suffix>[0-9A-Za-z][0-9A-Za-z.-]{0,40}))?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Form();
}
