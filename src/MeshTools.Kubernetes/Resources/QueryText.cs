using System.Text;

namespace MeshTools.Kubernetes;

/// <summary>Collects the query of a request.</summary>
internal sealed class QueryText(string path)
{
    private readonly StringBuilder _text = new(path);
    private bool _any = path.Contains('?', StringComparison.Ordinal);

    internal QueryText Add(string name, string? value)
    {
        if (string.IsNullOrEmpty(value))
            return this;
        return AddEven(name, value);
    }

    /// <summary>Adds the value even when it is empty: an empty argument of a command is one.</summary>
    internal QueryText AddEven(string name, string value)
    {
        _text.Append(_any ? '&' : '?').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        _any = true;
        return this;
    }

    internal QueryText AddIf(bool condition, string name, string value) => condition ? Add(name, value) : this;

    public override string ToString() => _text.ToString();
}
