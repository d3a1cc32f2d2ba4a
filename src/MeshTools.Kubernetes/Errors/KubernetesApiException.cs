using System.Net;

namespace MeshTools.Kubernetes;

/// <summary>The API server answered, and the answer is a failure.</summary>
public class KubernetesApiException : KubernetesException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="statusCode">The HTTP status code.</param>
    /// <param name="status">The API's answer.</param>
    public KubernetesApiException(HttpStatusCode statusCode, Status status)
        : base((status ?? throw new ArgumentNullException(nameof(status))).Message, innerException: null)
    {
        StatusCode = statusCode;
        Status = status;
    }

    /// <summary>The HTTP status code.</summary>
    public HttpStatusCode StatusCode { get; }

    /// <summary>The API's answer.</summary>
    public Status Status { get; }

    /// <summary>The API verb: <c>get list watch create update patch delete</c>.</summary>
    public string Verb { get; init; } = "";

    /// <summary>What was asked for; <see langword="null"/> for paths that are no resource.</summary>
    public ResourceType? ResourceType { get; init; }

    /// <summary>The namespace of the request; <see langword="null"/> for cluster-wide ones.</summary>
    public string? Namespace { get; init; }

    /// <summary>The name of the request; <see langword="null"/> for collections.</summary>
    public string? Name { get; init; }

    /// <summary>The user as the server saw it, where its message says so (403).</summary>
    public string? User => QuotedAfter(Message, "User \"");

    /// <summary>404 of an object (not of a kind that is not served).</summary>
    public bool IsNotFound => Is("NotFound") || (Status.Reason.Length == 0 && StatusCode == HttpStatusCode.NotFound);

    /// <summary>409 because of a stale version, a precondition, or a field of another manager.</summary>
    public bool IsConflict => Is("Conflict");

    /// <summary>409 because the object is there already.</summary>
    public bool IsAlreadyExists => Is("AlreadyExists");

    /// <summary>403.</summary>
    public bool IsForbidden => StatusCode == HttpStatusCode.Forbidden;

    /// <summary>401.</summary>
    public bool IsUnauthorized => StatusCode == HttpStatusCode.Unauthorized;

    /// <summary>410: a version or a continue token is too old.</summary>
    public bool IsExpired => StatusCode == HttpStatusCode.Gone || Is("Expired") || Is("Gone");

    /// <summary>422: the object does not pass validation; the causes say which fields.</summary>
    public bool IsInvalid => StatusCode == HttpStatusCode.UnprocessableEntity;

    /// <summary>403 of a ResourceQuota; the API has no reason of its own for it, only words (kubernetes plugin/pkg/admission/resourcequota/controller.go).</summary>
    public bool IsQuotaExceeded => IsForbidden && Status.Message.Contains("exceeded quota:", StringComparison.Ordinal);

    /// <summary>
    /// A webhook or a ValidatingAdmissionPolicy denied the request, with whatever status it chose (kubernetes pkg/admission/plugin/webhook/errors/statuserror.go and
    /// pkg/admission/plugin/policy/validating/dispatcher.go).
    /// </summary>
    public bool IsAdmissionRefused =>
        Status.Message.Contains("admission webhook \"", StringComparison.Ordinal)
        || (Status.Message.Contains("ValidatingAdmissionPolicy '", StringComparison.Ordinal) && Status.Message.Contains("denied request", StringComparison.Ordinal));

    /// <summary>429.</summary>
    public bool IsThrottled => StatusCode == HttpStatusCode.TooManyRequests;

    /// <summary>5xx.</summary>
    public bool IsServerError => (int)StatusCode >= 500;

    /// <summary>The namespace of the request does not exist.</summary>
    public bool NamespaceMissing =>
        Is("NotFound") && Status.Kind is "namespaces" && Namespace is not null && string.Equals(Status.Name, Namespace, StringComparison.Ordinal);

    /// <summary>The namespace of the request is being deleted and takes nothing new.</summary>
    public bool NamespaceTerminating
    {
        get
        {
            foreach (var cause in Status.Causes)
            {
                if (string.Equals(cause.Reason, "NamespaceTerminating", StringComparison.Ordinal))
                    return true;
            }

            return false;
        }
    }

    /// <summary>An apply met fields that other managers own.</summary>
    public bool IsFieldConflict => FieldConflicts.Count > 0;

    /// <summary>The fields of an apply that other managers own, in the server's order; empty for every other failure.</summary>
    public IReadOnlyList<FieldConflict> FieldConflicts
    {
        get
        {
            var conflicts = new List<FieldConflict>();
            foreach (var cause in Status.Causes)
            {
                // The manager stands only in the message: conflict with "kubectl" using apps/v1 at 2026-...
                if (string.Equals(cause.Reason, "FieldManagerConflict", StringComparison.Ordinal))
                    conflicts.Add(new FieldConflict(QuotedAfter(cause.Message, "conflict with \"") ?? cause.Message, cause.Field));
            }

            return conflicts;
        }
    }

    private bool Is(string reason) => string.Equals(Status.Reason, reason, StringComparison.Ordinal);

    private static string? QuotedAfter(string text, string opening)
    {
        var start = text.IndexOf(opening, StringComparison.Ordinal);
        if (start < 0)
            return null;
        start += opening.Length;

        // Names are Go-quoted, so an inner quote is escaped.
        var end = start;
        while (end < text.Length && text[end] != '"')
            end += text[end] == '\\' ? 2 : 1;
        return end < text.Length ? text[start..end].Replace("\\\"", "\"", StringComparison.Ordinal) : null;
    }
}
