namespace MeshTools.Errors;

/// <summary>The kind of an error; the names are those of PowerShell's <c>ErrorCategory</c>.</summary>
public enum MeshErrorCategory
{
    /// <summary>Nothing better fits.</summary>
    NotSpecified,

    /// <summary>No connection to an endpoint.</summary>
    ConnectionError,

    /// <summary>An argument that cannot be used.</summary>
    InvalidArgument,

    /// <summary>An object or a file whose content cannot be used.</summary>
    InvalidData,

    /// <summary>A step that the present state does not allow.</summary>
    InvalidOperation,

    /// <summary>An answer that is not what was asked for.</summary>
    InvalidResult,

    /// <summary>A program or an API that is not there.</summary>
    NotInstalled,

    /// <summary>An object that is not there.</summary>
    ObjectNotFound,

    /// <summary>Something did not become true in time.</summary>
    OperationTimeout,

    /// <summary>A text that cannot be parsed.</summary>
    ParserError,

    /// <summary>The user may not.</summary>
    PermissionDenied,

    /// <summary>Somebody else holds it.</summary>
    ResourceBusy,

    /// <summary>It is there already.</summary>
    ResourceExists,

    /// <summary>A server that cannot serve now.</summary>
    ResourceUnavailable,

    /// <summary>A check of identity failed.</summary>
    SecurityError,

    /// <summary>The credential was refused, or there is none.</summary>
    AuthenticationError,

    /// <summary>Too many requests.</summary>
    LimitsExceeded,
}
