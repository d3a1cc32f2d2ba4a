using System.Runtime.InteropServices;

namespace MeshTools.Kubernetes;

/// <summary>How a client behaves.</summary>
public sealed record KubernetesClientOptions
{
    /// <summary>The User-Agent header; by default <c>meshtools/VERSION (OS/ARCHITECTURE)</c>.</summary>
    public string UserAgent { get; init; } = DefaultUserAgent;

    /// <summary>The time one attempt of a request may take; watches and streams count only until they are open. 30 seconds by default.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The time a connection may take to be made, TLS included. 15 seconds by default.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a request is repeated; 10 by default, as in client-go (rest/with_retry.go).</summary>
    public int MaxRetries { get; init; } = 10;

    /// <summary>Requests a second that this client sends on its own account; 50 by default.</summary>
    public double RequestsPerSecond { get; init; } = 50;

    /// <summary>Requests it may send at once before that limit counts; 100 by default.</summary>
    public int Burst { get; init; } = 100;

    /// <summary>The clock of every delay and time-out.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Takes each warning of the server, once. Called on any thread.</summary>
    public Action<string>? OnWarning { get; init; }

    /// <summary>Takes a line whenever the server makes this client wait and try again. Called on any thread.</summary>
    public Action<string>? OnRetry { get; init; }

    /// <summary>Takes what a credential plugin prints to standard error while it succeeds. Called on any thread.</summary>
    public Action<string>? OnCredentialPluginMessage { get; init; }

    private static string DefaultUserAgent
    {
        get
        {
            var version = typeof(KubernetesClientOptions).Assembly.GetName().Version;
            var system = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
            return $"meshtools/{version?.ToString(3)} ({system}/{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()})";
        }
    }
}
