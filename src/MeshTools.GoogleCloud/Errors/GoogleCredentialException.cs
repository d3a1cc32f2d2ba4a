namespace MeshTools.GoogleCloud;

/// <summary>What is wrong with the credential or with the settings around it.</summary>
public enum GoogleCredentialProblem
{
    /// <summary>There is none.</summary>
    NotFound,

    /// <summary>There is one that cannot be read or used.</summary>
    Unusable,

    /// <summary>Google gives no token for it.</summary>
    Refused,

    /// <summary>An environment variable or a setting of gcloud has a value that cannot be.</summary>
    ConfigurationInvalid,

    /// <summary>A token would have gone over an unencrypted connection to another machine.</summary>
    Unencrypted,
}

/// <summary>There is no token to send, or none may be sent.</summary>
public sealed class GoogleCredentialException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="problem">What is wrong.</param>
    /// <param name="message">The same with names; no secret.</param>
    /// <param name="innerException">What it came from.</param>
    public GoogleCredentialException(GoogleCredentialProblem problem, string message, Exception? innerException = null)
        : base(message, innerException) => Problem = problem;

    /// <summary>What is wrong.</summary>
    public GoogleCredentialProblem Problem { get; }
}
