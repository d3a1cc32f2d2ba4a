using Microsoft.AspNetCore.Http;

namespace MeshTools.Lab;

/// <summary>Acting as somebody else, by headers (k8s.io/apiserver/pkg/endpoints/filters/impersonation.go).</summary>
internal static class Impersonation
{
    private const string ExtraPrefix = "Impersonate-Extra-";

    /// <exception cref="ApiStatusException">403 when the caller may not, 500 when groups come without a user (as a real server has it).</exception>
    internal static Identity Apply(HttpRequest request, Identity caller, IAuthorizer authorizer)
    {
        var user = request.Headers["Impersonate-User"].ToString();
        var uid = request.Headers["Impersonate-Uid"].ToString();
        var groups = request.Headers["Impersonate-Group"].OfType<string>().ToArray();
        var extra = request.Headers.Where(header => header.Key.StartsWith(ExtraPrefix, StringComparison.OrdinalIgnoreCase)).ToArray();
        if (user.Length == 0)
        {
            return groups.Length == 0 && uid.Length == 0 && extra.Length == 0
                ? caller
                : throw new ApiStatusException(500, "InternalError", "Internal error occurred: requested " + "[" + string.Join(' ', groups) + "] without impersonating a user");
        }

        var parts = user.Split(':');
        var isAccount = parts is ["system", "serviceaccount", _, _];
        if (isAccount)
        {
            Check(caller, authorizer, "", "serviceaccounts", "", parts[2], parts[3]);
        }
        else
        {
            Check(caller, authorizer, "", "users", "", "", user);
        }

        foreach (var group in groups)
        {
            Check(caller, authorizer, "", "groups", "", "", group);
        }

        if (uid.Length > 0)
        {
            Check(caller, authorizer, "authentication.k8s.io", "uids", "", "", uid);
        }

        var extras = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var (name, values) in extra)
        {
            var key = Uri.UnescapeDataString(name[ExtraPrefix.Length..].ToLowerInvariant());
            foreach (var value in values.OfType<string>())
            {
                Check(caller, authorizer, "authentication.k8s.io", "userextras", key, "", value);
            }

            extras[key] = values.OfType<string>().ToArray();
        }

        var effective = groups.ToList();
        if (effective.Count == 0 && isAccount)
        {
            effective.Add("system:serviceaccounts");
            effective.Add("system:serviceaccounts:" + parts[2]);
        }

        if (user is not "system:anonymous" && !effective.Contains("system:authenticated"))
        {
            effective.Add("system:authenticated");
        }

        return new Identity(user, uid, effective, extras);
    }

    private static void Check(Identity caller, IAuthorizer authorizer, string group, string resource, string subresource, string @namespace, string name)
    {
        if (!authorizer.IsAllowed(caller, new AccessRequest("impersonate", group, resource, subresource, @namespace, name)))
        {
            var where = @namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{@namespace}\"";
            throw ApiStatusException.Forbidden(group, resource, name, $"User \"{caller.Name}\" cannot impersonate resource \"{resource}\" in API group \"{group}\" {where}");
        }
    }
}
