using MeshTools.ControlPlane;

namespace MeshTools.Verify;

/// <summary>What to call, from where, and how often.</summary>
public sealed record ConnectivityOptions
{
    /// <summary>The Service that is called; Istio's sample unless told otherwise.</summary>
    public string Service { get; init; } = "helloworld";

    /// <summary>The namespace of the Service.</summary>
    public string Namespace { get; init; } = "sample";

    /// <summary>The port of the Service, 1 to 65535.</summary>
    public int Port { get; init; } = 5000;

    /// <summary>Path and query, starting with a slash.</summary>
    public string Path { get; init; } = "/hello";

    /// <summary>The namespace of the client; that of the Service when it is <see langword="null"/>.</summary>
    public string? ClientNamespace { get; init; }

    /// <summary>Selects the client's pods; those of Istio's samples <c>curl</c> and <c>sleep</c> unless told otherwise.</summary>
    public string ClientSelector { get; init; } = "app in (curl,sleep)";

    /// <summary>The container that has curl; <see langword="null"/> for the pod's default one.</summary>
    public string? ClientContainer { get; init; }

    /// <summary>Calls of every cluster; at least 1. More are made only while a target that should have had its turn has not answered.</summary>
    public int Count { get; init; } = 20;

    /// <summary>How long one call may take.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long to repeat the whole until every pair passes; zero for one time only.</summary>
    public TimeSpan Patience { get; init; }

    /// <summary>The control planes' namespace.</summary>
    public string ControlPlaneNamespace { get; init; } = ControlPlaneRevision.DefaultNamespace;

    /// <summary>Whether pairs that did not pass are reported as errors; clusters that cannot be read always are.</summary>
    public bool ReportPairs { get; init; } = true;

    /// <summary>Clusters that are worked on at a time.</summary>
    public int ThrottleLimit { get; init; } = 32;

    /// <summary>The full name of the Service.</summary>
    internal string Host => $"{Service}.{Namespace}.svc.cluster.local";

    internal string Url => FormattableString.Invariant($"http://{Service}.{Namespace}:{Port}{Path}");

    internal string EffectiveClientNamespace => ClientNamespace ?? Namespace;
}
