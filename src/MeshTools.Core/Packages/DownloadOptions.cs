using MeshTools.GoogleCloud;

namespace MeshTools.Packages;

/// <summary>How downloads behave.</summary>
public sealed record DownloadOptions
{
    /// <summary>The environment that proxies are read from.</summary>
    public GoogleEnvironment Environment { get; init; } = new();

    /// <summary>How often in a row a download is taken up again that brought nothing new; 5 by default.</summary>
    public int MaxRetries { get; init; } = 5;

    /// <summary>The pause before the first repetition; each further one takes twice as long, up to 32 seconds. One second by default.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a server may send nothing; 60 seconds by default.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The clock of every delay.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
