namespace MeshTools.Lab;
public sealed class RbacAuthorizer(ObjectStore store) : IAuthorizer
{
    public bool IsAllowed(Identity identity, AccessRequest request) { _ = store; return identity.Groups.Contains("system:masters"); }
}
