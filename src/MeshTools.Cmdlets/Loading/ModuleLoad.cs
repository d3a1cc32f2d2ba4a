using System.Management.Automation;

namespace MeshTools.Cmdlets;

/// <summary>Puts the resolver in place while the module is imported. Nothing else happens at import: no file is read and nothing is loaded.</summary>
public sealed class ModuleLoad : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnImport() => ModuleAssemblies.Offer();

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) => ModuleAssemblies.Withdraw();
}
