namespace MeshTools.Kubernetes;

/// <summary>Which objects to list or watch.</summary>
public sealed record ListOptions
{
    /// <summary>For example <c>app=istiod,istio.io/rev in (a,b)</c>.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>For example <c>metadata.name=x</c>; which fields are allowed depends on the kind.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Objects a page; 500 by default, 0 for everything at once.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>The token of a further page, from <see cref="KubernetesList.Continue"/>.</summary>
    public string? Continue { get; init; }

    /// <summary>The collection's version to ask for; <see langword="null"/> for the newest, <c>0</c> for whatever the server has in its cache.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary><c>Exact</c> or <c>NotOlderThan</c>; only with <see cref="ResourceVersion"/>.</summary>
    public string? ResourceVersionMatch { get; init; }
}

/// <summary>What a server does about fields it does not know, or that are given twice.</summary>
public enum FieldValidation
{
    /// <summary>The request fails.</summary>
    Strict,

    /// <summary>The request succeeds with a warning.</summary>
    Warn,

    /// <summary>They are dropped.</summary>
    Ignore,
}

/// <summary>How to write.</summary>
public record WriteOptions
{
    /// <summary>The field manager: who owns the fields written. <c>meshtools</c> by default; at most 128 printable characters.</summary>
    public string FieldManager { get; init; } = "meshtools";

    /// <summary>Everything but storing the result.</summary>
    public bool DryRun { get; init; }

    /// <summary>What to do about unknown fields; <see cref="FieldValidation.Strict"/> by default.</summary>
    public FieldValidation FieldValidation { get; init; } = FieldValidation.Strict;

    /// <summary>The subresource to write, for example <c>status</c>; <see langword="null"/> for the object itself.</summary>
    public string? Subresource { get; init; }
}

/// <summary>How to apply.</summary>
public sealed record ApplyOptions : WriteOptions
{
    /// <summary>Take fields over from other managers instead of failing.</summary>
    public bool ForceConflicts { get; init; }

    /// <summary>Keep the object's <c>resourceVersion</c>, so that the apply fails when the object has changed since.</summary>
    public bool OptimisticLock { get; init; }
}

/// <summary>What happens to the objects that a deleted object owns.</summary>
public enum DeletionPropagation
{
    /// <summary>What is usual for the kind.</summary>
    Default,

    /// <summary>They go after it.</summary>
    Background,

    /// <summary>They go before it.</summary>
    Foreground,

    /// <summary>They stay.</summary>
    Orphan,
}

/// <summary>How to delete.</summary>
public sealed record DeleteOptions
{
    /// <summary>What happens to owned objects.</summary>
    public DeletionPropagation Propagation { get; init; }

    /// <summary>The time given to end by itself, in whole seconds; <see langword="null"/> for the object's own.</summary>
    public TimeSpan? GracePeriod { get; init; }

    /// <summary>Delete only what is meant; otherwise 409.</summary>
    public DeletePreconditions? Preconditions { get; init; }

    /// <summary>Everything but deleting.</summary>
    public bool DryRun { get; init; }
}

/// <summary>What must still be true of an object that is to be deleted.</summary>
/// <param name="Uid">Its UID.</param>
/// <param name="ResourceVersion">Its version.</param>
public sealed record DeletePreconditions(string? Uid = null, string? ResourceVersion = null);

/// <summary>What an apply did.</summary>
/// <param name="Object">The object as it is now.</param>
/// <param name="Created">Whether it was not there before.</param>
public sealed record ApplyResult(KubernetesObject Object, bool Created);

/// <summary>The version of an API server.</summary>
/// <param name="Major">For example <c>1</c>.</param>
/// <param name="Minor">For example <c>32</c>, on some platforms <c>32+</c>.</param>
/// <param name="GitVersion">For example <c>v1.32.4-gke.1200</c>.</param>
/// <param name="Platform">For example <c>linux/amd64</c>.</param>
public sealed record ServerVersion(string Major, string Minor, string GitVersion, string Platform);
