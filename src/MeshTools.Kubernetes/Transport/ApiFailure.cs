using System.Net;
using System.Text;

namespace MeshTools.Kubernetes;

/// <summary>Turns a failed answer into the exception for it.</summary>
internal static class ApiFailure
{
    private const int ShownBody = 300;

    internal static KubernetesException From(
        ClientConfiguration configuration, ApiRequest request, HttpStatusCode code, byte[] body, TimeSpan? retryAfter, Uri? location)
    {
        var status = ReadStatus((int)code, body, retryAfter, location);
        var failure = new KubernetesApiException(code, status)
        {
            Endpoint = configuration.Server,
            ContextName = configuration.ContextName,
            Verb = request.Verb,
            ResourceType = request.ResourceType,
            Namespace = request.Namespace,
            Name = request.Name,
        };
        if (code != HttpStatusCode.NotFound || request.ResourceType is not { } type || !string.IsNullOrEmpty(status.Name))
            return failure;

        // 404 without an object's name: the path itself is unknown, so the kind is not served.
        return new KindNotServedException(type.ToString(), $"the server does not serve {type.Kind} ({type})", innerException: failure)
        {
            Endpoint = configuration.Server,
            ContextName = configuration.ContextName,
        };
    }

    internal static Status ReadStatus(int code, byte[] body, TimeSpan? retryAfter, Uri? location)
    {
        if (JsonAccess.TryParseObject(body) is { } json && json.FindString("kind") is "Status")
            return Status.FromJson(json, code, retryAfter);
        if (code is >= 300 and < 400 && location is not null)
        {
            // Without the query, which may hold what was sent.
            var target = location.IsAbsoluteUri ? location.GetLeftPart(UriPartial.Path) : location.OriginalString.Split('?')[0];
            return new Status(code, "", $"the server redirects to {target}, which is not followed: credentials go to no other host, and writes are sent once")
            {
                RetryAfter = retryAfter,
            };
        }

        var text = Printable(body);
        return new Status(code, ReasonOf(code), text.Length > 0 ? $"the server answered {code}: {text}" : $"the server answered {code} without an explanation")
        {
            RetryAfter = retryAfter,
        };
    }

    private static string ReasonOf(int code) => code switch
    {
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        409 => "Conflict",
        410 => "Gone",
        429 => "TooManyRequests",
        _ => "",
    };

    private static string Printable(byte[] body)
    {
        var text = Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, ShownBody)));
        var result = new StringBuilder(text.Length);
        foreach (var c in text)
            result.Append(char.IsControl(c) ? ' ' : c);
        return result.ToString().Trim();
    }
}
