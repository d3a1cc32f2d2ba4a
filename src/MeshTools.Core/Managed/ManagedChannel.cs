namespace MeshTools.Managed;

/// <summary>Which releases a managed control plane gets, and how soon.</summary>
public enum ManagedChannel
{
    /// <summary>Releases that have been proven for a while: revision <c>asm-managed</c>.</summary>
    Regular,

    /// <summary>Releases as soon as they are out: revision <c>asm-managed-rapid</c>.</summary>
    Rapid,

    /// <summary>Releases that have been proven the longest: revision <c>asm-managed-stable</c>.</summary>
    Stable,
}

/// <summary>The names that channels have.</summary>
internal static class ManagedChannels
{
    internal const string RegularRevision = "asm-managed";

    /// <summary>The revision of a channel (asmcli, map_channel_name).</summary>
    internal static string RevisionOf(ManagedChannel channel) => channel switch
    {
        ManagedChannel.Rapid => RegularRevision + "-rapid",
        ManagedChannel.Stable => RegularRevision + "-stable",
        _ => RegularRevision,
    };

    /// <summary>As <c>spec.channel</c> of a ControlPlaneRevision has it.</summary>
    internal static string NameOf(ManagedChannel channel) => channel switch
    {
        ManagedChannel.Rapid => "rapid",
        ManagedChannel.Stable => "stable",
        _ => "regular",
    };

    /// <summary>The channel that a cluster's control plane gets, by the release channel of the cluster itself: without one, or with another one, the regular (asmcli, get_cr_channel).</summary>
    internal static ManagedChannel OfGke(string? releaseChannel) => releaseChannel?.ToUpperInvariant() switch
    {
        "RAPID" => ManagedChannel.Rapid,
        "STABLE" => ManagedChannel.Stable,
        _ => ManagedChannel.Regular,
    };

    /// <summary>The channel of that name; <see langword="null"/> for none of them.</summary>
    internal static ManagedChannel? Parse(string? name) => Enum.TryParse<ManagedChannel>(name, ignoreCase: true, out var channel) && Enum.IsDefined(channel) ? channel : null;
}
