namespace MeshTools.Errors;

/// <summary>One entry of the catalogue of errors.</summary>
/// <param name="Id">The id, stable across releases.</param>
/// <param name="Category">The category.</param>
/// <param name="Meaning">What it means, for the catalogue's page.</param>
/// <param name="RecommendedAction">What to do; one or two sentences.</param>
public sealed record ErrorDefinition(string Id, MeshErrorCategory Category, string Meaning, string RecommendedAction);

/// <summary>An error as a user meets it.</summary>
/// <param name="Definition">Its entry in the catalogue.</param>
/// <param name="Message">What was wrong, and where.</param>
/// <param name="RecommendedAction">What to do.</param>
/// <param name="Target">What it is about.</param>
/// <param name="Exception">The typed exception.</param>
public sealed record MeshError(ErrorDefinition Definition, string Message, string RecommendedAction, object? Target, Exception Exception)
{
    /// <summary>The id.</summary>
    public string Id => Definition.Id;

    /// <summary>The category.</summary>
    public MeshErrorCategory Category => Definition.Category;
}

/// <summary>Something this module itself finds wrong, as opposed to what a server or a file says.</summary>
public sealed class MeshException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="definition">Its entry in the catalogue.</param>
    /// <param name="message">What was wrong, and where.</param>
    /// <param name="target">What it is about.</param>
    /// <param name="recommendedAction">What to do; the catalogue's advice when absent.</param>
    /// <param name="innerException">What it came from.</param>
    public MeshException(ErrorDefinition definition, string message, object? target = null, string? recommendedAction = null, Exception? innerException = null)
        : base(message, innerException)
    {
        ArgumentNullException.ThrowIfNull(definition);
        Definition = definition;
        Target = target;
        RecommendedAction = recommendedAction ?? definition.RecommendedAction;
    }

    /// <summary>The entry in the catalogue.</summary>
    public ErrorDefinition Definition { get; }

    /// <summary>The id.</summary>
    public string ErrorId => Definition.Id;

    /// <summary>What it is about.</summary>
    public object? Target { get; }

    /// <summary>What to do.</summary>
    public string RecommendedAction { get; }
}
