using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshTools.Kubernetes;

/// <summary>What a plain YAML scalar means to Kubernetes: the rules of go-yaml v2 (resolve.go), which sigs.k8s.io/yaml keeps.</summary>
internal static class YamlScalar
{
    internal enum Meaning
    {
        Text,
        Null,
        Boolean,
        Integer,
        Float,
    }

    /// <summary>Resolves a plain scalar.</summary>
    /// <param name="text">The scalar as written.</param>
    /// <param name="value">Its value; null for text, for null and for the not-a-numbers that JSON cannot hold.</param>
    /// <returns>What it is.</returns>
    internal static Meaning Resolve(string text, out JsonValue? value)
    {
        value = null;
        if (text.Length == 0)
            return Meaning.Null;

        switch (text[0])
        {
            case 'y' or 'Y' or 'n' or 'N' or 't' or 'T' or 'f' or 'F' or 'o' or 'O' or '~':
                return ResolveWord(text, out value);
            case '.':
                if (IsNotANumber(text))
                    return Meaning.Float;
                return TryDouble(text, out value) ? Meaning.Float : Meaning.Text;
            case '+' or '-' or (>= '0' and <= '9'):
                if (IsNotANumber(text))
                    return Meaning.Float;
                return ResolveNumber(text.Replace("_", "", StringComparison.Ordinal), out value);
            default:
                return Meaning.Text;
        }
    }

    private static Meaning ResolveWord(string text, out JsonValue? value)
    {
        value = null;
        switch (text)
        {
            case "~" or "null" or "Null" or "NULL":
                return Meaning.Null;
            case "y" or "Y" or "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON":
                value = JsonValue.Create(true);
                return Meaning.Boolean;
            case "n" or "N" or "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF":
                value = JsonValue.Create(false);
                return Meaning.Boolean;
            default:
                return Meaning.Text;
        }
    }

    private static bool IsNotANumber(string text) =>
        text is ".nan" or ".NaN" or ".NAN" or ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" or "-.inf" or "-.Inf" or "-.INF";

    private static Meaning ResolveNumber(string text, out JsonValue? value)
    {
        if (TryInteger(text, out value))
            return Meaning.Integer;
        return TryDouble(text, out value) ? Meaning.Float : Meaning.Text;
    }

    /// <summary>Go's strconv.ParseInt and ParseUint with base 0: 0x, 0o, 0b and a leading 0 for octal.</summary>
    private static bool TryInteger(string text, out JsonValue? value)
    {
        value = null;
        var index = text[0] is '+' or '-' ? 1 : 0;
        var negative = text[0] == '-';
        var radix = 10u;
        if (text.Length - index > 1 && text[index] == '0')
        {
            radix = text[index + 1] switch { 'x' or 'X' => 16, 'o' or 'O' => 8, 'b' or 'B' => 2, _ => 8 };
            index += char.IsAsciiLetter(text[index + 1]) ? 2 : 1;
        }

        if (index >= text.Length)
            return false;

        ulong number = 0;
        for (; index < text.Length; index++)
        {
            var digit = char.IsAsciiHexDigit(text[index]) ? (uint)Convert.ToInt32(text[index].ToString(), 16) : uint.MaxValue;
            if (digit >= radix || number > (ulong.MaxValue - digit) / radix)
                return false;
            number = (number * radix) + digit;
        }

        if (negative)
        {
            if (number > 1UL << 63)
                return false;
            value = JsonValue.Create(number == 1UL << 63 ? long.MinValue : -(long)number);
        }
        else if (number <= long.MaxValue)
        {
            value = JsonValue.Create((long)number);
        }
        else if (text[0] == '+')
        {
            // ParseUint takes no sign.
            return false;
        }
        else
        {
            value = JsonValue.Create(number);
        }

        return true;
    }

    /// <summary>go-yaml's yamlStyleFloat: [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?. What overflows stays text.</summary>
    private static bool TryDouble(string text, out JsonValue? value)
    {
        value = null;
        var index = text[0] is '+' or '-' ? 1 : 0;
        var digits = Digits(text, ref index);
        if (index < text.Length && text[index] == '.')
        {
            index++;
            digits += Digits(text, ref index);
        }

        if (digits == 0)
            return false;
        if (index < text.Length && text[index] is 'e' or 'E')
        {
            index++;
            if (index < text.Length && text[index] is '+' or '-')
                index++;
            if (Digits(text, ref index) == 0)
                return false;
        }

        if (index != text.Length || !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || double.IsInfinity(number))
            return false;
        value = JsonValue.Create(number);
        return true;
    }

    private static int Digits(string text, ref int index)
    {
        var start = index;
        while (index < text.Length && char.IsAsciiDigit(text[index]))
            index++;
        return index - start;
    }
}
