namespace MeshTools.Lab;

/// <summary>What is asked for, in RBAC's terms.</summary>
/// <param name="Verb">get, list, watch, create, update, patch, delete, deletecollection, or a lower-case HTTP method for a non-resource path.</param>
/// <param name="Group">API group.</param>
/// <param name="Resource">Plural resource, empty for a non-resource request.</param>
/// <param name="Subresource">Subresource, or empty.</param>
/// <param name="Namespace">Namespace, or empty at cluster scope.</param>
/// <param name="Name">Object name, or empty.</param>
/// <param name="Path">The path of a non-resource request, else null.</param>
/// <param name="Version">API version.</param>
public sealed record AccessRequest(
    string Verb,
    string Group,
    string Resource,
    string Subresource,
    string Namespace,
    string Name,
    string? Path = null,
    string Version = "");

/// <summary>Decides who may do what.</summary>
public interface IAuthorizer
{
    /// <summary>True when allowed.</summary>
    bool IsAllowed(Identity identity, AccessRequest request);
}
