namespace MeshTools.GoogleCloud;

/// <summary>The Google Cloud APIs that this library speaks.</summary>
public enum GoogleApi
{
    /// <summary>Resource Manager: projects and their IAM policies.</summary>
    ResourceManager,

    /// <summary>Service Usage: which APIs a project has enabled.</summary>
    ServiceUsage,

    /// <summary>Google Kubernetes Engine.</summary>
    Container,

    /// <summary>GKE Hub: fleets.</summary>
    Hub,

    /// <summary>Mesh Config.</summary>
    MeshConfig,

    /// <summary>Certificate Authority Service.</summary>
    PrivateCa,

    /// <summary>IAM Credentials, for impersonation.</summary>
    IamCredentials,

    /// <summary>OAuth2: who a token stands for.</summary>
    OAuth2,
}
