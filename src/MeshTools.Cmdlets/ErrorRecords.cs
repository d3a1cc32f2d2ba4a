using System.Management.Automation;
using MeshTools.Errors;

namespace MeshTools.Cmdlets;

/// <summary>Turns failures into error records by the catalogue of errors. The typed exception stays reachable.</summary>
internal static class ErrorRecords
{
    internal static ErrorRecord From(Exception exception, object? target)
    {
        var error = ErrorCatalog.Describe(exception, target);
        return new ErrorRecord(error.Exception, error.Id, Enum.Parse<ErrorCategory>(error.Category.ToString()), error.Target)
        {
            ErrorDetails = new ErrorDetails(Redaction.Apply(error.Message)) { RecommendedAction = Redaction.Apply(error.RecommendedAction) },
        };
    }
}
