namespace MeshTools.Lab;

/// <summary>
/// Takes rights away before RBAC is asked, so that a <see cref="FaultKind.Forbidden"/> request gets its answer from the very code that
/// answers a real denial, and access reviews agree with it.
/// </summary>
internal sealed class FaultAuthorizer(FaultRules faults, IAuthorizer inner) : IAuthorizer
{
    private readonly AsyncLocal<bool> forbidden = new();

    /// <summary>Marks the request that the current flow of execution is answering.</summary>
    public void ForbidCurrentRequest() => forbidden.Value = true;

    public bool IsAllowed(Identity identity, AccessRequest request) =>
        !forbidden.Value && !ForbiddenForEver(request) && inner.IsAllowed(identity, request);

    private bool ForbiddenForEver(AccessRequest request)
    {
        var resource = request.Subresource.Length == 0 ? request.Resource : request.Resource + "/" + request.Subresource;
        return faults.Active.Any(fault => fault is { Kind: FaultKind.Forbidden, Times: null } && FaultRules.Matches(fault, request.Verb, resource));
    }
}
