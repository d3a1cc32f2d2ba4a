using System.Text;

namespace MeshTools.Kubernetes;

/// <summary>Builds API paths (client-go dynamic/simple.go). Names are checked before anything is sent (apimachinery api/validation/path).</summary>
internal static class ResourcePath
{
    internal static string Of(ResourceType type, string? @namespace, string? name = null, string? subresource = null)
    {
        ArgumentNullException.ThrowIfNull(type);
        var path = new StringBuilder(type.Group.Length == 0 ? "/api/" : "/apis/");
        if (type.Group.Length > 0)
            path.Append(Segment(type.Group, nameof(type))).Append('/');
        path.Append(Segment(type.Version, nameof(type)));
        if (!string.IsNullOrEmpty(@namespace))
        {
            if (!type.Namespaced)
                throw new ArgumentException($"{type.Kind} is not namespaced", nameof(@namespace));
            path.Append("/namespaces/").Append(Segment(@namespace, nameof(@namespace)));
        }
        else if (name is not null && type.Namespaced)
        {
            throw new ArgumentException($"a namespace is required for {type.Kind} {name}", nameof(@namespace));
        }

        path.Append('/').Append(Segment(type.Plural, nameof(type)));
        if (name is not null)
            path.Append('/').Append(Segment(name, nameof(name)));
        if (!string.IsNullOrEmpty(subresource))
        {
            foreach (var part in subresource.Split('/'))
                path.Append('/').Append(Segment(part, nameof(subresource)));
        }

        return path.ToString();
    }

    private static string Segment(string text, string parameter)
    {
        if (text.Length == 0 || text is "." or ".." || text.AsSpan().ContainsAny('/', '%'))
            throw new ArgumentException($"\"{text}\" cannot be part of an API path", parameter);
        return Uri.EscapeDataString(text);
    }
}
