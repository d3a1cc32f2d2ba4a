using System.Text.Json.Nodes;

namespace MeshTools.Lab;

/// <summary>Collects what is wrong with an object's fields, in the words of k8s.io/apimachinery/pkg/util/validation/field.</summary>
internal sealed class FieldFaults
{
    private readonly List<StatusCause> _causes = [];

    internal IReadOnlyList<StatusCause> Causes => _causes;

    internal void Invalid(string field, JsonNode? value, string problem) =>
        _causes.Add(new StatusCause("FieldValueInvalid", $"Invalid value: {Show(value)}: {problem}", field));

    internal void Invalid(string field, string value, string problem) => Invalid(field, JsonValue.Create(value), problem);

    internal void TypeInvalid(string field, string type, string problem) =>
        _causes.Add(new StatusCause("FieldValueTypeInvalid", $"Invalid value: \"{type}\": {problem}", field));

    internal void Required(string field, string problem = "") =>
        _causes.Add(new StatusCause("FieldValueRequired", problem.Length == 0 ? "Required value" : "Required value: " + problem, field));

    internal void Duplicate(string field, JsonNode? value) =>
        _causes.Add(new StatusCause("FieldValueDuplicate", "Duplicate value: " + Show(value), field));

    internal void TooLong(string field, long most) =>
        _causes.Add(new StatusCause("FieldValueTooLong", $"Too long: may not be more than {most} bytes", field));

    internal void Forbidden(string field, string problem) =>
        _causes.Add(new StatusCause("FieldValueForbidden", "Forbidden: " + problem, field));

    internal void NotSupported(string field, JsonNode? value, IEnumerable<string> supported) =>
        _causes.Add(new StatusCause(
            "FieldValueNotSupported",
            $"Unsupported value: {Show(value)}: supported values: {string.Join(", ", supported.Select(s => "\"" + s + "\""))}",
            field));

    internal void ThrowIfAny(ServedResource resource, string name)
    {
        if (_causes.Count > 0)
        {
            throw ApiStatusException.Invalid(resource.Group, resource.Kind, name, _causes);
        }
    }

    private static string Show(JsonNode? value) => value?.ToJsonString(Wire.SerializerOptions) ?? "null";
}
