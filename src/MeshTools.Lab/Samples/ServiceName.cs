namespace MeshTools.Lab;

/// <summary>A Service as its DNS name says it.</summary>
internal readonly record struct ServiceName(string Name, string Namespace)
{
    /// <summary>The full name.</summary>
    public string Host => $"{Name}.{Namespace}.svc.cluster.local";

    /// <summary>Reads the forms that a pod's resolver completes: NAME[.NAMESPACE[.svc[.cluster.local]]]; null for any other name.</summary>
    public static ServiceName? Parse(string host, string ownNamespace)
    {
        var parts = host.TrimEnd('.').ToLowerInvariant().Split('.');
        return parts.Contains(string.Empty, StringComparer.Ordinal) ? null : parts switch
        {
            [var name] => new ServiceName(name, ownNamespace),
            [var name, var home] => new ServiceName(name, home),
            [var name, var home, "svc"] => new ServiceName(name, home),
            [var name, var home, "svc", "cluster", "local"] => new ServiceName(name, home),
            _ => null,
        };
    }
}
