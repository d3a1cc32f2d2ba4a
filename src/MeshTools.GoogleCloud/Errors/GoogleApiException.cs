using System.Net;

namespace MeshTools.GoogleCloud;

/// <summary>
/// An answer of a Google API that says no, or an operation that ended with an error (<c>google.rpc.Status</c>, https://cloud.google.com/apis/design/errors).
/// </summary>
public sealed class GoogleApiException : Exception
{
    internal GoogleApiException(GoogleError error, string message, Exception? innerException = null)
        : base(message, innerException) => Error = error;

    /// <summary>The whole answer.</summary>
    public GoogleError Error { get; }

    /// <summary>The HTTP status; <see langword="null"/> for an error of an operation or of the connection.</summary>
    public HttpStatusCode? StatusCode => Error.HttpStatus;

    /// <summary>The canonical code, for example <c>PERMISSION_DENIED</c>; empty when there is none.</summary>
    public string Status => Error.Status;

    /// <summary>Google's reason (<c>ErrorInfo</c>), for example <c>SERVICE_DISABLED</c>; empty when there is none.</summary>
    public string Reason => Error.Reason;

    /// <summary>The domain of the reason, for example <c>googleapis.com</c>; empty when there is none.</summary>
    public string Domain => Error.Domain;

    /// <summary>The page that Google gives for it.</summary>
    public Uri? DocumentationUri => Error.HelpLinks.Count > 0 ? Error.HelpLinks[0] : null;

    /// <summary>The API that said it.</summary>
    public GoogleApi? Api { get; init; }

    /// <summary>The resource that was asked for, for example <c>projects/my-project</c>.</summary>
    public string? Resource { get; init; }

    /// <summary>The API that is not enabled, when that is the reason.</summary>
    public string? DisabledService => Error.DisabledService;

    /// <summary>The permission that is missing, when Google names it.</summary>
    public string? MissingPermission => Error.Metadata.GetValueOrDefault("permission");

    /// <summary>Whether something is not there.</summary>
    public bool IsNotFound => string.Equals(Status, "NOT_FOUND", StringComparison.Ordinal) || StatusCode is HttpStatusCode.NotFound;

    /// <summary>Whether the caller may not.</summary>
    public bool IsPermissionDenied => string.Equals(Status, "PERMISSION_DENIED", StringComparison.Ordinal) || StatusCode is HttpStatusCode.Forbidden;

    /// <summary>Whether the token was refused.</summary>
    public bool IsUnauthenticated => string.Equals(Status, "UNAUTHENTICATED", StringComparison.Ordinal) || StatusCode is HttpStatusCode.Unauthorized;

    /// <summary>Whether it is there already; another change at the same time has HTTP status 409 too and is not that.</summary>
    public bool IsAlreadyExists => string.Equals(Status, "ALREADY_EXISTS", StringComparison.Ordinal);

    /// <summary>Whether somebody else changed it at the same time: the whole read, change and write is to be done again.</summary>
    public bool IsConcurrentChange => string.Equals(Status, "ABORTED", StringComparison.Ordinal)
        || StatusCode is HttpStatusCode.PreconditionFailed
        || (StatusCode is HttpStatusCode.Conflict && !IsAlreadyExists)
        || (StatusCode is HttpStatusCode.BadRequest && Error.Message.Contains("fingerprint", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether there were too many requests, or a quota is used up.</summary>
    public bool IsQuota => StatusCode is HttpStatusCode.TooManyRequests || string.Equals(Status, "RESOURCE_EXHAUSTED", StringComparison.Ordinal)
        || Reason is "RATE_LIMIT_EXCEEDED" or "RESOURCE_QUOTA_EXCEEDED" or "CONCURRENT_OPERATIONS_QUOTA_EXCEEDED";
}
