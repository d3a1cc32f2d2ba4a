namespace MeshTools.Reports;

// What a report says, as clean text; clusters are numbers into its list of clusters.

internal sealed record ReportCluster(int Number, string Name)
{
    /// <summary>Whether a result was about it; else it is only the other end of a remote secret.</summary>
    internal bool Known { get; init; } = true;

    internal string Network { get; init; } = "";

    internal string Platform { get; init; } = "";

    internal string KubernetesVersion { get; init; } = "";

    internal string Revision { get; init; } = "";

    internal string ClusterId { get; init; } = "";

    internal string MeshId { get; init; } = "";

    internal string TrustDomain { get; init; } = "";

    internal string Server { get; init; } = "";

    internal ReportState State { get; init; }
}

internal sealed record ReportLink(int From, int To, ReportState State)
{
    internal string Change { get; init; } = "";

    /// <summary>Whether it is gone, as somebody wished.</summary>
    internal bool IsRemoved { get; init; }

    internal string Sync { get; init; } = "";

    internal string Replicas { get; init; } = "";

    internal string Secret { get; init; } = "";

    internal string Server { get; init; } = "";

    internal string Reason { get; init; } = "";

    internal string Fix { get; init; } = "";
}

internal sealed record ReportCalls(int From, int To, ReportState State)
{
    internal int Calls { get; init; }

    internal int Succeeded { get; init; }

    internal string Versions { get; init; } = "";

    internal string Failures { get; init; } = "";

    internal TimeSpan? P50 { get; init; }

    internal TimeSpan? P95 { get; init; }

    internal string Hop { get; init; } = "";

    internal string Reason { get; init; } = "";

    internal string Fix { get; init; } = "";
}

/// <summary>All that is known of one direction between two clusters.</summary>
internal sealed record ReportPair(int From, int To, ReportState State, string Reason, string Fix);

internal sealed record ReportCheck(string Id, ReportState State, int Cluster, string Message)
{
    internal int? Peer { get; init; }

    internal string Object { get; init; } = "";

    internal string Evidence { get; init; } = "";

    internal string Fix { get; init; } = "";

    internal string Page { get; init; } = "";
}

internal sealed record ReportGateway(int Cluster, string Name, ReportState State)
{
    /// <summary>Whether it is gone, as somebody wished.</summary>
    internal bool IsRemoved { get; init; }

    internal string Network { get; init; } = "";

    internal string Form { get; init; } = "";

    internal string Revision { get; init; } = "";

    internal string Addresses { get; init; } = "";

    internal string Ports { get; init; } = "";

    internal string Change { get; init; } = "";

    internal string Problems { get; init; } = "";
}

internal sealed record ReportCertificate(int? Cluster, string Subject, ReportState State)
{
    internal string Role { get; init; } = "";

    internal string Authority { get; init; } = "";

    internal string Source { get; init; } = "";

    internal string Issuer { get; init; } = "";

    internal string Fingerprint { get; init; } = "";

    internal DateTimeOffset? NotAfter { get; init; }

    internal int? DaysLeft { get; init; }

    internal string Problems { get; init; } = "";
}

internal sealed record ReportError(string Id, int? Cluster, string Message, string Fix);

/// <summary>A result that has no section of its own: its type, and its simple properties.</summary>
internal sealed record ReportOther(string Kind, int? Cluster, string Text);

/// <summary>Something that deserves a look; findings with one reason and one remedy are one.</summary>
internal sealed record ReportFinding(int Number, ReportState State, string Where, string What, string Fix);
