using Microsoft.AspNetCore.Http;

namespace MeshTools.Lab;

/// <summary>A request's path, taken apart by the rules of k8s.io/apiserver/pkg/endpoints/request/requestinfo.go.</summary>
internal sealed record RequestPath
{
    internal required bool IsResource { get; init; }

    internal required string Verb { get; init; }

    internal required string Path { get; init; }

    internal string Group { get; init; } = "";

    internal string Version { get; init; } = "";

    internal string? Namespace { get; init; }

    internal string Resource { get; init; } = "";

    internal string Subresource { get; init; } = "";

    internal string Name { get; init; } = "";

    /// <summary>What follows the subresource (proxy paths).</summary>
    internal string Rest { get; init; } = "";

    internal AccessRequest ToAccessRequest() => IsResource
        ? new AccessRequest(Verb, Group, Resource, Subresource, Namespace ?? "", Name, null, Version)
        : new AccessRequest(Verb, "", "", "", "", "", Path);

    internal static RequestPath Parse(HttpRequest request)
    {
        var path = request.Path.Value ?? "/";
        var method = request.Method;
        var nonResource = new RequestPath { IsResource = false, Path = path, Verb = method.ToLowerInvariant() };
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 3 || parts[0] is not ("api" or "apis"))
        {
            return nonResource;
        }

        var index = 1;
        var group = "";
        if (parts[0].Length == 4)
        {
            if (parts.Length < 4)
            {
                return nonResource;
            }

            group = parts[index++];
        }

        var version = parts[index++];
        if (index >= parts.Length)
        {
            return nonResource;
        }

        string? @namespace = null;
        string resource;
        if (parts[index] is "namespaces")
        {
            // /namespaces/NAME and its subresources are about the namespace itself.
            if (index + 2 < parts.Length && parts[index + 2] is not ("status" or "finalize"))
            {
                @namespace = parts[index + 1];
                index += 2;
            }
            else if (index + 1 < parts.Length)
            {
                @namespace = parts[index + 1];
            }
        }

        resource = parts[index++];
        var name = index < parts.Length ? parts[index++] : "";
        var subresource = index < parts.Length ? parts[index++] : "";
        var rest = index < parts.Length ? string.Join('/', parts[index..]) : "";
        return new RequestPath
        {
            IsResource = true,
            Path = path,
            Group = group,
            Version = version,
            Namespace = @namespace,
            Resource = resource,
            Name = name,
            Subresource = subresource,
            Rest = rest,
            Verb = VerbOf(request, name),
        };
    }

    private static string VerbOf(HttpRequest request, string name)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        {
            return name.Length > 0 ? "get" : IsTrue(request.Query["watch"]) ? "watch" : "list";
        }

        if (HttpMethods.IsPost(request.Method))
        {
            return "create";
        }

        if (HttpMethods.IsPut(request.Method))
        {
            return "update";
        }

        if (HttpMethods.IsPatch(request.Method))
        {
            return "patch";
        }

        if (HttpMethods.IsDelete(request.Method))
        {
            return name.Length > 0 ? "delete" : "deletecollection";
        }

        return request.Method.ToLowerInvariant();
    }

    /// <summary>Go's reading of a boolean query value: present and empty is true.</summary>
    internal static bool IsTrue(Microsoft.Extensions.Primitives.StringValues value) =>
        value.Count > 0 && value[0] is not ("false" or "0");
}
