namespace MeshTools.GoogleCloud;

/// <summary>How a client finds its credential and behaves.</summary>
public sealed record GoogleCloudOptions
{
    /// <summary>The environment that variables are read from.</summary>
    public GoogleEnvironment Environment { get; init; } = new();

    /// <summary>A ready access token; wins over everything else.</summary>
    public string? AccessToken { get; init; }

    /// <summary>A credential file: service account key, user, external account or impersonation.</summary>
    public string? CredentialFile { get; init; }

    /// <summary>The service account to act as.</summary>
    public string? ImpersonateServiceAccount { get; init; }

    /// <summary>How often a request is repeated that Google could not serve; 5 by default.</summary>
    public int MaxRetries { get; init; } = 5;

    /// <summary>The time one attempt may take, 60 seconds by default; Mesh Config's initialization has ten minutes.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The first pause before a repetition or between two looks at an operation; it grows from there. One second by default.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The time an operation may take; 20 minutes by default.</summary>
    public TimeSpan OperationTimeout { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>The clock of every delay and time-out.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Takes a line whenever Google makes this client wait and try again. Called on any thread.</summary>
    public Action<string>? OnRetry { get; init; }

    /// <summary>Takes a line at each look at an operation that still runs. Called on any thread.</summary>
    public Action<GoogleOperationProgress>? OnProgress { get; init; }
}

/// <summary>How far an operation is.</summary>
/// <param name="Activity">What it does: the API and the resource.</param>
/// <param name="Status">What Google says about it.</param>
/// <param name="Elapsed">How long it has been waited for.</param>
public sealed record GoogleOperationProgress(string Activity, string Status, TimeSpan Elapsed);
