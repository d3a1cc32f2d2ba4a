using System.Diagnostics;

namespace MeshTools.Lab;

/// <summary>Watches for the end of the process that a lab belongs to.</summary>
internal static class ParentProcess
{
    /// <summary>Opens a process.</summary>
    /// <exception cref="UsageException">There is no such process.</exception>
    public static Process Open(int id)
    {
        try
        {
            return Process.GetProcessById(id);
        }
        catch (ArgumentException exception)
        {
            throw new UsageException($"There is no process {id} to belong to.", exception);
        }
    }
}
