namespace MeshTools.Lab;

/// <summary>What may refuse a write that is otherwise in order.</summary>
internal interface IWriteAdmission
{
    /// <summary>Lets a write pass, or throws.</summary>
    /// <param name="operation">create, update or delete.</param>
    /// <param name="group">The API group.</param>
    /// <param name="plural">The resource.</param>
    /// <param name="name">The object.</param>
    /// <exception cref="ApiStatusException">403 when it is refused.</exception>
    void Check(string operation, string group, string plural, string name);
}
