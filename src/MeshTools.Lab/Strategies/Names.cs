using System.Text.RegularExpressions;

namespace MeshTools.Lab;

/// <summary>What names may look like, in the words of k8s.io/apimachinery/pkg/util/validation.</summary>
internal static partial class Names
{
    private const string LabelPattern = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private const string SubdomainPattern = LabelPattern + "(\\." + LabelPattern + ")*";

    internal static string? SubdomainFault(string name) =>
        name.Length > 253 ? "must be no more than 253 bytes"
        : Subdomain().IsMatch(name) ? null
        : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character "
          + $"(e.g. 'example.com', regex used for validation is '{SubdomainPattern}')";

    internal static string? LabelFault(string name) =>
        name.Length > 63 ? "must be no more than 63 bytes"
        : Label().IsMatch(name) ? null
        : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character "
          + $"(e.g. 'my-name',  or '123-abc', regex used for validation is '{LabelPattern}')";

    internal static string? Rfc1035Fault(string name) =>
        name.Length > 63 ? "must be no more than 63 bytes"
        : Rfc1035().IsMatch(name) ? null
        : "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character "
          + "(e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

    internal static string? PathSegmentFault(string name) => name switch
    {
        "." or ".." => $"may not be '{name}'",
        _ when name.Contains('/', StringComparison.Ordinal) => "may not contain '/'",
        _ when name.Contains('%', StringComparison.Ordinal) => "may not contain '%'",
        _ => null,
    };

    internal static string? DataKeyFault(string key) =>
        key.Length > 253 ? "must be no more than 253 bytes"
        : key is "." or ".." || key.StartsWith("..", StringComparison.Ordinal) ? $"must not be '{(key.Length > 2 ? ".." : key)}'"
        : DataKey().IsMatch(key) ? null
        : "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

    internal static string? LabelValueFault(string value) =>
        value.Length > 63 ? "must be no more than 63 bytes"
        : LabelValue().IsMatch(value) ? null
        : "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
          + "(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    /// <summary>A label or annotation key: an optional DNS prefix, a slash, a name.</summary>
    internal static string? QualifiedNameFault(string key)
    {
        const string Rule = "consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
            + "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
        var parts = key.Split('/');
        if (parts.Length > 2)
        {
            return "a qualified name must " + Rule + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
        }

        if (parts.Length == 2)
        {
            if (parts[0].Length == 0)
            {
                return "prefix part must be non-empty";
            }

            if (SubdomainFault(parts[0]) is { } fault)
            {
                return "prefix part " + fault;
            }
        }

        var name = parts[^1];
        if (name.Length == 0)
        {
            return "name part must be non-empty";
        }

        return name.Length > 63 ? "name part must be no more than 63 bytes" : QualifiedName().IsMatch(name) ? null : "name part must " + Rule;
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Subdomain();

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?\\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Label();

    [GeneratedRegex("^[a-z]([-a-z0-9]*[a-z0-9])?\\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Rfc1035();

    [GeneratedRegex("^[-._a-zA-Z0-9]+\\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DataKey();

    [GeneratedRegex("^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LabelValue();

    [GeneratedRegex("^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex QualifiedName();
}
