namespace MeshTools.Lab;

/// <summary>What a faulty cluster does to a request.</summary>
public enum FaultKind
{
    /// <summary>The connection is aborted before anything is answered.</summary>
    Down,

    /// <summary>The request is answered after <see cref="Fault.Delay"/>.</summary>
    Slow,

    /// <summary>429 with a <c>Retry-After</c> header, as API priority and fairness answers.</summary>
    Throttle,

    /// <summary>500 (or 503, see <see cref="Fault.StatusCode"/>) with a Status body.</summary>
    ServerError,

    /// <summary>The connection is reset in the middle of the response body.</summary>
    Reset,

    /// <summary>403, word for word as RBAC answers.</summary>
    Forbidden,

    /// <summary>403 to whoever makes an object, as a ResourceQuota that is used up answers; a controller's pods are not made either.</summary>
    QuotaExceeded,

    /// <summary>403 to a write, as a validating webhook answers that does not like the object; a controller's pods are not made either.</summary>
    AdmissionRefused,

    /// <summary>Calls of other clusters to the cluster's load balancers get no answer, as behind a firewall. No request to the API server is hit.</summary>
    GatewayBlocked,

    /// <summary>Its sample workloads answer with <see cref="Fault.StatusCode"/>. No request to the API server is hit.</summary>
    AppError,
}
