using System.Runtime.InteropServices;
using System.Security;

namespace MeshTools.Cmdlets;

/// <summary>A password for as long as it is needed, and no longer.</summary>
internal static class ClearText
{
    /// <summary>Runs something with a password's characters, which are cleared after it.</summary>
    internal static T Use<T>(SecureString? password, Func<char[]?, T> use)
    {
        if (password is null)
            return use(null);
        var characters = GC.AllocateArray<char>(password.Length, pinned: true);
        var memory = Marshal.SecureStringToGlobalAllocUnicode(password);
        try
        {
            Marshal.Copy(memory, characters, 0, characters.Length);
            return use(characters);
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(memory);
            Array.Clear(characters);
        }
    }
}
