using System.Reflection;
using System.Runtime.Loader;

namespace MeshTools.Cmdlets;

/// <summary>
/// Holds this module's libraries and what they depend on, apart from those of PowerShell and of other modules: two modules may use two versions of YamlDotNet. The files are in
/// <c>lib</c>, where nothing else looks for them.
/// </summary>
internal sealed class ModuleAssemblies : AssemblyLoadContext
{
    // What may be asked for from outside: the assemblies whose types the cmdlets' parameters and outputs have. Never a dependency, which another module may ask for too.
    private static readonly HashSet<string> Offered = new(StringComparer.OrdinalIgnoreCase) { "MeshTools.Core", "MeshTools.GoogleCloud", "MeshTools.Kubernetes" };

    // One for the life of the process: objects that a session still holds must stay of the same types after the module is removed and imported again.
    private static readonly ModuleAssemblies Instance = new(
        Path.Combine(Path.GetDirectoryName(typeof(ModuleAssemblies).Assembly.Location)!, "lib"));

    private readonly string _directory;

    private ModuleAssemblies(string directory)
        : base("MeshTools") => _directory = directory;

    internal static void Offer() => Default.Resolving += Resolve;

    internal static void Withdraw() => Default.Resolving -= Resolve;

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var path = Path.Combine(_directory, assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }

    private static Assembly? Resolve(AssemblyLoadContext context, AssemblyName name) =>
        name.Name is { } simple && Offered.Contains(simple) ? Instance.LoadFromAssemblyName(name) : null;
}
