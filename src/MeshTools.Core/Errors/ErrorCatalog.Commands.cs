using static MeshTools.Errors.MeshErrorCategory;

namespace MeshTools.Errors;

/// <content>Errors that only the commands can make.</content>
public static partial class ErrorCatalog
{
    /// <summary>A token is to be revoked in a cluster that nobody named.</summary>
    public static ErrorDefinition SourceClusterUnknown { get; } = new(nameof(SourceClusterUnknown), InvalidArgument,
        "A remote secret leads to a cluster that was not given, so its token cannot be revoked there.",
        "Pass that cluster as well: `Get-MeshCluster | Get-RemoteSecret | Remove-RemoteSecret -RevokeToken` with all clusters of the mesh.");

    /// <summary>One value for several clusters that must differ in it.</summary>
    public static ErrorDefinition ValueNotShareable { get; } = new(nameof(ValueNotShareable), InvalidArgument,
        "A value that belongs to one cluster was given for several.", "Run the command once for each cluster.");

    /// <summary>A question that nobody can be asked.</summary>
    public static ErrorDefinition ConfirmationImpossible { get; } = new(nameof(ConfirmationImpossible), InvalidOperation,
        "A change needs a confirmation, but this PowerShell cannot ask (it is not interactive).",
        "Give -Force, or -Confirm:$false; -WhatIf shows what would be done.");
}
